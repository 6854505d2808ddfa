import { suite } from "uvu";
import * as assert from "uvu/assert";
import { graceMs, roundTimeoutMs } from "../../../../../agent/core/consensus/timing.ts";
import { round } from "../../../../../agent/core/units.ts";
import { failsWith } from "../../../../support/failure.ts";

const timing = suite("timing");

const lasts = (intervalMs: number, atRound: number, recentProposalDelaysMs: readonly number[] = []): number =>
  roundTimeoutMs({ intervalMs, round: round(atRound), recentProposalDelaysMs });

timing("grants a tenth of the interval as grace, within half a second and half a minute", () => {
  assert.is(graceMs(1_000), 500);
  assert.is(graceMs(5_000), 500);
  assert.is(graceMs(60_000), 6_000);
  assert.is(graceMs(900_000), 30_000);
});

timing("starts with a fifth of the interval, within one and three seconds", () => {
  assert.is(lasts(4_000, 0), 1_000);
  assert.is(lasts(10_000, 0), 2_000);
  assert.is(lasts(900_000, 0), 3_000);
});

timing("lasts half as long again with each round", () => {
  assert.equal(
    [0, 1, 2, 3, 4].map((atRound) => lasts(900_000, atRound)),
    [3_000, 4_500, 6_750, 10_125, 15_188],
  );
});

timing("never lasts longer than a minute or an interval, in any round", () => {
  assert.is(lasts(900_000, 8), 60_000);
  assert.is(lasts(900_000, 5_000), 60_000);
  assert.is(lasts(5_000, 4), 5_000);
  assert.is(lasts(500, 0), 500);
});

timing("waits four times the slow end of recent proposals when that is longer", () => {
  assert.is(lasts(900_000, 0, [100, 200]), 3_000);
  assert.is(lasts(900_000, 0, [2_000, 100]), 8_000);
});

timing("passes over the slowest of a hundred proposals, not over the second", () => {
  const quick = Array.from({ length: 99 }, () => 10);
  assert.is(lasts(900_000, 0, [...quick, 9_000]), 3_000);
  assert.is(lasts(900_000, 0, [...quick.slice(1), 9_000, 9_000]), 36_000);
});

timing("refuses what is no duration", async () => {
  for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await failsWith(() => graceMs(wrong), "CONSENSUS_OUT_OF_RANGE");
    await failsWith(() => lasts(wrong, 0), "CONSENSUS_OUT_OF_RANGE");
  }
  await failsWith(() => lasts(1_000, 0, [-1]), "CONSENSUS_OUT_OF_RANGE");
});

timing.run();
