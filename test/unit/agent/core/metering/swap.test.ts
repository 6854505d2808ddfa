/** Swapped meters: the span over a swap, what cannot be one, and that every base adds up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decode, encode } from "../../../../../agent/core/codec.ts";
import {
  type Coverage,
  closeInterval,
  coverLate,
  type Edge,
  follows,
  type Gap,
  gapAround,
  isSpannable,
  isSwapped,
  joins,
  NOTHING_CLOSED,
  type Piece,
  withSwap,
} from "../../../../../agent/core/metering/coverage.ts";
import { pieceEnergy, pieceOf } from "../../../../../agent/core/metering/piece.ts";
import type { Reading } from "../../../../../agent/core/metering/reading.ts";
import {
  cborSwap,
  continued,
  hasOnlyRisen,
  MAX_SWAPS,
  type MeterSwap,
  swapDecoder,
  uncontinued,
} from "../../../../../agent/core/metering/swap.ts";
import { unspanned } from "../../../../../agent/core/metering/unspanned.ts";
import { judgeReading, judgeSuccession } from "../../../../../agent/core/metering/validate.ts";
import { type IntervalIndex, intervalIndex, wh } from "../../../../../agent/core/units.ts";
import {
  FIRST_INTERVAL,
  measured,
  memberNamed,
  testContext,
  testReading,
  verify,
} from "../../../../support/chainBuilder.ts";

const context = testContext(1);
const dep1 = memberNamed(context, "dep1");
const at = (steps: number): IntervalIndex => intervalIndex(FIRST_INTERVAL + steps);
/** Generation first, consumption second, as dep1 is enrolled. */
const edge = (generation: number, consumption: number): Edge => ({
  registers: [[wh(BigInt(generation))], [wh(BigInt(consumption))]],
  carry: wh(0n),
});
const piece = (from: number, to: number, start: Edge, end: Edge): Piece => ({
  from: at(from),
  to: at(to),
  start,
  end,
});
const swapOf = (steps: number, oldEnd: number, newStart: number, meter = 1): MeterSwap => ({
  interval: at(steps),
  meter,
  oldEnd: [wh(BigInt(oldEnd))],
  newStart: [wh(BigInt(newStart))],
});
const close = (coverage: Coverage, steps: number, covered: Piece | null) =>
  closeInterval(coverage, at(steps), covered, at(0));
const swapped = (coverage: Coverage, swap: MeterSwap, next: number): Coverage => {
  const judged = withSwap(coverage, swap, at(next));
  if (judged.kind !== "accept") throw new Error(judged.code);
  return judged.value;
};
const refusalOf = (coverage: Coverage, swap: MeterSwap, next: number) => {
  const judged = withSwap(coverage, swap, at(next));
  return judged.kind === "accept" ? "accept" : judged.code;
};

/** Interval 0 settled, a swap in interval 1, interval 2 measured by the new meter. */
const OVER_ONE = ((): Coverage => {
  const first = close(NOTHING_CLOSED, 0, piece(0, 0, edge(10, 1_000), edge(10, 1_100)));
  const noted = swapped(first, swapOf(1, 1_130, 5), 1);
  return close(close(noted, 1, null), 2, piece(2, 2, edge(10, 25), edge(10, 95)));
})();

const test = suite("meter swap");

test("a span goes on counting from the old meter's end, and its edge is what the new meter shows", () => {
  const [span, ...others] = unspanned(dep1, OVER_ONE, []);
  assert.equal(others, []);
  assert.equal(span?.content, {
    kind: "spanning",
    from: at(1),
    meters: [
      { meter: 0, start: [10n], end: [10n], resolutionMilliWh: 0 },
      { meter: 1, start: [1_100n], end: [1_150n], resolutionMilliWh: 0 },
    ],
  });
  const signed = testReading(context, "dep1", span!.content, { interval: at(1) });
  assert.is(judgeReading(signed, context.roster, context.genesis, verify).kind, "accept");
  const standing = { nextInterval: at(3), coverage: OVER_ONE };
  assert.is(judgeSuccession(signed, dep1, standing).kind, "accept");
  const gap = gapAround(OVER_ONE, at(1), at(1));
  const covered = pieceOf(signed.reading, dep1, gap!);
  assert.equal(covered, piece(1, 1, edge(10, 1_100), edge(10, 25)));
  // 30 Wh on the old meter, 20 on the new one.
  assert.equal(pieceEnergy(signed.reading, dep1, covered!), { generated: 0n, consumed: 50n });
  assert.equal(coverLate(OVER_ONE, covered!, at(3)).gaps, []);
});

test("a span that does not count on from the old meter's end does not join", () => {
  const [span] = unspanned(dep1, OVER_ONE, []);
  const [generation, consumption] = span!.content.meters;
  for (const end of [25n, 1_149n, 1_151n]) {
    const content = { ...span!.content, meters: [generation!, { ...consumption!, end: [wh(end)] }] };
    const signed = testReading(context, "dep1", content, { interval: at(1) });
    const standing = { nextInterval: at(3), coverage: OVER_ONE };
    const judged = judgeSuccession(signed, dep1, standing);
    assert.equal([end, judged.kind === "accept" ? "" : judged.code], [end, "READING_REGISTERS"]);
  }
});

