/** Ledgers that are set aside: under which name, how many, and what is left of them when room is needed. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { emptySetAside, ledgersSetAside, setAside } from "../../../../agent/adapters/store/quarantine.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const NOW_MS = Date.UTC(2026, 10, 26, 10, 48, 20, 500);
const test = suite("quarantine");

async function ledgerIn(parent: string, content: string): Promise<string> {
  const directory = join(parent, "ledger");
  await mkdir(directory);
  await writeFile(join(directory, "000005.ldb"), content);
  return directory;
}

test("renames a ledger under the time, with all that is in it", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = await ledgerIn(parent, "blocks");
    const path = await setAside(directory, NOW_MS);
    assert.is(path, join(parent, "ledger.damaged-20261126T104820Z"));
    assert.is(await readFile(join(path ?? "", "000005.ldb"), "utf8"), "blocks");
    assert.equal(await readdir(parent), ["ledger.damaged-20261126T104820Z"]);
  }));

test("keeps the newest three, also of one second, and nothing else is touched", () =>
  withTemporaryDirectory(async (parent) => {
    await mkdir(join(parent, "keys"));
    await writeFile(join(parent, "ledger.txt"), "");
    for (const [count, atMs] of [NOW_MS, NOW_MS, NOW_MS, NOW_MS + 60_000, NOW_MS + 86_400_000].entries())
      await setAside(await ledgerIn(parent, String(count)), atMs);
    const names = await ledgersSetAside(join(parent, "ledger"));
    assert.equal(names, [
      "ledger.damaged-20261126T104820Z-03",
      "ledger.damaged-20261126T104920Z",
      "ledger.damaged-20261127T104820Z",
    ]);
    assert.equal((await readdir(parent)).sort(), ["keys", ...names, "ledger.txt"].sort());
  }));

test("says when there is no ledger to set aside", () =>
  withTemporaryDirectory(async (parent) => {
    assert.is(await setAside(join(parent, "ledger"), NOW_MS), null);
    assert.equal(await ledgersSetAside(join(parent, "nowhere", "ledger")), []);
  }));

test("gives up what was set aside when room is needed; the names stay as witnesses", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = await ledgerIn(parent, "12345");
    await setAside(directory, NOW_MS);
    await ledgerIn(parent, "in use");
    assert.is(await emptySetAside(directory), 5);
    assert.is((await ledgersSetAside(directory)).length, 1);
    assert.is(await readFile(join(directory, "000005.ldb"), "utf8"), "in use");
    assert.is(await emptySetAside(directory), 0);
  }));

test.run();
