/**
 * Coverage: what is settled of a member's closed intervals. The property plays random lines of a meter, random silence
 * and every kind of late reading against a book that knows each interval's energy, and looks for a watt-hour too many
 * or too few.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Coverage,
  closeInterval,
  coverLate,
  type Edge,
  follows,
  gapAround,
  isSpannable,
  joins,
  MAX_GAPS,
  NOTHING_CLOSED,
  oldestOpen,
  type Piece,
} from "../../../../../agent/core/metering/coverage.ts";
import { type IntervalIndex, intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const seed = propertySeed("coverage");
const at = (value: number): IntervalIndex => intervalIndex(value);
const edge = (register: number, carry = 0): Edge => ({
  registers: [[wh(BigInt(register))]],
  carry: wh(BigInt(carry)),
});
const piece = (from: number, to: number, start: number, end: number): Piece => ({
  from: at(from),
  to: at(to),
  start: edge(start),
  end: edge(end),
});
const reset = (interval: number): Piece => ({ from: at(interval), to: at(interval), start: null, end: null });
const close = (coverage: Coverage, interval: number, covered: Piece | null = null, oldest = 0) =>
  closeInterval(coverage, at(interval), covered, at(oldest));

/** @returns the coverage after closing these from interval 0 on; null is silence */
const closed = (...pieces: readonly (Piece | null)[]): Coverage =>
  pieces.reduce<Coverage>(
    (coverage, covered, interval) => close(coverage, interval, covered),
    NOTHING_CLOSED,
  );

const table = suite("coverage");

table("of intervals that join is one edge and no gap", () => {
  assert.equal(closed(piece(0, 0, 10, 12), piece(1, 1, 12, 15)), { edge: edge(15), gaps: [], swaps: [] });
});

table("of silence is one gap, whose registers are known once it ends", () => {
  const open = closed(piece(0, 0, 10, 12), null, null);
  assert.equal(open, {
    edge: null,
    gaps: [{ from: 1, to: 2, before: edge(12), after: null, swaps: [] }],
    swaps: [],
  });
  assert.equal(close(open, 3, piece(3, 3, 20, 21)), {
    edge: edge(21),
    gaps: [{ from: 1, to: 2, before: edge(12), after: edge(20), swaps: [] }],
    swaps: [],
  });
});

table("of silence from the beginning has no registers before it", () => {
  assert.equal(closed(null, piece(1, 1, 5, 6)).gaps, [
    { from: 0, to: 0, before: null, after: edge(5), swaps: [] },
  ]);
});

table("of a reset joins nothing, before or after", () => {
  const covered = closed(piece(0, 0, 10, 12), null, reset(2));
  assert.equal(covered, {
    edge: null,
    gaps: [{ from: 1, to: 1, before: edge(12), after: null, swaps: [] }],
    swaps: [],
  });
  assert.ok(follows(covered, at(3), piece(3, 3, 0, 1)));
  assert.equal(close(covered, 3).gaps.at(-1), { from: 3, to: 3, before: null, after: null, swaps: [] });
});

table("lets the next interval follow only from the edge", () => {
  const covered = closed(piece(0, 0, 10, 12));
  assert.ok(follows(covered, at(1), piece(1, 1, 12, 13)));
  assert.not(follows(covered, at(1), piece(1, 1, 13, 13)));
  assert.not(follows(covered, at(1), { ...piece(1, 1, 12, 13), start: edge(12, -1) }));
  assert.not(follows(covered, at(1), { ...piece(1, 1, 12, 13), start: { registers: [], carry: wh(0n) } }));
  assert.ok(follows(close(covered, 1), at(2), piece(2, 2, 99, 100)));
});

table("is filled from the left, from the right and in the middle", () => {
  const before = closed(piece(0, 0, 10, 12), null, null, null, null, null, piece(6, 6, 30, 31));
  const left = coverLate(before, piece(1, 1, 12, 14), at(7));
  assert.equal(left.gaps, [{ from: 2, to: 5, before: edge(14), after: edge(30), swaps: [] }]);
  const right = coverLate(before, piece(5, 5, 28, 30), at(7));
  assert.equal(right.gaps, [{ from: 1, to: 4, before: edge(12), after: edge(28), swaps: [] }]);
  const middle = coverLate(before, piece(2, 3, 15, 20), at(7));
  assert.equal(middle.gaps, [
    { from: 1, to: 1, before: edge(12), after: edge(15), swaps: [] },
    { from: 4, to: 5, before: edge(20), after: edge(30), swaps: [] },
  ]);
  const whole = coverLate(before, piece(1, 5, 12, 30), at(7));
  assert.equal(whole, { edge: edge(31), gaps: [], swaps: [] });
});

table("that is filled up to the last closed interval goes on from there", () => {
  const open = closed(piece(0, 0, 10, 12), null, null);
  const filled = coverLate(open, piece(2, 2, 14, 17), at(3));
  assert.equal(filled, {
    edge: edge(17),
    gaps: [{ from: 1, to: 1, before: edge(12), after: edge(14), swaps: [] }],
    swaps: [],
  });
  assert.not(follows(filled, at(3), piece(3, 3, 18, 19)));
});

