/** The auction of a whole interval, from bids to the outcome that balance makes of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BalanceInput, balance, sidesOf } from "../../../../../agent/core/market/balance.ts";
import { type Bid, NO_WISH, type StandingBid } from "../../../../../agent/core/market/bid.ts";
import { type AuctionAllocation, auction } from "../../../../../agent/core/market/offers.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { intervalIndex, pricePerKwh, wh } from "../../../../../agent/core/units.ts";
import { consumptionOrder, measured, testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const D = testMember(3);
const K = intervalIndex(8);
const BOUNDS = { floor: pricePerKwh(10n), cap: pricePerKwh(100n) };

/** A has 10 Wh, B 4; C lacks 6, D 5. Tie order of interval 8 is A, B, C, D. */
const STREET: BalanceInput = {
  interval: K,
  mode: "grid-tied",
  positions: [measured(A, 12n, 2n), measured(B, 4n, 0n), measured(C, 0n, 6n), measured(D, 1n, 6n)],
  missing: [],
  tieOrder: [A, B, C, D],
  standingOrders: [],
  ineligible: new Set(),
  feedInLimit: null,
};

const street = suite("auction of an interval");

street("takes who has no bid at any price, for all it has", () => {
  const held = hold([]);
  assert.is(held.price, 55n);
  assert.equal(held.trades, [
    { from: A, to: C, wh: 6n },
    { from: A, to: D, wh: 2n },
    { from: B, to: D, wh: 3n },
  ]);
});

street("sells no more than a bid's cap, and pays what all agree to", () => {
  // A sells 5 at 30 or more, B anything; 9 Wh trade from 30 on, and D stops at 50: there D's part is lost, not C's.
  const bids = [bid(A, { side: "sell", limit: 30n, cap: 5n }), bid(D, { side: "buy", limit: 50n, cap: 99n })];
  const held = hold(bids);
  assert.is(held.price, 40n);
  assert.equal([...held.bought], entries([C, 6n], [D, 3n]));
  const outcome = balance(STREET, sidesOf(STREET), held);
  assert.equal(outcome.signal, { excess: 14n, deficit: 11n, unmet: 2n, unsold: 5n });
  assert.is(outcome.stop, "limits");
  assert.equal(
    new Map(outcome.residuals.map(({ member, kind, wh: amount }) => [member, `${kind} ${amount}`])),
    new Map(
      [
        [A, "fed-in 5"],
        [D, "bought 2"],
      ].sort() as [MemberId, string][],
    ),
  );
});

street("counts a bid in its intervals only", () => {
  const later = { from: intervalIndex(9), to: null };
  const over = { from: intervalIndex(0), to: K };
  const bids = [
    bid(A, { side: "sell", limit: 90n, cap: 1n, ...later }),
    bid(C, { side: "buy", limit: 10n, cap: 1n, ...over }),
  ];
  assert.equal(hold(bids), hold([]));
});

street("counts no bid of the side that a member is not on", () => {
  assert.equal(hold([bid(A, { side: "buy", limit: 10n, cap: 1n })]), hold([]));
});

street("has no price when nobody trades, and buys and feeds in everything", () => {
  const bids = [A, B].map((member) => bid(member, { side: "sell", limit: 101n, cap: 99n }));
  const held = hold(bids);
  assert.is(held.price, null);
  const outcome = balance(STREET, sidesOf(STREET), held);
  assert.equal(outcome.trades, []);
  assert.is(outcome.residuals.length, 4);
  assert.is(outcome.stop, "limits");
});

street("moves neither price nor amounts by a wish", () => {
  const wish = { area: null, fuel: "wind" as const };
  const held = hold([bid(C, { side: "buy", limit: 100n, cap: 99n, wish })]);
  const plain = hold([]);
  assert.is(held.price, plain.price);
  assert.equal([...held.bought], [...plain.bought]);
  assert.equal(held.trades, [
    { from: B, to: C, wh: 3n },
    { from: A, to: C, wh: 3n },
    { from: A, to: D, wh: 5n },
  ]);
});

street("orders an islanded member down to what its limit let it buy", () => {
  const islanded: BalanceInput = { ...STREET, mode: "islanded" };
  const held = auction(sidesOf(islanded), terms([bid(D, { side: "buy", limit: 9n, cap: 99n })]));
  const outcome = balance(islanded, sidesOf(islanded), held);
  assert.equal(outcome.orders, [consumptionOrder(D, 10, 0n, 5n)]);
  assert.equal(outcome.residuals, []);
});

street("raises standing orders by what is unsold, but not of those whose limit refused it", () => {
  const islanded: BalanceInput = {
    ...STREET,
    mode: "islanded",
    standingOrders: [C, D].map((member) => consumptionOrder(member, K, 6n, 8n)),
  };
  const held = auction(sidesOf(islanded), terms([bid(D, { side: "buy", limit: 9n, cap: 99n })]));
  // 8 Wh stay unsold: C's order takes away 2 and is released; D bought nothing of its 5.
  assert.equal(balance(islanded, sidesOf(islanded), held).orders, [consumptionOrder(D, 10, 0n, 8n)]);
});

street.run();

function hold(bids: readonly StandingBid[]): AuctionAllocation {
  return auction(sidesOf(STREET), terms(bids));
}

function terms(bids: readonly StandingBid[]) {
  const origins = new Map([
    [A, { area: "street", fuels: new Set(["solar" as const]) }],
    [B, { area: "street", fuels: new Set(["wind" as const]) }],
  ]);
  return { interval: K, bounds: BOUNDS, bids, origins };
}

type Fields = Pick<Bid, "side"> & { readonly limit: bigint; readonly cap: bigint } & Partial<
    Pick<Bid, "from" | "to" | "wish">
  >;

function bid(member: MemberId, { side, limit, cap, from, to, wish }: Fields): StandingBid {
  const window = { from: from ?? K, to: to ?? null };
  return {
    member,
    bid: { side, limit: pricePerKwh(limit), cap: wh(cap), ...window, wish: wish ?? NO_WISH },
  };
}

function entries(...list: readonly (readonly [MemberId, bigint])[]) {
  return list;
}
