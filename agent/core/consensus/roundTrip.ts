/**
 * How long another voter may need to get what this one holds, and for how long it must therefore have been held
 * before its lack in a block is anybody's fault.
 *
 * @source docs/protocol.md, "No censorship"
 */
import { maxFaulty } from "./quorum.ts";

/** Longest round trip that is assumed: that of a voter nobody has measured, and of one that takes longer. */
export const MAX_ROUND_TRIP_MS = 10_000;
/** How far a DSO's clock may be ahead without being recalled for it: a quarter of the grace, half a second at most. */
const CLOCK_SKEW_SHARE = 1 / 4;
const MAX_CLOCK_SKEW_MS = 500;

/**
 * Estimates the round trip to the voters: the longest of late, but for the f longest, since a liar can take as long
 * as it likes to answer. One that was not measured counts as the longest.
 *
 * @param longestMs per other voter the longest of its last round trips in ms; null while it was never measured
 * @param voterCount of the height, this gateway included
 * @returns ms, at most {@link MAX_ROUND_TRIP_MS}
 */
export function roundTripMs(longestMs: readonly (number | null)[], voterCount: number): number {
  const descending = longestMs
    .map((ms) => Math.min(Math.max(ms ?? MAX_ROUND_TRIP_MS, 0), MAX_ROUND_TRIP_MS))
    .sort((left, right) => right - left);
  return descending[Math.min(maxFaulty(voterCount), descending.length - 1)] ?? 0;
}

/**
 * For how long an item must be held before it counts as omitted. Whoever holds it passes it on at once; after half a
 * round trip the DSO has it, and its proposal is on the way for as long; and its clock may be ahead. Half of this would
 * let a member that sends at the last moment depose an honest DSO.
 *
 * @param graceMs of the interval
 * @param roundTrip as {@link roundTripMs} estimates it
 * @returns ms
 */
export function holdingAgeMs(graceMs: number, roundTrip: number): number {
  const skewMs = Math.min(MAX_CLOCK_SKEW_MS, graceMs * CLOCK_SKEW_SHARE);
  return Math.max(graceMs / 2, roundTrip, skewMs + roundTrip / 2);
}

/**
 * @param graceMs of the interval
 * @param roundTrip as {@link roundTripMs} estimates it
 * @returns false when the street is too slow for its interval: nothing can be held for long enough, so that the rule
 *   recalls nobody and a DSO may leave out what it likes from a block of round 0
 */
export function hasCompletenessForce(graceMs: number, roundTrip: number): boolean {
  return holdingAgeMs(graceMs, roundTrip) + roundTrip / 2 <= graceMs;
}
