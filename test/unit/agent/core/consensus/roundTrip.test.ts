/** For how long an item must be held: what a slow voter, a liar and a clock do to it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  hasCompletenessForce,
  holdingAgeMs,
  MAX_ROUND_TRIP_MS,
  roundTripMs,
} from "../../../../../agent/core/consensus/roundTrip.ts";

const roundTrip = suite("round trip");

/** Longest round trips to the others, voters, and the estimate. */
const ESTIMATES: readonly (readonly [string, readonly (number | null)[], number, number])[] = [
  ["nobody else", [], 1, 0],
  ["the only other", [40], 2, 40],
  ["the longest where nobody may lie", [10, 30], 3, 30],
  ["the longest but one of four", [10, 900, 30], 4, 30],
  ["the longest but two of seven", [1, 2, 3, 4, 800, 900], 7, 4],
  ["one never measured, as the longest", [10, null, 30], 4, 30],
  ["two never measured", [10, null, null], 4, MAX_ROUND_TRIP_MS],
  ["one beyond the bound", [10, 60_000, 60_000], 4, MAX_ROUND_TRIP_MS],
  ["one below zero", [-5, -5, -5], 4, 0],
];
for (const [what, longest, voters, estimate] of ESTIMATES)
  roundTrip(`is estimated with ${what}`, () => {
    assert.is(roundTripMs(longest, voters), estimate);
  });

/** Grace, round trip, and for how long an item must be held. */
const AGES: readonly (readonly [number, number, number])[] = [
  [30_000, 0, 15_000],
  [30_000, 14_000, 15_000],
  [30_000, 16_000, 16_000],
  [500, 40, 250],
  [500, 250, 250],
  [500, 600, 600],
  [600, 290, 300],
  [1_500, 700, 750],
  [1_500, 760, 760],
];
for (const [graceMs, tripMs, ageMs] of AGES)
  roundTrip(`asks of an item ${ageMs} ms with a grace of ${graceMs} ms and ${tripMs} ms`, () => {
    assert.is(holdingAgeMs(graceMs, tripMs), ageMs);
  });

roundTrip("leaves a DSO whose clock is a quarter of the grace ahead the time to hear of an item", () => {
  for (const graceMs of [500, 1_000, 30_000])
    for (const tripMs of [0, 50, 200, 1_000]) {
      const skewMs = Math.min(500, graceMs / 4);
      assert.ok(holdingAgeMs(graceMs, tripMs) >= skewMs + tripMs / 2);
    }
});

roundTrip("is too long for the rule when nothing published at once can be held for long enough", () => {
  assert.ok(hasCompletenessForce(30_000, 500));
  assert.ok(hasCompletenessForce(500, 250));
  assert.not.ok(hasCompletenessForce(500, 400));
  assert.not.ok(hasCompletenessForce(30_000, 25_000));
});

roundTrip.run();
