/**
 * Late readings waiting for a block. Gateways that return from an outage bring many at once, and whoever is behind
 * longest must not crowd out the others: when room is short, the newest reading of whoever has most gives way.
 */
import { byMemberAndTime } from "../../core/ledger/settlement/lateSection.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import { isSpanning } from "../../core/metering/validate.ts";
import type { IntervalIndex } from "../../core/units.ts";
import { accept, ignore, type Verdict } from "../../core/verdict.ts";
import { type LateHeld, MAX_LATE_TOLD } from "../../core/wire/lateHeld.ts";
import { judgePooled, type Pooled, type PoolRefusal } from "./pooled.ts";

/** The late part of a pool. */
export type LatePool = {
  readonly add: (signed: SignedReading) => Verdict<SignedReading, PoolRefusal>;
  /** Takes what was pooled while its interval was open. */
  readonly keep: (pooled: Pooled) => void;
  /** @returns what may be proposed, by member and then by time */
  readonly offered: () => readonly SignedReading[];
  /** @returns true for a statement in whose place two contradict each other */
  readonly isVoided: (signed: SignedReading) => boolean;
  /** @returns what is here, also voided, by member */
  readonly held: () => readonly LateHeld[];
  /** Forgets what may not be settled any more. */
  readonly retain: (isOpen: (signed: SignedReading) => boolean) => void;
};

/** A member's late readings by kind and last interval. */
type Shelf = Map<string, Pooled>;

/** @param monotonicMs tells when a reading came @param onContradiction hears of two different statements of one member @returns an empty one */
export function latePool(
  monotonicMs: () => number,
  onContradiction: (first: SignedReading, second: SignedReading) => void,
): LatePool {
  const shelves = new Map<MemberId, Shelf>();
  const place = (pooled: Pooled): boolean => {
    const { member } = pooled.signed.reading;
    const shelf = shelves.get(member) ?? new Map<string, Pooled>();
    const isNew = !shelf.has(keyOf(pooled.signed));
    if (isNew && sizeOf(shelves) >= MAX_LATE_TOLD && !makeRoom(shelves, shelf, pooled)) return false;
    shelves.set(member, shelf.set(keyOf(pooled.signed), pooled));
    return true;
  };
  return {
    add: (signed) => {
      const held = shelves.get(signed.reading.member)?.get(keyOf(signed));
      const verdict = judgePooled(held, signed, monotonicMs());
      if (verdict.kind !== "accept") return verdict;
      if (!place(verdict.value)) return ignore("READING_TOO_MANY_LATE", signed.reading.member);
      if (held !== undefined) onContradiction(held.signed, signed);
      return accept(signed);
    },
    keep: (pooled) => void place(pooled),
    offered: () =>
      [...shelves.values()]
        .flatMap((shelf) => [...shelf.values()])
        .flatMap(({ signed, other }) => (other === null ? [signed] : []))
        .sort(byMemberAndTime),
    isVoided: (signed) => {
      const held = shelves.get(signed.reading.member)?.get(keyOf(signed));
      return held !== undefined && held.other !== null;
    },
    held: () => [...shelves].map(([member, shelf]) => heldOf(member, [...shelf.values()])),
    retain: (isOpen) => {
      for (const [member, shelf] of shelves) {
        for (const [key, { signed }] of shelf) if (!isOpen(signed)) shelf.delete(key);
        if (shelf.size === 0) shelves.delete(member);
      }
    },
  };
}

/** Takes one away from the member that has most, or from the newcomer's own if nobody has more. */
function makeRoom(shelves: ReadonlyMap<MemberId, Shelf>, own: Shelf, { signed }: Pooled): boolean {
  const fullest = [...shelves.values()].reduce((most, shelf) => (shelf.size > most.size ? shelf : most), own);
  const [newest] = [...fullest].sort(([, left], [, right]) => timeOf(right) - timeOf(left));
  if (newest === undefined) return false;
  const isWorthIt = fullest.size > own.size + 1 || timeOf(newest[1]) > signed.reading.interval;
  if (isWorthIt) fullest.delete(newest[0]);
  return isWorthIt;
}

function heldOf(member: MemberId, pooled: readonly Pooled[]): LateHeld {
  const intervalsOf = (isWanted: boolean): ReadonlySet<IntervalIndex> =>
    new Set(
      pooled.flatMap(({ signed }) => (isSpanning(signed) === isWanted ? [signed.reading.interval] : [])),
    );
  return { member, readings: intervalsOf(false), spans: intervalsOf(true) };
}

function keyOf(signed: SignedReading): string {
  return `${isSpanning(signed) ? "span" : "reading"} ${signed.reading.interval}`;
}

function timeOf({ signed }: Pooled): number {
  return signed.reading.interval;
}

function sizeOf(shelves: ReadonlyMap<MemberId, Shelf>): number {
  return [...shelves.values()].reduce((sum, shelf) => sum + shelf.size, 0);
}
