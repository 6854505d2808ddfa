/** What campaigns came to is written down once, and the document says what is written down. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runChunk } from "../../sim/chunk.ts";
import { parseCommand } from "../../sim/options.ts";
import {
  mergedRecords,
  type Recorded,
  readRecords,
  recordedTable,
  recordsOf,
  writeRecords,
} from "../../sim/recorded.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const recorded = suite("recorded campaigns");

const DOCUMENT = fileURLToPath(new URL("../../../docs/simulator.md", import.meta.url));
const RECORD: Recorded = {
  mode: "safety",
  sources: "a",
  date: "2026-01-01",
  seeds: 1_200,
  failed: 0,
  heights: 5_000,
  settledReadings: 20_000,
  coreSeconds: 60,
};

recorded("stand in the document as they stand in the file", () => {
  const table = recordedTable(readRecords()).join("\n");
  assert.ok(readFileSync(DOCUMENT, "utf8").includes(table), `docs/simulator.md must contain\n${table}`);
});

recorded("add up chunks of one mode and one version of the sources", () => {
  const chunk = { mode: "liar", members: 4, byzantine: null } as const;
  const lines = [0, 2].map((from) => ({ ...runChunk({ ...chunk, from, to: from + 1 }), sources: "a" }));
  const [record, ...others] = recordsOf(lines, "2026-01-02");
  assert.equal(others, []);
  assert.is(record?.seeds, 4);
  assert.is(record?.failed, 0);
  assert.ok((record?.heights ?? 0) > 4);
});

recorded("of the same mode and sources keep the one with more seeds", () => {
  const more = { ...RECORD, seeds: 2_000, date: "2026-01-02" };
  assert.equal(mergedRecords([RECORD], [more]), [more]);
  assert.equal(mergedRecords([more], [RECORD]), [more]);
  assert.is(mergedRecords([RECORD], [{ ...RECORD, sources: "b" }]).length, 2);
});

recorded("make one row of each mode", () => {
  const [, , row] = recordedTable([RECORD, { ...RECORD, sources: "b", date: "2026-01-03" }]);
  assert.is(row, "| safety | 2,400 | 0 | 10,000 | 40,000 | 20.0 | 2 | 2026-01-03 |");
});

recorded("are read as they were written", () =>
  withTemporaryDirectory(async (directory) => {
    const file = join(directory, "campaigns.json");
    writeRecords([RECORD], file);
    assert.equal(readRecords(file), [RECORD]);
  }),
);

recorded("are written by a command", () => {
  assert.equal(parseCommand(["--record"]), { kind: "record", file: ".sim/campaign.jsonl" });
});

recorded.run();