test("no reading of the swap's interval alone is settled, in time or late", () => {
  const first = close(NOTHING_CLOSED, 0, piece(0, 0, edge(10, 1_000), edge(10, 1_100)));
  const noted = swapped(first, swapOf(1, 1_130, 5), 1);
  assert.not(follows(noted, at(1), piece(1, 1, edge(10, 1_100), edge(10, 1_130))));
  assert.not(follows(noted, at(1), { from: at(1), to: at(1), start: null, end: null }), "nor a reset");
  const gap = gapAround(OVER_ONE, at(1), at(1))!;
  const reset: Reading["content"] = { kind: "missing", reason: "register-reset" };
  for (const content of [measured([0, 10]), reset]) {
    const { reading } = testReading(context, "dep1", content, { interval: at(1) });
    assert.is(pieceOf(reading, dep1, gap), null);
    assert.is.not(pieceOf(reading, dep1, { ...gap, swaps: [] }), null);
  }
});

test("what the old meter measured late joins the old edge, what the new one measured the new edge", () => {
  let coverage = close(NOTHING_CLOSED, 0, piece(0, 0, edge(10, 1_000), edge(10, 1_100)));
  for (const steps of [1, 2, 3]) coverage = close(coverage, steps, null);
  coverage = swapped(coverage, swapOf(2, 1_160, 5), 4);
  coverage = close(coverage, 4, piece(4, 4, edge(10, 45), edge(10, 60)));
  const gap = () => gapAround(coverage, at(2), at(2))!;
  const byOld = piece(1, 1, edge(10, 1_100), edge(10, 1_150));
  assert.ok(joins(gap(), byOld));
  coverage = coverLate(coverage, byOld, at(5));
  assert.ok(isSwapped(gap(), at(2)), "the swap stays with what is left");
  const byNew = piece(3, 3, edge(10, 15), edge(10, 45));
  assert.ok(joins(gap(), byNew));
  coverage = coverLate(coverage, byNew, at(5));
  assert.equal(gap(), {
    from: at(2),
    to: at(2),
    before: byOld.end,
    after: byNew.start,
    swaps: [swapOf(2, 1_160, 5)],
  });
  // 50 + 30 by the old meter's 100 → 160, 10 + 30 by the new one's 5 → 45.
  assert.equal(unspanned(dep1, coverage, [])[0]?.content.meters[1]?.end, [1_170n]);
});

test("a counter that fell on either meter is not spanned", () => {
  const gap: Gap = {
    from: at(1),
    to: at(1),
    before: edge(10, 1_100),
    after: edge(10, 25),
    swaps: [swapOf(1, 1_130, 5)],
  };
  assert.ok(isSpannable(gap));
  assert.not(isSpannable({ ...gap, before: edge(10, 1_131) }), "above the old meter's end");
  assert.not(isSpannable({ ...gap, after: edge(10, 4) }), "below the new meter's start");
  assert.not(isSpannable({ ...gap, swaps: [] }), "without a swap it fell");
  assert.ok(isSpannable({ ...gap, swaps: [swapOf(1, 1_130, 5), swapOf(1, 8, 20)] }), "swapped twice");
  assert.not(isSpannable({ ...gap, swaps: [swapOf(1, 1_130, 5), swapOf(1, 4, 20)] }));
});

test("one is refused where nothing is open, below what the old meter showed, and when too many wait", () => {
  const settled = close(NOTHING_CLOSED, 0, piece(0, 0, edge(10, 1_000), edge(10, 1_100)));
  assert.is(refusalOf(settled, swapOf(0, 1_130, 5), 1), "SWAP_SETTLED");
  assert.is(refusalOf(settled, swapOf(1, 1_099, 5), 1), "SWAP_BELOW_LAST");
  assert.is(refusalOf(settled, swapOf(1, 1_100, 5), 1), "accept");
  const gapped = close(settled, 1, null);
  assert.is(refusalOf(gapped, swapOf(1, 1_099, 5), 2), "SWAP_BELOW_LAST");
  const once = swapped(gapped, swapOf(1, 1_130, 5), 2);
  assert.is(refusalOf(once, swapOf(1, 4, 0), 2), "SWAP_BELOW_LAST", "of the meter in between");
  assert.is(refusalOf(once, swapOf(1, 9, 3, 0), 2), "SWAP_BELOW_LAST", "of the other meter");
  let full = settled;
  for (let count = 0; count < MAX_SWAPS; count += 1) full = swapped(full, swapOf(5, 2_000, 2_000), 1);
  assert.is(refusalOf(full, swapOf(6, 2_000, 2_000), 1), "SWAP_TOO_MANY");
});

test("both meters in one interval, and one twice, add up", () => {
  const swaps = [swapOf(1, 500, 0, 0), swapOf(1, 1_130, 5), swapOf(1, 9, 100)];
  const shown = [[wh(3n)], [wh(120n)]];
  assert.equal(continued(shown, swaps), [[503n], [1_154n]]);
  assert.equal(uncontinued(continued(shown, swaps), swaps), shown);
  assert.ok(hasOnlyRisen([[wh(490n)], [wh(1_100n)]], swaps, shown));
});

test("comes back from its bytes", () => {
  const swap = swapOf(7, 1_130, 5);
  assert.equal(decode(encode(cborSwap(swap)), swapDecoder, 100), { kind: "accept", value: swap });
});

test.run();
