/** Accepted readings that no block contains yet, and since when: of open intervals, and late ones of closed intervals; bounded in all. */
import type { HeldReading } from "../../core/ledger/blocks/completeness.ts";
import { byMemberAndTime } from "../../core/ledger/settlement/lateSection.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import { isSpanning } from "../../core/metering/validate.ts";
import type { IntervalIndex } from "../../core/units.ts";
import { accept, ignore, type Verdict } from "../../core/verdict.ts";
import type { LateHeld } from "../../core/wire/lateHeld.ts";
import type { ReadingsHeld } from "../../core/wire/syncRequest.ts";
import { latePool } from "./latePool.ts";
import { judgePooled, type Pooled, type PoolRefusal } from "./pooled.ts";

/** Readings waiting for a block. */
export type ReadingPool = {
  /** Takes a reading that was judged; a second, different one of its member and interval voids both. */
  readonly add: (signed: SignedReading) => Verdict<SignedReading, PoolRefusal>;
  /** @returns what may be proposed for that open interval, in member order; voided by `voidedByMs`, by default by now */
  readonly of: (interval: IntervalIndex, voidedByMs?: number) => readonly SignedReading[];
  /** @returns what is not voided, with when each came */
  readonly since: (interval: IntervalIndex) => readonly HeldReading[];
  /** @returns a reading of that member and interval, a voided one if need be: when a block owes one, any will do */
  readonly either: (interval: IntervalIndex, member: MemberId) => SignedReading | undefined;
  /** @returns all that is here for that interval, both of those that void each other */
  readonly all: (interval: IntervalIndex) => readonly SignedReading[];
  /** @returns late readings that may be proposed, by member and then by time */
  readonly late: () => readonly SignedReading[];
  /** @returns true for a late reading that is not offered, since its member stated something else of its interval too */
  readonly isVoided: (signed: SignedReading) => boolean;
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
 * @param monotonicMs tells when a reading came
 * @param onContradiction hears of two different readings of one member and interval
 * @returns an empty pool that takes every interval for open
 */
export function readingPool(
  monotonicMs: () => number,
  onContradiction: (first: SignedReading, second: SignedReading) => void = () => {},
): ReadingPool {
  const intervals = new Map<IntervalIndex, Map<MemberId, Pooled>>();
  const late = latePool(monotonicMs, onContradiction);
  let oldestOpen = 0;
  const inOrder = (interval: IntervalIndex) => sorted([...(intervals.get(interval)?.values() ?? [])]);
  return {
    add: (signed) => {
      const { interval, member } = signed.reading;
      if (interval < oldestOpen || isSpanning(signed)) return late.add(signed);
      const readings = intervals.get(interval) ?? new Map<MemberId, Pooled>();
      const held = readings.get(member);
      const verdict = judgePooled(held, signed, monotonicMs());
      if (verdict.kind !== "accept") return verdict;
      if (!intervals.has(interval) && intervals.size >= MAX_INTERVALS) return ignore("READING_TOO_FAR");
      intervals.set(interval, readings.set(member, verdict.value));
      if (held !== undefined) onContradiction(held.signed, signed);
      return accept(signed);
    },
    of: (interval, voidedByMs = Number.POSITIVE_INFINITY) =>
      inOrder(interval)
        .filter(({ other }) => other === null || other.sinceMs > voidedByMs)
        .map(({ signed }) => signed),
    since: (interval) => inOrder(interval).filter((entry) => entry.other === null),
    either: (interval, member) => intervals.get(interval)?.get(member)?.signed,
    all: (interval) =>
      inOrder(interval).flatMap(({ signed, other }) => (other === null ? [signed] : [signed, other.signed])),
    late: () => late.offered(),
    isVoided: late.isVoided,
    held: () =>
      [...intervals]
        .map(([interval, entries]) => ({ interval, members: new Set(entries.keys()) }))
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

function sorted(pooled: readonly Pooled[]): readonly Pooled[] {
  return [...pooled].sort((left, right) => byMemberAndTime(left.signed, right.signed));
}
