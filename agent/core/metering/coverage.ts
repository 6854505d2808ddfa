/**
 * Which closed intervals of a member are settled, and what its meters showed where settled intervals meet open ones.
 * A late reading is settled only into an open gap and only if its registers join where it touches what is settled;
 * that alone keeps energy from being settled twice, whatever is replayed, repeated or made to overlap.
 *
 * @source docs/market.md, "Corrections"
 */
import { type Cbor, type Decoder, energy, interval, list, nullable, signedEnergy, tuple } from "../codec.ts";
import { type IntervalIndex, intervalIndex, type Wh, wh } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { Registers } from "./energy.ts";
import { cborSwap, hasOnlyRisen, MAX_SWAPS, type MeterSwap, swapDecoder } from "./swap.ts";

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
  /** Meters that were swapped in it, by interval: `before` is of the old ones, `after` of the new ones. */
  readonly swaps: readonly MeterSwap[];
};

/** Everything that is known of a member's closed intervals. */
export type Coverage = {
  /** The end of the last closed interval; null when that one is open, or the registers were reset in it. */
  readonly edge: Edge | null;
  /** Ascending, apart from each other; what lies in none of them is settled, or was given up. */
  readonly gaps: readonly Gap[];
  /** Of intervals that are not closed yet, by interval. */
  readonly swaps: readonly MeterSwap[];
};

/** Codes a swap has no effect with. */
export type SwapRefusal = "SWAP_SETTLED" | "SWAP_BELOW_LAST" | "SWAP_TOO_MANY";

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
export const NOTHING_CLOSED: Coverage = { edge: null, gaps: [], swaps: [] };

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

/**
 * @param coverage before `at`
 * @param at the oldest interval not closed
 * @param piece that covers it
 * @returns true when it may; no single interval holds two meters, so one with a swap stays open until it is spanned
 */
export function follows(coverage: Coverage, at: IntervalIndex, piece: Piece): boolean {
  if (coverage.swaps.some(({ interval }) => interval === at)) return false;
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
  const { edge, gaps, swaps } = coverage;
  const isOpenBefore = endsOpen(coverage, at);
  const last = gaps.at(-1);
  const settled = isOpenBefore ? gaps.slice(0, -1) : gaps;
  const ahead = swaps.filter((swap) => swap.interval > at);
  if (piece === null) {
    const due = swaps.filter((swap) => swap.interval === at);
    const open =
      isOpenBefore && last !== undefined
        ? { ...last, to: at, swaps: [...last.swaps, ...due] }
        : { from: at, to: at, before: edge, after: null, swaps: due };
    return bounded({ edge: null, gaps: [...settled, open], swaps: ahead }, oldest);
  }
  const closed = isOpenBefore && last !== undefined ? [{ ...last, after: piece.start }] : [];
  return bounded({ edge: piece.end, gaps: [...settled, ...closed], swaps: ahead }, oldest);
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
    const earlier = gap.swaps.filter(({ interval }) => interval < piece.from);
    const later = gap.swaps.filter(({ interval }) => interval > piece.to);
    return [
      ...(piece.from > gap.from
        ? [{ ...gap, to: intervalIndex(piece.from - 1), after: piece.start, swaps: earlier }]
        : []),
      ...(piece.to < gap.to
        ? [{ ...gap, from: intervalIndex(piece.to + 1), before: piece.end, swaps: later }]
        : []),
    ];
  });
  const isLast = piece.to === nextInterval - 1;
  return { ...coverage, edge: isLast ? piece.end : coverage.edge, gaps: gaps.slice(-MAX_GAPS) };
}

/** @param gap of a member @returns true when its registers are known at both ends and no meter's has fallen in it */
export function isSpannable({ before, after, swaps }: Gap): boolean {
  return before !== null && after !== null && hasOnlyRisen(before.registers, swaps, after.registers);
}

/** @param gap of a member @param at an interval @returns true when a meter was swapped in it: only a span can settle it */
export function isSwapped({ swaps }: Gap, at: IntervalIndex): boolean {
  return swaps.some(({ interval }) => interval === at);
}

