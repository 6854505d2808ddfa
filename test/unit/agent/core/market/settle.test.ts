/** The settlement of one interval, worked by hand. @source docs/market.md, "Settlement" */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_COINS } from "../../../../../agent/core/codec.ts";
import { balance, type IntervalOutcome } from "../../../../../agent/core/market/balance.ts";
import { postingsOf, settle } from "../../../../../agent/core/market/settle.ts";
import type { Policy } from "../../../../../agent/core/membership/policy.ts";
import { intervalIndex, pricePerKwh, wh } from "../../../../../agent/core/units.ts";
import { measured, testMember } from "../../../../support/marketCases.ts";
import { testPolicy, testStep } from "../../../../support/testPolicy.ts";

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const K = 7;

/** A sells 7 Wh to B and 1 Wh to C. */
const outcome = balance({
  interval: intervalIndex(K),
  mode: "grid-tied",
  positions: [measured(A, 11n, 0n), measured(B, 0n, 7n), measured(C, 2n, 3n)],
  missing: [],
  tieOrder: [B, A, C],
  standingOrders: [],
  feedInLimit: null,
  ineligible: new Set(),
});
const policy = testPolicy(0, {
  prices: [testStep(0, { trade: 123_456n, supplierSells: 300_001n, supplierBuys: 80_001n })],
  fee: pricePerKwh(3_001n),
});

const sums = (of: IntervalOutcome, by: Policy) => {
  const totals = new Map<string, bigint>();
  for (const { account, amount } of postingsOf(of, settle({ outcome: of, policy: by, ineligible: [] })!))
    totals.set(account, (totals.get(account) ?? 0n) + amount);
  return totals;
};

const settling = suite("settlement, worked by hand");

settling("rounds up what is paid and down what is received, and keeps both as entries", () => {
  assert.equal(
    outcome.trades.map((trade) => [trade.to, trade.wh]),
    [
      [C, 1n],
      [B, 7n],
    ],
  );
  const settlement = settle({ outcome, policy, ineligible: [] })!;
  assert.is(settlement.policyVersion, 1);
  assert.is(settlement.price, 123_456n);
  // 1 Wh at 123,456 µ/kWh is 123.456 µ, the fee 3.001 µ; 7 Wh are 864.192 µ and 21.007 µ
  assert.equal(
    settlement.trades.map(({ paid, received, fee, carbon }) => [paid, received, fee, carbon]),
    [
      [124n, 123n, 4n, 0n],
      [865n, 864n, 22n, 0n],
    ],
  );
  // A feeds in 3 Wh at 80,001 µ/kWh: 240.003 µ
  assert.equal(settlement.residuals, [{ price: 80_001n, amount: 240n, carbon: 0n }]);
});

settling("posts every coin of it somewhere", () => {
  assert.equal(Object.fromEntries(sums(outcome, policy)), {
    [A]: 123n + 864n + 240n,
    [B]: -(865n + 22n),
    [C]: -(124n + 4n),
    rounding: 2n,
    fees: 26n,
    carbon: 0n,
    supplier: -240n,
  });
});

settling("charges the base-load supplier's carbon with its energy", () => {
  const lacking = balance({
    interval: intervalIndex(K),
    mode: "grid-tied",
    positions: [measured(A, 0n, 5n)],
    missing: [],
    tieOrder: [A],
    standingOrders: [],
    feedInLimit: null,
    ineligible: new Set(),
  });
  // 5 Wh at 300,001 µ/kWh: 1,500.005 µ; 5 Wh × 400 g/kWh × 50,000 µ/kg: 2 g at 50 µ each
  assert.equal(settle({ outcome: lacking, policy, ineligible: [] })?.residuals, [
    { price: 300_001n, amount: 1_501n, carbon: 100n },
  ]);
  assert.equal(Object.fromEntries(sums(lacking, policy)), { [A]: -1_601n, supplier: 1_501n, carbon: 100n });
});

settling("charges a trade for the fossil part of it alone, rounded up once", () => {
  const dirty = testPolicy(0, {
    carbon: {
      grams: [
        ["diesel", 801],
        ["grid-mix", 399],
      ],
      rate: pricePerKwh(50_003n),
    },
  });
  const fuels = [
    [["solar", wh(1n)]],
    [
      ["solar", wh(2n)],
      ["diesel", wh(3n)],
      ["undeclared", wh(2n)],
    ],
  ] as const;
  // 3 Wh × 801 g/kWh × 50,003 µ/kg = 120.157209 µ
  const settlement = settle({ outcome, policy: dirty, ineligible: [], fuels });
  assert.equal(
    settlement?.trades.map(({ carbon }) => carbon),
    [0n, 121n],
  );
  assert.equal(settlement?.trades[1]?.fuels, fuels[1]);
});

settling("charges what an ineligible member draws from an islanded street against the imbalance", () => {
  const broke = balance({
    interval: intervalIndex(K),
    mode: "islanded",
    positions: [measured(A, 4n, 0n), measured(B, 0n, 7n)],
    missing: [],
    tieOrder: [B, A],
    standingOrders: [],
    feedInLimit: null,
    ineligible: new Set([B]),
  });
  assert.equal(broke.trades, []);
  assert.equal(Object.fromEntries(sums(broke, policy)), { [B]: -2_101n, imbalance: 2_101n, carbon: 0n });
});

settling("takes the price of the step that the interval lies in", () => {
  const changing = testPolicy(0, {
    prices: [testStep(0), testStep(K, { trade: 100_000n }), testStep(K + 1, { trade: 300_000n })],
  });
  assert.is(settle({ outcome, policy: changing, ineligible: [] })?.price, 100_000n);
  const later = { ...outcome, interval: intervalIndex(K + 1) };
  assert.is(settle({ outcome: later, policy: changing, ineligible: [] })?.price, 300_000n);
  const before = { ...outcome, interval: intervalIndex(K - 1) };
  assert.is(settle({ outcome: before, policy: changing, ineligible: [] })?.price, 200_000n);
});

settling("moves nothing where an amount would be beyond 64 bits", () => {
  const trades = [{ from: A, to: B, wh: wh((MAX_COINS * 1_000n) / 200_000n) }];
  const plain = testPolicy(0);
  assert.ok(settle({ outcome: { ...outcome, trades }, policy: plain, ineligible: [] }) !== null);
  const more = [{ from: A, to: B, wh: wh((MAX_COINS * 1_000n) / 200_000n + 1n) }];
  assert.is(settle({ outcome: { ...outcome, trades: more }, policy: plain, ineligible: [] }), null);
});

settling.run();
