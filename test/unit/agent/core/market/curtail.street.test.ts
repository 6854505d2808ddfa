/** Whether a street that obeys its orders comes to rest: shortage, recovery, clouds, silence, random starts. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CurtailmentOrder } from "../../../../../agent/core/market/curtail.ts";
import { consumptionOrder, testMember } from "../../../../support/marketCases.ts";
import { outcomeViolations } from "../../../../support/marketProperties.ts";
import { isAtRest, limitsOf, runStreet, type StreetInterval } from "../../../../support/obedientStreet.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const seed = propertySeed("curtail.street");
/** 100 Wh wanted; of 50 Wh the shares are 20, 15, 10, 5. */
const DESIRED = [40n, 30n, 20n, 10n];

const street = suite("an obedient street");

street("comes to rest under a steady shortage after the first orders bind", () => {
  const run = runStreet({ intervals: 30, supply: () => 50n, desired: () => DESIRED });
  assert.equal(unmetOf(run).slice(0, 3), [50n, 50n, 0n]);
  for (const { outcome } of run.slice(2)) {
    assert.equal(outcome.signal, { excess: 50n, deficit: 50n, unmet: 0n, unsold: 0n });
    assert.equal(limitsOf(outcome.orders, DESIRED.length), [20n, 15n, 10n, 5n]);
  }
});

street("is released at once when supply covers everything again", () => {
  const run = runStreet({
    intervals: 40,
    supply: (k) => (k < 20 ? 50n : 120n),
    desired: () => DESIRED,
  });
  assert.equal(
    run.slice(18, 26).map(({ outcome }) => outcome.orders.length),
    [4, 4, 0, 0, 0, 0, 0, 0],
  );
  assert.equal(
    run.slice(20).map(({ outcome }) => outcome.signal.deficit),
    [50n, 50n, ...Array.from({ length: 18 }, () => 100n)],
  );
  assert.ok(run.slice(20).every(({ outcome }) => outcome.orders.length === 0));
});

street("is released in step when supply covers a part: 70 of 100 is 28, 21, 14, 7", () => {
  const run = runStreet({
    intervals: 40,
    supply: (k) => (k < 20 ? 50n : 70n),
    desired: () => DESIRED,
  });
  for (const { outcome } of run.slice(20))
    assert.equal(limitsOf(outcome.orders, DESIRED.length), [28n, 21n, 14n, 7n]);
  assert.equal(new Set(unmetOf(run.slice(2))), new Set([0n]));
  assert.ok(run.slice(22).every(({ outcome }) => outcome.signal.unsold === 0n));
});

street("rests on two levels when clouds halve every other interval", () => {
  const run = runStreet({
    intervals: 40,
    supply: (k) => (k % 2 === 0 ? 50n : 80n),
    desired: () => DESIRED,
  });
  assert.ok(run.slice(2).every(({ outcome }) => outcome.stop === "balanced"));
  assert.ok(isAtRest(run.slice(2)));
});

street("keeps the order of a member whose meter was silent", () => {
  const silent = (k: number) => k >= 6 && k < 11;
  const run = runStreet({
    intervals: 30,
    supply: (k) => (silent(k) ? 30n : 50n),
    desired: (k) => (silent(k) ? [null, ...DESIRED.slice(1)] : DESIRED),
  });
  assert.ok(isAtRest(run.slice(2)));
  assert.equal(new Set(unmetOf(run.slice(2))), new Set([0n]));
});

street("asks again for what was wanted more while an order hid it", () => {
  const run = runStreet({
    intervals: 40,
    supply: (k) => (k < 10 ? 50n : 100n),
    desired: (k) => (k < 5 ? DESIRED : [80n, 30n, 20n, 10n]),
  });
  assert.ok(isAtRest(run.slice(16)));
  assert.equal(new Set(unmetOf(run.slice(16))), new Set([0n]));
  assert.ok(run.slice(16).every(({ outcome }) => outcome.signal.unsold === 0n));
});

street("is seen to oscillate under a rule that forgets its orders", () => {
  const forgets = runStreet({ intervals: 30, supply: () => 50n, desired: () => DESIRED }, (outcome) =>
    outcome.signal.unmet > 0n ? outcome.orders : [],
  );
  assert.not.ok(isAtRest(forgets.slice(2)));
  assert.equal(unmetOf(forgets).slice(0, 8), [50n, 50n, 0n, 0n, 50n, 50n, 0n, 0n]);
});

