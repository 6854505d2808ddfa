/** What a gateway has still to state of its closed intervals: gaps that its own readings do not fill. */
import type { RosterMember } from "../membership/roster.ts";
import type { IntervalIndex } from "../units.ts";
import { type Coverage, type Gap, isSpannable } from "./coverage.ts";
import { pieceOf } from "./piece.ts";
import type { Reading, Spanning } from "./reading.ts";
import { continued } from "./swap.ts";

/** A spanning reading to sign: of the intervals up to `interval`. */
export type SpanToState = { readonly interval: IntervalIndex; readonly content: Spanning };

/** Registers of the ledger come without the step they were read with. */
const RESOLUTION_UNKNOWN = 0;

/**
 * Finds the gaps to span. A gap with an own reading in it waits for that one, which says more; so does a gap whose
 * registers are not known at both ends. Where a register fell nothing can be stated.
 *
 * @param member whose gaps
 * @param coverage of the member
 * @param pending own readings that may still be settled
 * @returns the spans, oldest first
 */
export function unspanned(
  member: RosterMember,
  coverage: Coverage,
  pending: readonly Reading[],
): readonly SpanToState[] {
  return coverage.gaps.flatMap((gap) => {
    const isWaiting = pending.some((reading) => covers(reading, member, gap));
    return isWaiting ? [] : spanOf(gap);
  });
}

function covers(reading: Reading, member: RosterMember, gap: Gap): boolean {
  const piece = pieceOf(reading, member, gap);
  return piece !== null && piece.from <= gap.to && piece.to >= gap.from;
}

function spanOf(gap: Gap): readonly SpanToState[] {
  const { before, after, swaps } = gap;
  if (before === null || after === null || !isSpannable(gap)) return [];
  const ends = continued(after.registers, swaps);
  const meters = before.registers.map((start, meter) => ({
    meter,
    start,
    end: ends[meter] ?? [],
    resolutionMilliWh: RESOLUTION_UNKNOWN,
  }));
  return [{ interval: gap.to, content: { kind: "spanning", from: gap.from, meters } }];
}