/**
 * Notes that a meter was swapped.
 *
 * @param coverage of a member
 * @param swap of one of its meters
 * @param nextInterval the oldest one not closed
 * @returns the coverage that knows of it; or why not: its interval is settled or given up, the old meter's end is below
 *   what it showed before, more swaps than can be waiting
 */
export function withSwap(
  coverage: Coverage,
  swap: MeterSwap,
  nextInterval: IntervalIndex,
): Verdict<Coverage, SwapRefusal> {
  const { edge, gaps, swaps } = coverage;
  const waiting = gaps.reduce((sum, gap) => sum + gap.swaps.length, swaps.length);
  if (waiting >= MAX_SWAPS) return reject("SWAP_TOO_MANY");
  if (swap.interval >= nextInterval)
    return startsBelow(edge, swaps, swap)
      ? reject("SWAP_BELOW_LAST")
      : accept({ ...coverage, swaps: inOrder(swaps, swap) });
  const gap = gapAround(coverage, swap.interval, swap.interval);
  if (gap === undefined) return reject("SWAP_SETTLED", `interval ${swap.interval}`);
  if (startsBelow(gap.before, gap.swaps, swap)) return reject("SWAP_BELOW_LAST");
  const noted = { ...gap, swaps: inOrder(gap.swaps, swap) };
  return accept({ ...coverage, gaps: gaps.map((each) => (each === gap ? noted : each)) });
}

/** @param coverage of a member @returns its place in a message */
export function cborCoverage({ edge, gaps, swaps }: Coverage): Cbor {
  return [cborEdge(edge), gaps.map(cborGap), swaps.map(cborSwap)];
}

/** Decoder of a coverage. */
export const coverageDecoder: Decoder<Coverage> = (value) => {
  const [edge, gaps, swaps] = tuple(
    nullable(edgeDecoder),
    list(gapDecoder, MAX_GAPS),
    list(swapDecoder, MAX_SWAPS),
  )(value);
  return { edge, gaps, swaps };
};

function gapDecoder(value: unknown): Gap {
  const edge = nullable(edgeDecoder);
  const [from, to, before, after, swaps] = tuple(
    interval,
    interval,
    edge,
    edge,
    list(swapDecoder, MAX_SWAPS),
  )(value);
  return { from, to, before, after, swaps };
}

function cborGap({ from, to, before, after, swaps }: Gap): Cbor {
  return [from, to, cborEdge(before), cborEdge(after), swaps.map(cborSwap)];
}

function edgeDecoder(value: unknown): Edge {
  const [registers, carry] = tuple(list(list(energy, 2), 4), signedEnergy)(value);
  return { registers: registers.map((meter) => meter.map(wh)), carry };
}

function cborEdge(edge: Edge | null): Cbor {
  return edge === null ? null : [edge.registers, edge.carry];
}

/** What the meter began with, before that swap: its last one, or the edge before. */
function startsBelow(before: Edge | null, swaps: readonly MeterSwap[], swap: MeterSwap): boolean {
  const earlier = swaps.findLast(({ meter, interval }) => meter === swap.meter && interval <= swap.interval);
  const start = earlier?.newStart ?? before?.registers[swap.meter] ?? [];
  return start.some((value, place) => (swap.oldEnd[place] ?? -1n) < value);
}

function inOrder(swaps: readonly MeterSwap[], swap: MeterSwap): readonly MeterSwap[] {
  return [
    ...swaps.filter(({ interval }) => interval <= swap.interval),
    swap,
    ...swaps.filter(({ interval }) => interval > swap.interval),
  ];
}

function endsOpen({ gaps }: Coverage, at: IntervalIndex): boolean {
  return gaps.at(-1)?.to === at - 1;
}

function bounded(coverage: Coverage, oldest: IntervalIndex): Coverage {
  return { ...coverage, gaps: coverage.gaps.filter((gap) => gap.to >= oldest).slice(-MAX_GAPS) };
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
