/**
 * Which closed intervals of a member are settled, and what its meters showed where settled intervals meet open ones.
 * A late reading is settled only into an open gap and only if its registers join where it touches what is settled;
 * that alone keeps energy from being settled twice, whatever is replayed, repeated or made to overlap.
 *
 * @source docs/market.md, "Corrections"
 */
import { type Cbor, type Decoder, energy, interval, list, nullable, signedEnergy, tuple } from "../codec.ts";
import { type IntervalIndex, intervalIndex, type Wh, wh } from "../units.ts";
import type { Registers } from "./energy.ts";

/** What the meters of a member showed at a boundary, and the carry across it. */
export type Edge = {
  /** Per enrolled meter. */
  readonly registers: readonly Registers[];
  /** Consumption that came out below zero before the boundary, Wh ≤ 0. */
  readonly carry: Wh;
};

/** Closed intervals without energy, all between `from` and `to`. */
export type Gap = {
  readonly from: IntervalIndex;
  readonly to: IntervalIndex;
  /** Where the settled interval before it ended; null when there is none, or the registers were reset there. */
  readonly before: Edge | null;
  /** Where the settled interval after it began; null likewise. */
  readonly after: Edge | null;
};

/** Everything that is known of a member's closed intervals. */
export type Coverage = {
  /** The end of the last closed interval; null when that one is open, or the registers were reset in it. */
  readonly edge: Edge | null;
  /** Ascending, apart from each other; what lies in none of them is settled, or was given up. */
  readonly gaps: readonly Gap[];
};

/** Intervals that one reading covers. A reset has no edges: what follows begins a new base. */
export type Piece = {
  readonly from: IntervalIndex;
  readonly to: IntervalIndex;
  readonly start: Edge | null;
  readonly end: Edge | null;
};

/** For how long after its end a gap stays open, in ms: 35 days. @source docs/protocol.md, "No quorum" */
const OPEN_MS = 35 * 86_400_000;
/**
 * Most open gaps of a member; the oldest is given up for a newer one. A sound gateway closes a gap within a few blocks,
 * so it has one for each outage that it is still catching up with.
 */
export const MAX_GAPS = 32;

/** Nothing is closed yet. */
export const NOTHING_CLOSED: Coverage = { edge: null, gaps: [] };

/** @param nextInterval the oldest one not closed @param intervalMs its length @returns the oldest end of a gap that stays open */
export function oldestOpen(nextInterval: IntervalIndex, intervalMs: number): IntervalIndex {
  return intervalIndex(Math.max(0, nextInterval - Math.floor(OPEN_MS / intervalMs)));
}

/** @param coverage of a member @param from first @param to last interval @returns the gap that holds them all, if one does */
export function gapAround({ gaps }: Coverage, from: IntervalIndex, to: IntervalIndex): Gap | undefined {
  return gaps.find((gap) => gap.from <= from && to <= gap.to);
}

/** @param gap of a member @param piece inside it @returns true when the piece joins what is settled where it touches it */
export function joins(gap: Gap, piece: Piece): boolean {
  return (
    (piece.from > gap.from || isSameEdge(gap.before, piece.start)) &&
    (piece.to < gap.to || isSameEdge(gap.after, piece.end))
  );
}

/** @param coverage before `at` @param at the oldest interval not closed @param piece that covers it @returns true when it may */
export function follows(coverage: Coverage, at: IntervalIndex, piece: Piece): boolean {
  return endsOpen(coverage, at) || isSameEdge(coverage.edge, piece.start);
}

/**
 * Closes the next interval.
 *
 * @param coverage before it
 * @param at the oldest interval not closed
 * @param piece that covers it, accepted by {@link follows}; null leaves it open
 * @param oldest end of a gap that stays open
 * @returns the coverage after it
 */
