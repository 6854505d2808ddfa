/** A database gets its name only when it is complete. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ensureDatabase } from "../../../../../agent/adapters/store/newDatabase.ts";
import { withTemporaryDirectory } from "../../../../support/temporaryDirectory.ts";

const made = suite("new database");

const create = async (directory: string) => {
  await writeFile(join(directory, "CURRENT"), "made");
};

made("an empty directory gets a complete database, also over the remains of an attempt that was cut", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "ledger");
    await mkdir(directory);
    await mkdir(`${directory}.new`);
    await writeFile(join(`${directory}.new`, "MANIFEST-000001"), "");
    await ensureDatabase(directory, create);
    assert.equal(await readdir(parent), ["ledger"]);
    assert.equal(await readdir(directory), ["CURRENT"]);
  }),
);

made("one that failed leaves the directory empty, so that the next start makes it", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "ledger");
    await mkdir(directory);
    const failure = new Error("cut");
    const failed = await ensureDatabase(directory, () => Promise.reject(failure)).catch((error) => error);
    assert.is(failed, failure);
    assert.equal(await readdir(directory), []);
  }),
);

made("a database that is there is left alone", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "ledger");
    await mkdir(directory);
    await writeFile(join(directory, "CURRENT"), "old");
    await ensureDatabase(directory, create);
    assert.is(await readFile(join(directory, "CURRENT"), "utf8"), "old");
  }),
);
made.run();
