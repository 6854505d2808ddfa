/**
 * Whether a grid-tied street whose generators obey comes to rest: the mirror of `curtail.street.test.ts`. What a street
 * takes is the demand of its consumer and what it may feed in.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { generationOrder, testMember } from "../../../../support/marketCases.ts";
import { outcomeViolations } from "../../../../support/marketProperties.ts";
import { isAtRest, limitsOf, runStreet, type StreetInterval } from "../../../../support/obedientStreet.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const seed = propertySeed("curtailGeneration.street");
/** 100 Wh to be had; of 30 Wh demand and 20 Wh fed in the shares are 20, 15, 10, 5. */
const DESIRED = [40n, 30n, 20n, 10n];

const street = suite("a street of obedient generators");

street("comes to rest under steady sunshine after the first orders bind", () => {
  const run = runStreet({ intervals: 30, demand: () => 30n, feedInLimit: () => 20n, desired: () => DESIRED });
  assert.equal(fedInOf(run).slice(0, 3), [70n, 70n, 20n]);
  for (const { outcome } of run.slice(2)) {
    assert.equal(outcome.signal, { excess: 50n, deficit: 30n, unmet: 0n, unsold: 20n });
    assert.equal(limitsOf(outcome.orders, DESIRED.length), [20n, 15n, 10n, 5n]);
  }
});

street("is released at once when the limit is lifted, and in one step when demand takes everything", () => {
  const lifted = runStreet({
    intervals: 30,
    demand: () => 30n,
    feedInLimit: (k) => (k < 20 ? 20n : null),
    desired: () => DESIRED,
  });
  const taken = runStreet({
    intervals: 30,
    demand: (k) => (k < 20 ? 30n : 80n),
    feedInLimit: () => 20n,
    desired: () => DESIRED,
  });
  for (const run of [lifted, taken]) {
    assert.equal(
      run.slice(18, 26).map(({ outcome }) => outcome.orders.length),
      [4, 4, 0, 0, 0, 0, 0, 0],
    );
    assert.ok(run.slice(22).every(({ outcome }) => outcome.signal.excess === 100n));
  }
});

street("is released in step when demand takes a part more: 70 of 100 is 28, 21, 14, 7", () => {
  const run = runStreet({
    intervals: 40,
    demand: (k) => (k < 20 ? 30n : 50n),
    feedInLimit: () => 20n,
    desired: () => DESIRED,
  });
  for (const { outcome } of run.slice(20))
    assert.equal(limitsOf(outcome.orders, DESIRED.length), [28n, 21n, 14n, 7n]);
  assert.equal(new Set(fedInOf(run.slice(22))), new Set([20n]));
});

street("rests on two levels when demand alternates", () => {
  const run = runStreet({
    intervals: 40,
    demand: (k) => (k % 2 === 0 ? 30n : 60n),
    feedInLimit: () => 20n,
    desired: () => DESIRED,
  });
  assert.ok(isAtRest(run.slice(2)));
  assert.equal(new Set(fedInOf(run.slice(2))), new Set([20n]));
});

street("keeps the order of a generator whose meter was silent", () => {
  const silent = (k: number) => k >= 6 && k < 11;
  const run = runStreet({
    intervals: 30,
    demand: (k) => (silent(k) ? 10n : 30n),
    feedInLimit: () => 20n,
    desired: (k) => (silent(k) ? [null, ...DESIRED.slice(1)] : DESIRED),
  });
  assert.ok(isAtRest(run.slice(2)));
});

street("is seen to oscillate under a rule that forgets its orders", () => {
  const forgets = runStreet(
    { intervals: 30, demand: () => 30n, feedInLimit: () => 20n, desired: () => DESIRED },
    (outcome) => (outcome.signal.unsold > 20n ? outcome.orders : []),
  );
  assert.not.ok(isAtRest(forgets.slice(2)));
  assert.equal(fedInOf(forgets).slice(0, 8), [70n, 70n, 20n, 20n, 70n, 70n, 20n, 20n]);
});

street.run();

const random = suite("a street of obedient generators, random");
const MOST_WH = 20n;
/** Room of one Wh an interval is the slowest release: five members, 41 Wh each, in two alternating runs. */
const LONG_ENOUGH = 2 * 5 * 41 + 40;

random(
  "comes to rest from any orders, feeding in no more than it may and holding nothing back that it could",
  () => {
    const amount = fc.bigInt({ min: 0n, max: MOST_WH });
    const arbitrary = fc.record({
      desired: fc.array(amount, { minLength: 1, maxLength: 5 }),
      demand: fc.bigInt({ min: 0n, max: 2n * MOST_WH }),
      feedInLimit: amount,
      limits: fc.array(fc.tuple(amount, amount, fc.nat(1)), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ desired, demand, feedInLimit, limits }) => {
        const orders = limits
          .slice(0, desired.length)
          .map(([max, more, bound], index) =>
            generationOrder(testMember(index + 1), bound, max, max + more + 1n),
          );
        const run = runStreet({
          intervals: LONG_ENOUGH,
          demand: () => demand,
          feedInLimit: () => feedInLimit,
          desired: () => desired,
          orders,
        });
        assert.equal(
          run.flatMap(({ input, outcome }) => outcomeViolations(input, outcome)),
          [],
        );
        assert.ok(isSettled(run, desired, demand + feedInLimit), "settled");
        const hits = fedInOf(run.filter((_, k) => k % 2 === 0)).filter((fedIn) => fedIn > feedInLimit).length;
        assert.ok(hits <= desired.length + 1, `${hits} intervals of one run above the limit`);
      }),
      { seed, numRuns: 150 },
    );
  },
);

random.run();

function fedInOf(run: readonly StreetInterval[]): readonly bigint[] {
  return run.map(({ outcome }) => outcome.signal.unsold);
}

/** At rest in the last four intervals, and generating as much as the street takes. */
function isSettled(run: readonly StreetInterval[], desired: readonly bigint[], takes: bigint): boolean {
  const wanted = desired.reduce((sum, one) => sum + one, 0n);
  const last = run.slice(-4);
  return (
    isAtRest(last) &&
    last.every(({ outcome: { signal }, given }) =>
      wanted <= takes ? signal.excess === wanted : signal.excess === takes && given.length > 0,
    )
  );
}
