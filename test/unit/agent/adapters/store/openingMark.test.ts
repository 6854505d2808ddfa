/** How often a ledger ended the process that opened it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clearOpening, markOpening } from "../../../../../agent/adapters/store/openingMark.ts";
import { withTemporaryDirectory } from "../../../../support/temporaryDirectory.ts";

const mark = suite("opening mark");

const withLedger = (use: (directory: string) => Promise<void>) => () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "ledger");
    await mkdir(directory);
    await use(directory);
  });

mark(
  "counts the openings that nothing came of",
  withLedger(async (directory) => {
    assert.is(await markOpening(directory, "boot-1"), 0);
    assert.is(await markOpening(directory, "boot-1"), 1);
    assert.is(await markOpening(directory, "boot-1"), 2);
  }),
);

mark(
  "begins anew once the ledger has shown that it works, and after the machine started again",
  withLedger(async (directory) => {
    await markOpening(directory, "boot-1");
    await clearOpening(directory);
    assert.is(await markOpening(directory, "boot-1"), 0);
    assert.is(await markOpening(directory, "boot-2"), 0);
  }),
);

mark(
  "a mark that cannot be read counts nothing",
  withLedger(async (directory) => {
    for (const text of ["", "boot-1", "boot-1 many", "\0\0\0\0"]) {
      await writeFile(`${directory}.opening`, text);
      assert.is(await markOpening(directory, "boot-1"), 0, text);
    }
  }),
);
mark.run();