table("joins only where it touches", () => {
  const gap = { from: at(1), to: at(5), before: edge(12), after: edge(30), swaps: [] };
  assert.ok(joins(gap, piece(2, 4, 0, 99)));
  assert.ok(joins(gap, piece(1, 5, 12, 30)));
  assert.not(joins(gap, piece(1, 5, 12, 31)));
  assert.not(joins(gap, piece(1, 2, 11, 31)));
  assert.not(joins(gap, piece(4, 5, 0, 29)));
});

table("has a span to state only where both ends are known and nothing fell", () => {
  const gap = { from: at(1), to: at(5), before: edge(12), after: edge(30), swaps: [] };
  assert.ok(isSpannable(gap));
  assert.ok(isSpannable({ ...gap, after: edge(12) }));
  assert.not(isSpannable({ ...gap, after: edge(11) }));
  assert.not(isSpannable({ ...gap, before: null }));
  assert.not(isSpannable({ ...gap, after: null }));
  assert.not(isSpannable({ ...gap, after: { registers: [], carry: wh(0n) } }));
});

table("gives a gap up 35 days after its end, however long it is", () => {
  assert.is(oldestOpen(at(10_000), 900_000), 10_000 - 3_360);
  assert.is(oldestOpen(at(5), 900_000), 0);
  const gapped = closed(null, null, piece(2, 2, 5, 6));
  assert.is(close(gapped, 3, piece(3, 3, 6, 7), 1).gaps.length, 1);
  assert.is(close(gapped, 3, piece(3, 3, 6, 7), 2).gaps.length, 0);
  assert.is(close(closed(null, null), 2, null, 2).gaps[0]?.from, 0, "an open one has not ended");
});

table("keeps the newest gaps when there are too many", () => {
  let coverage = NOTHING_CLOSED;
  for (let interval = 0; interval < 4 * MAX_GAPS; interval += 1)
    coverage = close(coverage, interval, interval % 2 === 0 ? null : piece(interval, interval, 5, 5));
  assert.is(coverage.gaps.length, MAX_GAPS);
  assert.is(coverage.gaps.at(-1)?.from, 4 * MAX_GAPS - 2);
  const wide = closed(...Array.from({ length: 9 }, () => null));
  let split = wide;
  for (const interval of [1, 3, 5, 7]) split = coverLate(split, piece(interval, interval, 5, 5), at(9));
  assert.is(split.gaps.length, 5);
});

/** What is tried to be settled of a meter that reads `registers[k]` at the beginning of interval k. */
type Try = {
  readonly kind: "time" | "late";
  readonly from: number;
  readonly to: number;
  readonly shift: number;
};

const INTERVALS = 12;
const anyTry = fc.record({
  kind: fc.constantFrom<Try["kind"]>("time", "time", "late", "late", "late"),
  from: fc.nat(INTERVALS - 1),
  to: fc.nat(INTERVALS - 1),
  shift: fc.constantFrom(0, 0, 0, 0, 7),
});

table("settles no watt-hour twice and, when every gap is filled, none too few", () => {
  const deltas = fc.array(fc.nat(9), { minLength: INTERVALS, maxLength: INTERVALS });
  let filled = 0;
  const holds = (advances: readonly number[], tries: readonly Try[]) => {
    const registers = [100];
    for (const advance of advances) registers.push((registers.at(-1) ?? 0) + advance);
    const truth = ({ from, to, shift }: Try) =>
      piece(from, to, (registers[from] ?? 0) + shift, (registers[to + 1] ?? 0) + shift);
    let coverage: Coverage = NOTHING_CLOSED;
    let next = 0;
    const settled: Piece[] = [];
    for (const tried of tries) {
      if (tried.kind === "time" && next < INTERVALS) {
        const wanted = tried.from % 3 === 0 ? null : truth({ ...tried, from: next, to: next });
        const covered = wanted !== null && follows(coverage, at(next), wanted) ? wanted : null;
        if (covered !== null) settled.push(covered);
        coverage = close(coverage, next, covered);
        next += 1;
      } else {
        const late = truth(tried);
        const gap = tried.from > tried.to ? undefined : gapAround(coverage, late.from, late.to);
        if (gap === undefined || !joins(gap, late)) continue;
        settled.push(late);
        coverage = coverLate(coverage, late, at(next));
      }
    }
    const counted = settled.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, k) => from + k),
    );
    assert.is(new Set(counted).size, counted.length, "an interval twice");
    const open = coverage.gaps.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, k) => from + k),
    );
    assert.equal(
      [...counted, ...open].sort((a, b) => a - b),
      Array.from({ length: next }, (_, k) => k),
    );
    if (open.length > 0 || next === 0) return;
    filled += 1;
    const inOrder = [...settled].sort((left, right) => left.from - right.from);
    const energy = settled.reduce((sum, { start, end }) => sum + register(end) - register(start), 0n);
    assert.is(energy, register(inOrder.at(-1)!.end) - register(inOrder[0]!.start));
  };
  fc.assert(fc.property(deltas, fc.array(anyTry, { maxLength: 60 }), holds), { seed, numRuns: 5_000 });
  assert.ok(filled > 500, `${filled} runs ended without a gap`);
});

function register(of: Edge | null): bigint {
  return of?.registers[0]?.[0] ?? 0n;
}

table.run();
