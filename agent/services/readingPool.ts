/** Accepted readings that no block contains yet, per interval and member, and since when; bounded in both. */
import type { HeldReading } from "../core/ledger/completeness.ts";
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
  /** @returns what may be proposed for that interval, in member order; voided by `voidedByMs`, by default by now */
  readonly of: (interval: IntervalIndex, voidedByMs?: number) => readonly SignedReading[];
  /** @returns what is not voided, with when each came */
  readonly since: (interval: IntervalIndex) => readonly HeldReading[];
  /** @returns a reading of that member and interval, a voided one if need be: when a block owes one, any will do */
  readonly either: (interval: IntervalIndex, member: MemberId) => SignedReading | undefined;
  /** @returns all that is here for that interval, both of those that void each other */
  readonly all: (interval: IntervalIndex) => readonly SignedReading[];
  /** @returns whose readings are here, also voided ones, oldest interval first */
  readonly held: () => readonly ReadingsHeld[];
  /** Forgets what lies before that interval. */
  readonly forgetBefore: (interval: IntervalIndex) => void;
};

/** What is here of one member for one interval. */
type Entry = HeldReading & { readonly other: HeldReading | null };

/** Intervals ahead of the oldest unsettled one that are kept: a block's worth and what is being measured. */
const MAX_INTERVALS = 98;

/** @param monotonicMs tells when a reading came @param onContradiction hears of two different readings of one member and interval @returns an empty pool */
export function readingPool(
  monotonicMs: () => number,
  onContradiction: (first: SignedReading, second: SignedReading) => void = () => {},
): ReadingPool {
  const intervals = new Map<IntervalIndex, Map<MemberId, Entry>>();
  const inOrder = (interval: IntervalIndex) =>
    [...(intervals.get(interval)?.values() ?? [])].sort((left, right) =>
      left.signed.reading.member < right.signed.reading.member ? -1 : 1,
    );
  const since = (interval: IntervalIndex) => inOrder(interval).filter((entry) => entry.other === null);
  return {
    add: (signed) => {
      const { interval, member } = signed.reading;
      const entries = intervals.get(interval) ?? new Map<MemberId, Entry>();
      const held = entries.get(member);
      if (held !== undefined && held.other !== null) return ignore("READING_CONTRADICTED", member);
      if (held !== undefined && !contradicts(held.signed, signed)) return ignore("READING_DUPLICATE");
      if (!intervals.has(interval) && intervals.size >= MAX_INTERVALS) return ignore("READING_TOO_FAR");
      const entry =
        held === undefined
          ? { signed, sinceMs: monotonicMs(), other: null }
          : { ...held, other: { signed, sinceMs: monotonicMs() } };
      intervals.set(interval, entries.set(member, entry));
      if (held !== undefined) onContradiction(held.signed, signed);
      // The second body is passed on, so that everybody learns of the contradiction.
      return accept(signed);
    },
    of: (interval, voidedByMs = Number.POSITIVE_INFINITY) =>
      inOrder(interval)
        .filter(({ other }) => other === null || other.sinceMs > voidedByMs)
        .map(({ signed }) => signed),
    since,
    either: (interval, member) => intervals.get(interval)?.get(member)?.signed,
    all: (interval) =>
      inOrder(interval).flatMap(({ signed, other }) => (other === null ? [signed] : [signed, other.signed])),
    held: () =>
      [...intervals]
        .map(([interval, entries]) => ({ interval, members: new Set(entries.keys()) }))
        .sort((left, right) => left.interval - right.interval),
    forgetBefore: (interval) => {
      for (const known of intervals.keys()) if (known < interval) intervals.delete(known);
    },
  };
}