street("is seen to stick under a rule that never raises an order", () => {
  const sticks = runStreet(
    { intervals: 30, supply: (k) => (k < 10 ? 50n : 120n), desired: () => DESIRED },
    (outcome) => (outcome.interval < 10 ? outcome.orders : stuck(outcome.interval)),
  );
  assert.not.ok(isSettled(sticks, DESIRED, 120n));
});

street.run();

const random = suite("an obedient street, random");
const MOST_WH = 20n;
/** A shared Wh an interval is the slowest release: five members, 41 Wh to release each, in two alternating runs. */
const LONG_ENOUGH = 2 * 5 * 41 + 40;

random("comes to rest from any orders, with no unmet deficit and no order held against unsold excess", () => {
  const amount = fc.bigInt({ min: 0n, max: MOST_WH });
  const arbitrary = fc.record({
    desired: fc.array(amount, { minLength: 1, maxLength: 5 }),
    supply: fc.bigInt({ min: 0n, max: 3n * MOST_WH }),
    limits: fc.array(fc.tuple(amount, amount, fc.nat(1)), { maxLength: 5 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ desired, supply, limits }) => {
      const orders = limits
        .slice(0, desired.length)
        .map(([maxDeficit, more, bound], index) => startingOrder(index, maxDeficit, more, bound));
      const run = runStreet({ intervals: LONG_ENOUGH, supply: () => supply, desired: () => desired, orders });
      const broken = run.flatMap(({ input, outcome }) => outcomeViolations(input, outcome));
      assert.equal(broken, []);
      assert.ok(isSettled(run, desired, supply), "settled");
      const hits = unmetOf(run.filter((_, k) => k % 2 === 0)).filter((unmet) => unmet > 0n).length;
      assert.ok(hits <= desired.length + 1, `${hits} intervals of one run with unmet deficit`);
    }),
    { seed, numRuns: 150 },
  );
});

random("follows supply up and down without unmet deficit beyond two intervals of each fall", () => {
  const amount = fc.bigInt({ min: 0n, max: MOST_WH });
  const arbitrary = fc.record({
    desired: fc.array(amount, { minLength: 1, maxLength: 5 }),
    supplies: fc.array(fc.bigInt({ min: 0n, max: 5n * MOST_WH }), { minLength: 1, maxLength: 8 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ desired, supplies }) => {
      const length = 10;
      const run = runStreet({
        intervals: supplies.length * length,
        supply: (k) => supplies[Math.floor(k / length)] ?? 0n,
        desired: () => desired,
      });
      supplies.forEach((supply, phase) => {
        const rest = run.slice(phase * length + 4, (phase + 1) * length);
        assert.ok(isSettled(rest, desired, supply), `phase ${phase} at rest after four intervals`);
      });
    }),
    { seed, numRuns: 400 },
  );
});

random.run();

function unmetOf(run: readonly StreetInterval[]): readonly bigint[] {
  return run.map(({ outcome }) => outcome.signal.unmet);
}

/** At rest in the last four intervals, and serving as much as supply and desire allow. */
function isSettled(run: readonly StreetInterval[], desired: readonly bigint[], supply: bigint): boolean {
  const wanted = desired.reduce((sum, one) => sum + one, 0n);
  const last = run.slice(-4);
  return (
    isAtRest(last) &&
    last.every(({ outcome: { signal }, given }) => {
      if (wanted <= supply) return signal.deficit === wanted && signal.unmet === 0n;
      return signal.deficit === supply && signal.unmet === 0n && given.length > 0;
    })
  );
}

function stuck(interval: number): readonly CurtailmentOrder[] {
  return [20n, 15n, 10n, 5n].map((limit, index) =>
    consumptionOrder(testMember(index + 1), interval + 2, limit, DESIRED[index]!),
  );
}

function startingOrder(index: number, maxDeficit: bigint, more: bigint, bound: number): CurtailmentOrder {
  return consumptionOrder(testMember(index + 1), bound, maxDeficit, maxDeficit + more + 1n);
}
