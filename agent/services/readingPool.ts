/** Accepted readings that no block contains yet: of open intervals, and late ones of closed intervals; bounded in all. */
import { byMemberAndTime } from "../core/ledger/lateSection.ts";
import type { MemberId } from "../core/membership/address.ts";
import type { SignedReading } from "../core/metering/reading.ts";
import { isSpanning } from "../core/metering/validate.ts";
import type { IntervalIndex } from "../core/units.ts";
import { accept, ignore, type Verdict } from "../core/verdict.ts";
import type { LateHeld } from "../core/wire/lateHeld.ts";
import type { ReadingsHeld } from "../core/wire/syncRequest.ts";
import { latePool } from "./latePool.ts";
import { judgePooled, type Pooled, type PoolRefusal } from "./pooled.ts";

/** Readings waiting for a block. */
export type ReadingPool = {
  /** Takes a reading that was judged; a second, different one of its member and interval voids both. */
  readonly add: (signed: SignedReading) => Verdict<SignedReading, PoolRefusal>;
  /** @returns what may be proposed for that open interval, in member order */
  readonly of: (interval: IntervalIndex) => readonly SignedReading[];
  /** @returns late readings that may be proposed, by member and then by time */
  readonly late: () => readonly SignedReading[];
  /** @returns whose readings of open intervals are here, also voided ones, oldest interval first */
  readonly held: () => readonly ReadingsHeld[];
  /** @returns which late readings are here, also voided ones, by member */
  readonly heldLate: () => readonly LateHeld[];
  /** A block has closed what lies before that interval: of it stays what may still be settled late. */
  readonly closeBefore: (interval: IntervalIndex, isOpen: (signed: SignedReading) => boolean) => void;
};

/** Intervals ahead of the oldest unsettled one that are kept: a block's worth and what is being measured. */
const MAX_INTERVALS = 98;

/**
 * @param onContradiction hears of two different readings of one member and interval
 * @returns an empty pool that takes every interval for open
 */
export function readingPool(
  onContradiction: (first: SignedReading, second: SignedReading) => void = () => {},
): ReadingPool {
  const intervals = new Map<IntervalIndex, Map<MemberId, Pooled>>();
  const late = latePool(onContradiction);
  let oldestOpen = 0;
  return {
    add: (signed) => {
      const { interval, member } = signed.reading;
      if (interval < oldestOpen || isSpanning(signed)) return late.add(signed);
      const readings = intervals.get(interval) ?? new Map<MemberId, Pooled>();
      const verdict = judgePooled(readings.get(member), signed);
      if (verdict.kind !== "accept") return verdict;
      if (!intervals.has(interval) && intervals.size >= MAX_INTERVALS) return ignore("READING_TOO_FAR");
      const held = readings.get(member);
      intervals.set(interval, readings.set(member, verdict.value));
      if (held !== undefined) onContradiction(held.signed, signed);
      return accept(signed);
    },
    of: (interval) =>
      [...(intervals.get(interval)?.values() ?? [])]
        .flatMap(({ signed, isContradicted }) => (isContradicted ? [] : [signed]))
        .sort(byMemberAndTime),
    late: () => late.offered(),
    held: () =>
      [...intervals]
        .map(([interval, readings]) => ({ interval, members: new Set(readings.keys()) }))
        .sort((left, right) => left.interval - right.interval),
    heldLate: () => late.held(),
    closeBefore: (interval, isOpen) => {
      oldestOpen = interval;
      for (const [known, readings] of intervals) {
        if (known >= interval) continue;
        intervals.delete(known);
        for (const pooled of readings.values()) late.keep(pooled);
      }
      late.retain(isOpen);
    },
  };
}