export function closeInterval(
  coverage: Coverage,
  at: IntervalIndex,
  piece: Piece | null,
  oldest: IntervalIndex,
): Coverage {
  const { edge, gaps } = coverage;
  const isOpenBefore = endsOpen(coverage, at);
  const last = gaps.at(-1);
  const settled = isOpenBefore ? gaps.slice(0, -1) : gaps;
  if (piece === null) {
    const open = isOpenBefore && last !== undefined ? { ...last, to: at } : gapOf(at, at, edge, null);
    return bounded({ edge: null, gaps: [...settled, open] }, oldest);
  }
  const closed = isOpenBefore && last !== undefined ? [{ ...last, after: piece.start }] : [];
  return bounded({ edge: piece.end, gaps: [...settled, ...closed] }, oldest);
}

/**
 * Covers closed intervals.
 *
 * @param coverage with a gap around the piece that it {@link joins}
 * @param piece to cover
 * @param nextInterval the oldest one not closed
 * @returns the coverage with what is left of the gap; the bound of gaps is kept by {@link closeInterval}'s next call
 */
export function coverLate(coverage: Coverage, piece: Piece, nextInterval: IntervalIndex): Coverage {
  const gaps = coverage.gaps.flatMap((gap) => {
    if (piece.from < gap.from || piece.to > gap.to) return [gap];
    return [
      ...(piece.from > gap.from
        ? [gapOf(gap.from, intervalIndex(piece.from - 1), gap.before, piece.start)]
        : []),
      ...(piece.to < gap.to ? [gapOf(intervalIndex(piece.to + 1), gap.to, piece.end, gap.after)] : []),
    ];
  });
  const isLast = piece.to === nextInterval - 1;
  return { edge: isLast ? piece.end : coverage.edge, gaps: gaps.slice(-MAX_GAPS) };
}

/** @param gap of a member @returns true when its registers are known at both ends and no meter's has fallen in it */
export function isSpannable({ before, after }: Gap): boolean {
  if (before === null || after === null) return false;
  return before.registers.every((meter, index) =>
    meter.every((value, place) => value <= (after.registers[index]?.[place] ?? -1n)),
  );
}

/** @param coverage of a member @returns its place in a message */
export function cborCoverage({ edge, gaps }: Coverage): Cbor {
  return [cborEdge(edge), gaps.map((gap) => [gap.from, gap.to, cborEdge(gap.before), cborEdge(gap.after)])];
}

/** Decoder of a coverage. */
export const coverageDecoder: Decoder<Coverage> = (value) => {
  const [edge, gaps] = tuple(nullable(edgeDecoder), list(gapDecoder, MAX_GAPS))(value);
  return { edge, gaps };
};

function gapDecoder(value: unknown): Gap {
  const edge = nullable(edgeDecoder);
  const [from, to, before, after] = tuple(interval, interval, edge, edge)(value);
  return { from, to, before, after };
}

function edgeDecoder(value: unknown): Edge {
  const [registers, carry] = tuple(list(list(energy, 2), 4), signedEnergy)(value);
  return { registers: registers.map((meter) => meter.map(wh)), carry };
}

function cborEdge(edge: Edge | null): Cbor {
  return edge === null ? null : [edge.registers, edge.carry];
}

function gapOf(from: IntervalIndex, to: IntervalIndex, before: Edge | null, after: Edge | null): Gap {
  return { from, to, before, after };
}

function endsOpen({ gaps }: Coverage, at: IntervalIndex): boolean {
  return gaps.at(-1)?.to === at - 1;
}

function bounded({ edge, gaps }: Coverage, oldest: IntervalIndex): Coverage {
  return { edge, gaps: gaps.filter((gap) => gap.to >= oldest).slice(-MAX_GAPS) };
}

/** An edge that is not known joins anything. */
function isSameEdge(left: Edge | null, right: Edge | null): boolean {
  if (left === null || right === null) return true;
  return (
    left.carry === right.carry &&
    left.registers.length === right.registers.length &&
    left.registers.every((meter, index) =>
      meter.every((value, place) => right.registers[index]?.[place] === value),
    )
  );
}
