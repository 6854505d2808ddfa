/**
 * 10⁵ random intervals against every property of the market, and each property shown to fail on a
 * planted fault.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type BalanceInput,
  balance,
  type IntervalOutcome,
} from "../../../../../agent/core/market/balance.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { limitOf } from "../../../../support/curtailmentProperties.ts";
import {
  consumptionOrder,
  cutInput,
  generationOrder,
  type MarketCase,
  marketCase,
  measured,
  testMember,
} from "../../../../support/marketCases.ts";
import {
  cutViolations,
  type MarketViolation,
  outcomeViolations,
  permutationViolations,
} from "../../../../support/marketProperties.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const CASES = 100_000;
const seed = propertySeed("balance.property");

type Tally = {
  trades: number;
  unmet: number;
  unsold: number;
  balanced: number;
  cuts: number;
  orders: number;
};

const random = suite("balance, random streets");

random("holds every property in 100 000 streets", () => {
  const tally: Tally = { trades: 0, unmet: 0, unsold: 0, balanced: 0, cuts: 0, orders: 0 };
  const holds = (street: MarketCase) => assert.equal(violationsOf(street, tally), []);
  fc.assert(fc.property(marketCase(), holds), { seed, numRuns: CASES });
  const rare = Object.entries(tally).filter(([, count]) => count < CASES / 20);
  assert.equal(rare, [], "every kind of street came up in at least one of twenty cases");
});

random.run();

const planted = suite("market properties, planted faults");

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const D = testMember(3);
const K = intervalIndex(4);

/** A sells 10 Wh to B and C, C is under an order for this interval, and so is D, which is missing. */
const SHORT: BalanceInput = {
  interval: K,
  mode: "islanded",
  positions: [measured(A, 10n, 0n), measured(B, 2n, 9n), measured(C, 0n, 13n)],
  missing: [{ member: D, reason: "silent" }],
  tieOrder: [A, B, C, D],
  standingOrders: [consumptionOrder(C, K, 13n, 30n), consumptionOrder(D, K, 1n, 5n)],
  feedInLimit: null,
  ineligible: new Set(),
};
const LONG: BalanceInput = {
  ...SHORT,
  positions: [measured(A, 50n, 0n), measured(B, 2n, 9n), measured(C, 0n, 13n)],
};
const TIED: BalanceInput = { ...SHORT, mode: "grid-tied" };
/** A sells 7 of 30 Wh, may feed in 5, and is under an order, as D is, which is missing. */
const BRIGHT: BalanceInput = {
  ...TIED,
  positions: [measured(A, 30n, 0n), measured(B, 2n, 9n), measured(C, 0n, 0n)],
  standingOrders: [generationOrder(A, K, 9n, 40n), generationOrder(D, K, 1n, 5n)],
  feedInLimit: wh(5n),
};

type Fault = {
  readonly name: string;
  readonly input: BalanceInput;
  readonly breaks: MarketViolation;
  readonly plant: (right: IntervalOutcome) => IntervalOutcome;
};

