/** Campaigns resume where they stopped and add up. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { appendToCampaign, CHUNK_SEEDS, chunksLeft, readCampaign, reportLines } from "../../sim/campaign.ts";
import { type Chunk, runChunk } from "../../sim/chunk.ts";
import { parseCommand } from "../../sim/options.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const campaign = suite("campaign");

const WANTED: Chunk = { mode: "safety", from: 0, to: 129, members: null, byzantine: null };
const line = (from: number, to: number, sources = "now") => ({
  chunk: { ...WANTED, from, to },
  tallies: [],
  failures: [],
  tookMs: 1,
  sources,
});
const ranges = (chunks: readonly Chunk[]) => chunks.map(({ from, to }) => [from, to]);

campaign("parts its seeds into chunks", () => {
  assert.equal(ranges(chunksLeft(WANTED, [], "now")), [
    [0, CHUNK_SEEDS - 1],
    [CHUNK_SEEDS, 2 * CHUNK_SEEDS - 1],
    [2 * CHUNK_SEEDS, 129],
  ]);
});

campaign("runs what is left of the same kind on the same sources", () => {
  const lines = [
    line(0, 49),
    line(60, 69),
    line(100, 129, "before"),
    { ...line(50, 59), chunk: { ...WANTED, from: 50, to: 59, members: 4 } },
  ];
  assert.equal(ranges(chunksLeft(WANTED, lines, "now")), [
    [50, 59],
    [70, 119],
    [120, 129],
  ]);
});

campaign("adds up what its file holds, and passes over a torn last line", () =>
  withTemporaryDirectory(async (directory) => {
    const file = join(directory, "deep", "campaign.jsonl");
    assert.equal(readCampaign(file), []);
    for (const from of [0, 2])
      appendToCampaign(file, { ...runChunk({ ...WANTED, members: 3, from, to: from + 1 }), sources: "now" });
    appendFileSync(file, '{"chunk":');
    const lines = readCampaign(file);
    assert.is(lines.length, 2);
    const report = reportLines(lines).join("\n");
    assert.match(report, /safety +3 +4 +0 /);
    assert.match(report, "safety: 4 seeds");
  }),
);

campaign("is asked for on the command line", () => {
  assert.equal(parseCommand(["--campaign", "safety", "--seeds", "0..129", "--workers", "1"]), {
    kind: "campaign",
    chunk: WANTED,
    file: ".sim/campaign.jsonl",
    workers: 1,
  });
  assert.throws(() => parseCommand(["--campaign", "safety"]), /--seeds A..B/);
  assert.throws(() => parseCommand(["--seed", "x"]), /whole number/);
});

campaign.run();
