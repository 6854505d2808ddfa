/** Intervals of Unix time: [k · intervalMs, (k + 1) · intervalMs). Core knows no time zone. */
import { type IntervalIndex, intervalIndex, type UnixMs, unixMs } from "../units.ts";

/** @param at an instant @param intervalMs length of an interval @returns the interval that contains it */
export function intervalAt(at: UnixMs, intervalMs: number): IntervalIndex {
  return intervalIndex(Math.floor(at / intervalMs));
}

/** @param interval a number @param intervalMs length of an interval @returns its first instant */
export function intervalStartMs(interval: IntervalIndex, intervalMs: number): UnixMs {
  return unixMs(interval * intervalMs);
}

/** @param interval a number @param intervalMs length of an interval @returns the first instant after it */
export function intervalEndMs(interval: IntervalIndex, intervalMs: number): UnixMs {
  return unixMs((interval + 1) * intervalMs);
}

/** @param interval a number @param steps how many later @returns the interval that many later */
export function laterInterval(interval: IntervalIndex, steps: number): IntervalIndex {
  return intervalIndex(interval + steps);
}

/**
 * How far from the boundary a boundary sample may be taken.
 *
 * @param intervalMs length of an interval
 * @returns ms: 1 s or 1 % of the interval, whichever is longer
 * @source docs/market.md, "Quantities"
 */
export function boundaryToleranceMs(intervalMs: number): number {
  return Math.max(1_000, Math.floor(intervalMs / 100));
}
