/** Accepted readings that no block contains yet, per interval and member; bounded in both. */
import type { MemberId } from "../core/membership/address.ts";
import type { SignedReading } from "../core/metering/reading.ts";
import { contradicts } from "../core/metering/validate.ts";
import type { IntervalIndex } from "../core/units.ts";
import { accept, ignore, type Verdict } from "../core/verdict.ts";
import type { ReadingsHeld } from "../core/wire/syncRequest.ts";

/** Codes a reading is not pooled with. */
export type PoolRefusal = "READING_DUPLICATE" | "READING_CONTRADICTED" | "READING_TOO_FAR";

/** Readings waiting for a block. */
export type ReadingPool = {
  /** Takes a reading that was judged; a second, different one of its member and interval voids both. */
  readonly add: (signed: SignedReading) => Verdict<SignedReading, PoolRefusal>;
  /** @returns what may be proposed for that interval, in member order */
  readonly of: (interval: IntervalIndex) => readonly SignedReading[];
  /** @returns whose readings are here, also voided ones, oldest interval first */
  readonly held: () => readonly ReadingsHeld[];
  /** Forgets what lies before that interval. */
  readonly forgetBefore: (interval: IntervalIndex) => void;
};

/** Intervals ahead of the oldest unsettled one that are kept: a block's worth and what is being measured. */
const MAX_INTERVALS = 98;

/** @param onContradiction hears of two different readings of one member and interval @returns an empty pool */
export function readingPool(
  onContradiction: (first: SignedReading, second: SignedReading) => void = () => {},
): ReadingPool {
  const intervals = new Map<IntervalIndex, Map<MemberId, SignedReading | "contradicted">>();
  return {
    add: (signed) => {
      const { interval, member } = signed.reading;
      const readings = intervals.get(interval) ?? new Map<MemberId, SignedReading | "contradicted">();
      const held = readings.get(member);
      if (held === "contradicted") return ignore("READING_CONTRADICTED", member);
      if (held !== undefined && !contradicts(held, signed)) return ignore("READING_DUPLICATE");
      if (!intervals.has(interval) && intervals.size >= MAX_INTERVALS) return ignore("READING_TOO_FAR");
      intervals.set(interval, readings.set(member, held === undefined ? signed : "contradicted"));
      if (held !== undefined) onContradiction(held, signed);
      // The second body is passed on, so that everybody learns of the contradiction.
      return accept(signed);
    },
    of: (interval) =>
      [...(intervals.get(interval)?.values() ?? [])]
        .filter((entry) => entry !== "contradicted")
        .sort((left, right) => (left.reading.member < right.reading.member ? -1 : 1)),
    held: () =>
      [...intervals]
        .map(([interval, readings]) => ({ interval, members: new Set(readings.keys()) }))
        .sort((left, right) => left.interval - right.interval),
    forgetBefore: (interval) => {
      for (const known of intervals.keys()) if (known < interval) intervals.delete(known);
    },
  };
}
