import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BalanceInput, balance } from "../../../../../agent/core/market/balance.ts";
import { curtailedWh } from "../../../../../agent/core/market/curtail.ts";
import { MarketError, type MarketErrorCode } from "../../../../../agent/core/market/marketError.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { consumptionOrder, measured, testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const D = testMember(3);
const canonical = [A, B, C, D].sort();

const golden = suite("golden case of the paper");

/** t = 7: DEP 2 generates 20 and needs 60, nobody has excess. @source Dzobo, Malila, Sithole 2021 */
const SEVEN = intervalIndex(7);
const DEP2 = testMember(2);
const GOLDEN: BalanceInput = {
  interval: SEVEN,
  mode: "islanded",
  positions: [measured(testMember(1), 30n, 30n), measured(DEP2, 20n, 60n), measured(testMember(3), 0n, 0n)],
  missing: [],
  tieOrder: [testMember(3), DEP2, testMember(1)],
  standingOrders: [],
  feedInLimit: null,
  ineligible: new Set(),
};

golden("has a deficit of 40, stops for want of excess, and nothing is traded", () => {
  const outcome = balance(GOLDEN);
  assert.equal(outcome.signal, { excess: 0n, deficit: 40n, unmet: 40n, unsold: 0n });
  assert.is(outcome.stop, "no-excess");
  assert.equal(outcome.trades, []);
  assert.equal(outcome.residuals, []);
});

golden("orders 40 to be curtailed two intervals later, so that DEP 2 is served its own 20", () => {
  const { orders, positions } = balance(GOLDEN);
  assert.equal(orders, [consumptionOrder(DEP2, 9, 0n, 40n)]);
  const dep2 = positions.find((one) => one.member === DEP2)!;
  assert.is(curtailedWh(orders[0]!), 40n);
  assert.is(dep2.consumed - curtailedWh(orders[0]!), 20n);
});

golden("buys the 40 from the base-load supplier when the street is tied to the grid", () => {
  const outcome = balance({ ...GOLDEN, mode: "grid-tied" });
  assert.equal(outcome.residuals, [{ member: DEP2, kind: "bought", wh: 40n }]);
  assert.equal(outcome.orders, []);
});

golden.run();

const worked = suite("balance, worked by hand");

/** A and D have 6 + 4, B and C lack 5 + 3: 8 is traded. A sells 4.8 → 5, D 3.2 → 3; B and C get all. */
const PLENTY: BalanceInput = {
  interval: intervalIndex(8),
  mode: "grid-tied",
  positions: [measured(A, 9n, 3n), measured(B, 1n, 6n), measured(C, 0n, 3n), measured(D, 4n, 0n)],
  missing: [],
  tieOrder: [A, B, C, D],
  standingOrders: [],
  feedInLimit: null,
  ineligible: new Set(),
};

worked("sells pro-rata what the deficit takes, and feeds in the rest", () => {
  const outcome = balance(PLENTY);
  assert.equal(outcome.trades, [
    { from: A, to: B, wh: 5n },
    { from: D, to: C, wh: 3n },
  ]);
  assert.equal(outcome.signal, { excess: 10n, deficit: 8n, unmet: 0n, unsold: 2n });
  assert.is(outcome.stop, "no-deficit");
  assert.equal(
    new Map(outcome.residuals.map(({ member, kind, wh: amount }) => [member, `${kind} ${amount}`])),
    new Map(canonical.filter((one) => one === A || one === D).map((one) => [one, "fed-in 1"])),
  );
});

worked("walks from the member whose turn it is", () => {
  const { trades } = balance({ ...PLENTY, interval: intervalIndex(10) });
  assert.equal(trades, [
    { from: D, to: C, wh: 3n },
    { from: A, to: B, wh: 5n },
  ]);
});

/** A has 10, B lacks 7, C lacks 13: quotas 3.5 and 6.5, so the odd Wh is the tie order's to give. */
const SHORT: BalanceInput = {
  interval: intervalIndex(4),
  mode: "islanded",
  positions: [measured(A, 10n, 0n), measured(B, 2n, 9n), measured(C, 0n, 13n)],
  missing: [{ member: D, reason: "silent" }],
  tieOrder: [A, B, C, D],
  standingOrders: [],
  feedInLimit: null,
  ineligible: new Set(),
};

worked("gives the odd Wh to B in interval 4 and orders both to what they could buy", () => {
  const outcome = balance(SHORT);
  assert.equal(outcome.trades, [
    { from: A, to: B, wh: 4n },
    { from: A, to: C, wh: 6n },
  ]);
  assert.is(outcome.stop, "no-excess");
  const orders = new Map(outcome.orders.map((order) => [order.member, order]));
  assert.equal(orders.get(B), consumptionOrder(B, 6, 4n, 7n));
  assert.equal(orders.get(C), consumptionOrder(C, 6, 6n, 13n));
  assert.is(outcome.orders.length, 2);
});

worked("gives the odd Wh to C in interval 6", () => {
  assert.equal(balance({ ...SHORT, interval: intervalIndex(6) }).trades, [
    { from: A, to: C, wh: 7n },
    { from: A, to: B, wh: 3n },
  ]);
});