const FAULTS: readonly Fault[] = [
  {
    name: "a position is altered",
    input: SHORT,
    breaks: "members-changed",
    plant: (right) => ({ ...right, positions: [measured(A, 11n, 0n), ...right.positions.slice(1)] }),
  },
  {
    name: "positions stand in another order",
    input: SHORT,
    breaks: "members-changed",
    plant: (right) => ({ ...right, positions: [...right.positions].reverse() }),
  },
  {
    name: "a missing member is left out",
    input: SHORT,
    breaks: "members-changed",
    plant: (right) => ({ ...right, missing: [] }),
  },
  {
    name: "a missing member trades",
    input: LONG,
    breaks: "members-changed",
    plant: (right) => ({ ...right, trades: [...right.trades, { from: A, to: D, wh: wh(1n) }] }),
  },
  {
    name: "a trade is lost",
    input: SHORT,
    breaks: "not-conserved",
    plant: (right) => ({ ...right, trades: right.trades.slice(1) }),
  },
  {
    name: "a seller sells a Wh it does not have",
    input: SHORT,
    breaks: "sold-above-excess",
    plant: (right) => withTrade(right, 0, 1n),
  },
  {
    name: "a buyer is sold a Wh it does not need",
    input: LONG,
    breaks: "bought-above-deficit",
    plant: (right) => withTrade(right, 0, 1n),
  },
  {
    name: "one Wh goes to the smaller remainder",
    input: SHORT,
    breaks: "not-pro-rata",
    plant: (right) => withTrade(withTrade(right, 0, 1n), 1, -1n),
  },
  {
    name: "a trade of nothing is listed",
    input: SHORT,
    breaks: "trade-not-positive",
    plant: (right) => ({ ...right, trades: [...right.trades, { from: A, to: B, wh: wh(0n) }] }),
  },
  {
    name: "a member trades with itself",
    input: SHORT,
    breaks: "trade-not-positive",
    plant: (right) => ({ ...right, trades: [...right.trades, { from: C, to: C, wh: wh(1n) }] }),
  },
  {
    name: "trades stand in another order",
    input: SHORT,
    breaks: "trades-out-of-walk",
    plant: (right) => ({ ...right, trades: [...right.trades].reverse() }),
  },
  {
    name: "a trade is cut in two",
    input: SHORT,
    breaks: "too-many-trades",
    plant: (right) => {
      const halved = withTrade(right, 0, -1n);
      return { ...halved, trades: [{ ...halved.trades[0]!, wh: wh(1n) }, ...halved.trades] };
    },
  },
  {
    name: "the signal overstates excess and what is unsold",
    input: SHORT,
    breaks: "signal-wrong",
    plant: (right) => ({ ...right, signal: { ...right.signal, excess: wh(11n), unsold: wh(1n) } }),
  },
  {
    name: "the signal has both unmet and unsold",
    input: SHORT,
    breaks: "unmet-and-unsold",
    plant: (right) => ({ ...right, signal: { ...right.signal, unsold: wh(1n) } }),
  },
  {
    name: "the stop reason is another",
    input: SHORT,
    breaks: "stop-wrong",
    plant: (right) => ({ ...right, stop: "no-deficit" }),
  },
  {
    name: "a residual is one Wh short",
    input: TIED,
    breaks: "residual-wrong",
    plant: (right) => ({
      ...right,
      residuals: right.residuals.map((one) => ({ ...one, wh: wh(one.wh - 1n) })),
    }),
  },
  {
    name: "a residual has the wrong direction",
    input: TIED,
    breaks: "residual-wrong",
    plant: (right) => ({
      ...right,
      residuals: right.residuals.map((one) => ({ ...one, kind: "fed-in" as const })),
    }),
  },
  {
    name: "an islanded street buys from the base-load supplier",
    input: SHORT,
    breaks: "residual-wrong",
    plant: (right) => ({ ...right, residuals: [{ member: B, kind: "bought", wh: wh(1n) }] }),
  },
  {
    name: "a grid-tied street is curtailed",
    input: TIED,
    breaks: "order-wrong",
    plant: (right) => ({ ...right, orders: balance(SHORT).orders }),
  },
  {
    name: "an order binds the next interval",
    input: SHORT,
    breaks: "order-wrong",
    plant: (right) => withOrders(right, (order) => ({ ...order, interval: intervalIndex(5) })),
  },
  {
    name: "an order forgets what was wanted before",
    input: SHORT,
    breaks: "order-wrong",
    plant: (right) =>
      withOrders(right, (order) => (order.member === C ? { ...order, wanted: wh(13n) } : order)),
  },
  {
    name: "a missing member's order is dropped",
    input: SHORT,
    breaks: "order-wrong",
    plant: (right) => ({ ...right, orders: right.orders.filter((order) => order.member !== D) }),
  },
  {
    name: "an order is released that unsold excess does not cover",
    input: { ...LONG, positions: [measured(A, 25n, 0n), measured(B, 2n, 9n), measured(C, 0n, 13n)] },
    breaks: "order-wrong",
    plant: (right) => ({ ...right, orders: right.orders.filter((order) => order.member !== C) }),
  },
  {
    name: "a generator may feed in a Wh above the limit",
    input: BRIGHT,
    breaks: "order-wrong",
    plant: (right) => ({
      ...right,
      orders: right.orders.map((order) =>
        order.member === A ? generationOrder(A, 6, limitOf(order) + 1n, order.wanted) : order,
      ),
    }),
  },
  {
    name: "a generator's order is raised while the street feeds in too much",
    input: { ...BRIGHT, positions: [measured(A, 9n, 0n), measured(B, 2n, 9n), measured(C, 10n, 0n)] },
    breaks: "order-wrong",
    plant: (right) => ({ ...right, orders: right.orders.filter((order) => order.member !== A) }),
  },
  {
    name: "consumption is limited in a street that is tied to the grid",
    input: BRIGHT,
    breaks: "order-wrong",
    plant: (right) => ({ ...right, orders: [consumptionOrder(B, 6, 1n, 2n)] }),
  },
  {
    name: "a new order takes away a Wh too few",
    input: SHORT,
    breaks: "orders-not-unmet",
    plant: (right) =>
      withOrders(right, (order) =>
        order.member === B ? consumptionOrder(B, order.interval, limitOf(order) + 1n, order.wanted) : order,
      ),
  },
];

