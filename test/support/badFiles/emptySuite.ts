/** A table without rows: its suite has no test. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const rows: readonly number[] = [];
const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums.run();

const table = suite("table");
for (const row of rows) table(`row ${row}`, () => assert.is(row, row));
table.run();