worked("stops balanced when both sides are used up, in the fewest trades", () => {
  const positions = [measured(A, 5n, 0n), measured(B, 0n, 6n), measured(C, 0n, 3n), measured(D, 4n, 0n)];
  const outcome = balance({ ...SHORT, positions, missing: [] });
  assert.is(outcome.stop, "balanced");
  assert.equal(outcome.trades, [
    { from: A, to: B, wh: 5n },
    { from: D, to: B, wh: 1n },
    { from: D, to: C, wh: 3n },
  ]);
  assert.equal(outcome.orders, []);
});

worked("lists positions and missing members by id, whatever sequence they came in", () => {
  const missing = [D, C].map((member) => ({ member, reason: "silent" }));
  const positions = [measured(B, 0n, 1n), measured(A, 1n, 0n)];
  for (const input of [
    { ...SHORT, positions, missing },
    { ...SHORT, positions: [...positions].reverse(), missing: [...missing].reverse() },
  ]) {
    const outcome = balance(input);
    assert.equal(
      outcome.positions.map((one) => one.member),
      canonical.filter((one) => one === A || one === B),
    );
    assert.equal(
      outcome.missing.map((one) => one.member),
      canonical.filter((one) => one === C || one === D),
    );
  }
});

worked("settles the others when a member is missing", () => {
  const all = balance({ ...SHORT, positions: [...SHORT.positions, measured(D, 0n, 0n)], missing: [] });
  assert.equal(balance(SHORT).trades, all.trades);
});

worked("is balanced when nobody was measured", () => {
  const missing = [A, B, C, D].map((member) => ({ member, reason: "silent" }));
  const outcome = balance({ ...SHORT, positions: [], missing });
  assert.is(outcome.stop, "balanced");
  assert.equal(outcome.trades, []);
});

worked("is exact beyond 2^53", () => {
  const positions = [measured(A, 2n ** 64n + 1n, 0n), measured(B, 0n, 2n ** 65n), measured(C, 0n, 2n ** 65n)];
  const { trades, signal } = balance({ ...SHORT, positions });
  assert.equal(
    trades.map((trade) => trade.wh),
    [9_223_372_036_854_775_809n, 9_223_372_036_854_775_808n],
  );
  assert.is(signal.unmet, 55_340_232_221_128_654_847n);
});

worked("lifts every standing order when the street is tied to the grid", () => {
  const order = consumptionOrder(C, SHORT.interval, 1n, 9n);
  assert.equal(balance({ ...SHORT, mode: "grid-tied", standingOrders: [order] }).orders, []);
});

worked.run();

const refused = suite("balance, refused input");
const order = consumptionOrder(B, SHORT.interval, 1n, 2n);

const REFUSALS: readonly { name: string; code: MarketErrorCode; change: Partial<BalanceInput> }[] = [
  {
    name: "a member measured twice",
    code: "MARKET_DUPLICATE_MEMBER",
    change: { positions: [...SHORT.positions, measured(A, 1n, 0n)] },
  },
  {
    name: "a member missing twice",
    code: "MARKET_DUPLICATE_MEMBER",
    change: { missing: [...SHORT.missing, { member: D, reason: "late" }] },
  },
  {
    name: "a member twice in the tie order",
    code: "MARKET_DUPLICATE_MEMBER",
    change: { tieOrder: [A, B, C, D, A] },
  },
  {
    name: "a member both measured and missing",
    code: "MARKET_BOTH_MEASURED_AND_MISSING",
    change: { missing: [...SHORT.missing, { member: A, reason: "late" }] },
  },
  {
    name: "a measured member outside the tie order",
    code: "MARKET_NOT_IN_TIE_ORDER",
    change: { tieOrder: [B, C, D] },
  },
  {
    name: "a missing member outside the tie order",
    code: "MARKET_NOT_IN_TIE_ORDER",
    change: { tieOrder: [A, B, C] },
  },
  {
    name: "a member neither measured nor missing",
    code: "MARKET_MEMBER_UNACCOUNTED",
    change: { missing: [] },
  },
  {
    name: "a position that is not generated − consumed",
    code: "MARKET_POSITION_MISMATCH",
    change: { positions: SHORT.positions.map((one) => ({ ...one, position: wh(one.position + 1n) })) },
  },
  {
    name: "negative energy",
    code: "MARKET_NEGATIVE_ENERGY",
    change: { positions: SHORT.positions.map((one) => ({ ...one, consumed: wh(-1n) })) },
  },
  {
    name: "a standing order of another interval",
    code: "MARKET_ORDER_INTERVAL",
    change: { standingOrders: [{ ...order, interval: intervalIndex(5) }] },
  },
  {
    name: "two standing orders of one member",
    code: "MARKET_DUPLICATE_MEMBER",
    change: { standingOrders: [order, order] },
  },
  {
    name: "a standing order that takes nothing away",
    code: "MARKET_ORDER_RANGE",
    change: { standingOrders: [{ ...order, maxDeficit: wh(2n) }] },
  },
  {
    name: "a standing order below 0",
    code: "MARKET_ORDER_RANGE",
    change: { standingOrders: [{ ...order, maxDeficit: wh(-1n) }] },
  },
  {
    name: "a standing order of a member outside the tie order",
    code: "MARKET_NOT_IN_TIE_ORDER",
    change: { standingOrders: [{ ...order, member: testMember(9) }] },
  },
];

for (const { name, code, change } of REFUSALS) {
  refused(`throws ${code} on ${name}`, () => {
    assert.throws(
      () => balance({ ...SHORT, ...change }),
      (error: unknown) => error instanceof MarketError && error.code === code,
    );
  });
}

refused.run();