for (const fault of FAULTS) {
  planted(`are broken when ${fault.name}`, () => {
    const right = balance(fault.input);
    assert.equal(outcomeViolations(fault.input, right), []);
    const found = outcomeViolations(fault.input, fault.plant(right));
    assert.ok(found.includes(fault.breaks), `${fault.breaks} in [${found.join(", ")}]`);
  });
}

planted("are broken when the sequence of members matters", () => {
  const right = balance(SHORT);
  const wrong = withTrade(withTrade(right, 0, 1n), 1, -1n);
  assert.equal(permutationViolations(right, right), []);
  assert.equal(permutationViolations(right, wrong), ["permutation-matters"]);
});

planted("are broken when a cut into two parts moves 3 Wh of others", () => {
  const right = balance(SHORT);
  assert.equal(cutViolations(right, withTrade(right, 1, -2n), A, 2), []);
  assert.equal(cutViolations(right, withTrade(right, 1, -3n), A, 2), ["cut-moves-too-much"]);
});

planted.run();

function violationsOf(street: MarketCase, tally: Tally): readonly MarketViolation[] {
  const { input, permuted, cut } = street;
  const outcome = balance(input);
  tally.trades += outcome.trades.length > 1 ? 1 : 0;
  tally.unmet += outcome.stop === "no-excess" ? 1 : 0;
  tally.unsold += outcome.stop === "no-deficit" ? 1 : 0;
  tally.balanced += outcome.stop === "balanced" && outcome.trades.length > 0 ? 1 : 0;
  tally.orders += input.standingOrders.length > 0 && outcome.orders.length > 0 ? 1 : 0;
  const found = [...outcomeViolations(input, outcome), ...permutationViolations(outcome, balance(permuted))];
  if (cut === null) return found;
  tally.cuts += 1;
  const parted = balance(cutInput(input, cut));
  return [...found, ...cutViolations(outcome, parted, cut.member, cut.parts.length)];
}

function withTrade(outcome: IntervalOutcome, index: number, add: bigint): IntervalOutcome {
  const trades = outcome.trades.map((trade, at) =>
    at === index ? { ...trade, wh: wh(trade.wh + add) } : trade,
  );
  return { ...outcome, trades };
}

function withOrders(
  outcome: IntervalOutcome,
  alter: (order: IntervalOutcome["orders"][number]) => IntervalOutcome["orders"][number],
): IntervalOutcome {
  return { ...outcome, orders: outcome.orders.map(alter) };
}
