import { suite } from "uvu";
import * as assert from "uvu/assert";
import { growthExponent, median, medianRatio, timed } from "../../bench/timing.ts";

const timing = suite("timing of a bench");

timing("takes the middle value, or the mean of the middle two", () => {
  assert.is(median([9, 1, 5]), 5);
  assert.is(median([10, 1, 2, 4]), 3);
  assert.throws(() => median([]), RangeError);
});

timing("takes each ratio within its round, so that a slow round moves none", () => {
  // By medians of their own it would be 4 / 3.
  assert.is(medianRatio([2, 80, 4], [1, 40, 3]), 2);
  assert.throws(() => medianRatio([1, 2], [1]), RangeError);
});

for (const exponent of [0, 1, 1.5, 2])
  timing(`finds the exponent ${exponent} of a power law`, () => {
    const points = [10, 100, 3_000].map((size) => ({ size, cost: 7 * size ** exponent }));
    assert.ok(Math.abs(growthExponent(points) - exponent) < 1e-9);
  });

timing("fits by least squares where the points are on no line", () => {
  const points = [
    { size: 1, cost: 1 },
    { size: Math.E, cost: Math.E ** 2 },
    { size: Math.E ** 2, cost: Math.E ** 2 },
  ];
  assert.ok(Math.abs(growthExponent(points) - 1) < 1e-9);
});

timing("has no exponent of one size", () => {
  assert.throws(() => growthExponent([{ size: 5, cost: 1 }]), RangeError);
});

/** A clock that only the subjects move. */
function world() {
  let atMs = 0;
  const ran: string[] = [];
  const subject = (name: string, ms: number) => ({
    name,
    run: () => {
      atMs += ms;
      ran.push(name);
    },
  });
  return { ran, subject, nowMs: () => atMs };
}

timing("times each subject once a round, in turn", () => {
  const { ran, subject, nowMs } = world();
  const samples = timed([subject("slow", 8), subject("quick", 3)], {
    rounds: 3,
    leastMs: 1,
    warmUpMs: 0,
    nowMs,
  });
  assert.equal(
    [...samples],
    [
      ["slow", [8, 8, 8]],
      ["quick", [3, 3, 3]],
    ],
  );
  assert.equal(ran.slice(-6), ["slow", "quick", "slow", "quick", "slow", "quick"]);
});

timing("repeats what is too quick for the clock and tells the time of one call", () => {
  const { ran, subject, nowMs } = world();
  const samples = timed([subject("quick", 0.25)], { rounds: 1, leastMs: 2, warmUpMs: 0, nowMs });
  assert.equal(samples.get("quick"), [0.25]);
  assert.ok(ran.length >= 8 + 8);
});

timing("warms up for as long as it is told before anything counts", () => {
  const { ran, subject, nowMs } = world();
  timed([subject("slow", 5)], { rounds: 1, leastMs: 1, warmUpMs: 50, nowMs });
  // Ten calls to warm up, one to see how long it takes, one that counts.
  assert.is(ran.length, 12);
});

timing("ends although the clock stands still", () => {
  assert.equal(
    timed([{ name: "nothing", run: () => {} }], { rounds: 1, leastMs: 1, warmUpMs: 1, nowMs: () => 0 }).get(
      "nothing",
    ),
    [0],
  );
});

timing.run();
