/** Intervals are half open and never overlap. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boundaryToleranceMs,
  intervalAt,
  intervalEndMs,
  intervalStartMs,
  laterInterval,
} from "../../../../../agent/core/metering/interval.ts";
import { intervalIndex, unixMs } from "../../../../../agent/core/units.ts";
import { failsWith } from "../../../../support/failure.ts";

const QUARTER_MS = 900_000;
const intervals = suite("intervals");

intervals("contain their first instant and not the one after their last", () => {
  const k = intervalIndex(1_893_456);
  const start = intervalStartMs(k, QUARTER_MS);
  const end = intervalEndMs(k, QUARTER_MS);
  assert.is(end - start, QUARTER_MS);
  assert.is(intervalAt(start, QUARTER_MS), k);
  assert.is(intervalAt(unixMs(end - 1), QUARTER_MS), k);
  assert.is(intervalAt(end, QUARTER_MS), k + 1);
  assert.is(intervalAt(unixMs(start - 1), QUARTER_MS), k - 1);
  assert.is(laterInterval(k, 2), k + 2);
});

intervals("begin at whole quarters of an hour of UTC", () => {
  const at = unixMs(Date.UTC(2026, 6, 1, 12, 44, 59, 999));
  assert.is(intervalStartMs(intervalAt(at, QUARTER_MS), QUARTER_MS), Date.UTC(2026, 6, 1, 12, 30));
});

intervals("of the epoch's first instant is 0", () => assert.is(intervalAt(unixMs(0), 1_000), 0));

intervals("beyond what an instant can say are refused, not rounded", async () => {
  await failsWith(() => intervalEndMs(intervalIndex(2 ** 53 - 1), QUARTER_MS), "UNIT_OUT_OF_RANGE");
  await failsWith(() => laterInterval(intervalIndex(2 ** 53 - 1), 1), "UNIT_OUT_OF_RANGE");
});

intervals("tolerate boundary samples within 1 s or 1 % of their length, whichever is longer", () => {
  assert.is(boundaryToleranceMs(1_000), 1_000);
  assert.is(boundaryToleranceMs(99_999), 1_000);
  assert.is(boundaryToleranceMs(100_100), 1_001);
  assert.is(boundaryToleranceMs(900_000), 9_000);
  assert.is(boundaryToleranceMs(86_400_000), 864_000);
});

intervals.run();
