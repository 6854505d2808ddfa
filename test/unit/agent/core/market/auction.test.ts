import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type AuctionInput, clear, type Offer } from "../../../../../agent/core/market/auction.ts";
import { MarketError, type MarketErrorCode } from "../../../../../agent/core/market/marketError.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { pricePerKwh, wh } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";

const [A, B, C, D, E, F] = [0, 1, 2, 3, 4, 5].map(testMember) as [
  MemberId,
  MemberId,
  MemberId,
  MemberId,
  MemberId,
  MemberId,
];
const ORDER = [A, B, C, D, E, F];
const BOUNDS = { floor: pricePerKwh(10n), cap: pricePerKwh(100n) };

const auction = suite("auction, worked by hand");

type Example = {
  readonly name: string;
  readonly sells: readonly Offer[];
  readonly buys: readonly Offer[];
  readonly bounds?: AuctionInput["bounds"];
  readonly price: bigint | null;
  readonly sold: readonly (readonly [MemberId, bigint])[];
  readonly bought: readonly (readonly [MemberId, bigint])[];
};

const EXAMPLES: readonly Example[] = [
  {
    name: "meets one seller and one buyer in the middle",
    sells: [offer(A, 10n, 20n)],
    buys: [offer(B, 10n, 60n)],
    price: 40n,
    sold: [[A, 10n]],
    bought: [[B, 10n]],
  },
  {
    name: "rounds the middle down",
    sells: [offer(A, 10n, 20n)],
    buys: [offer(B, 10n, 61n)],
    price: 40n,
    sold: [[A, 10n]],
    bought: [[B, 10n]],
  },
  {
    // Supply 5, 10, 15 Wh from 10, 20, 30 on; demand 20, 11, 7 Wh up to 15, 25, 40: most, 10 Wh, at 20 to 25.
    name: "trades the most that one price allows, the better limits first",
    sells: [offer(A, 5n, 30n), offer(B, 5n, 20n), offer(C, 5n, 10n)],
    buys: [offer(D, 9n, 15n), offer(E, 4n, 25n), offer(F, 7n, 40n)],
    price: 22n,
    sold: [
      [B, 5n],
      [C, 5n],
    ],
    bought: [
      [E, 3n],
      [F, 7n],
    ],
  },
  {
    // 10 Wh trade at any price from 20 to 50; from 30 on a second seller would be left out.
    name: "takes the lowest imbalance where several prices trade the most",
    sells: [offer(A, 10n, 20n), offer(B, 10n, 30n)],
    buys: [offer(C, 10n, 50n)],
    price: 24n,
    sold: [[A, 10n]],
    bought: [[C, 10n]],
  },
  {
    // Supply 6 from 20, 9 from 30; demand 6 up to 40, 3 up to 60: from 20 to 29 both have 6, from 30 to 40 9 and 6.
    name: "prefers no imbalance to some",
    sells: [offer(A, 6n, 20n), offer(B, 3n, 30n)],
    buys: [offer(C, 3n, 40n), offer(D, 3n, 60n)],
    price: 24n,
    sold: [[A, 6n]],
    bought: [
      [C, 3n],
      [D, 3n],
    ],
  },
  {
    // Below 30 5 Wh are offered and 8 wanted, from 30 on 11 offered and 8 wanted up to 40: 8 Wh at 30 to 40.
    name: "splits the marginal limit by largest remainder, ties by the tie order",
    sells: [offer(A, 3n, 30n), offer(B, 5n, 12n), offer(C, 3n, 30n)],
    buys: [offer(D, 8n, 40n)],
    price: 35n,
    sold: [
      [A, 2n],
      [B, 5n],
      [C, 1n],
    ],
    bought: [[D, 8n]],
  },
  {
    name: "goes to the middle of the bounds when everybody takes any price",
    sells: [offer(A, 10n, 10n)],
    buys: [offer(B, 3n, 100n), offer(C, 2n, 100n)],
    price: 55n,
    sold: [[A, 5n]],
    bought: [
      [B, 3n],
      [C, 2n],
    ],
  },
  {
    name: "takes a seller below the floor at the floor, and a buyer above the cap at the cap",
    sells: [offer(A, 4n, 0n)],
    buys: [offer(B, 4n, 5_000n)],
    price: 55n,
    sold: [[A, 4n]],
    bought: [[B, 4n]],
  },
  {
    name: "leaves out a seller above the cap and a buyer below the floor",
    sells: [offer(A, 4n, 101n), offer(B, 4n, 100n)],
    buys: [offer(C, 4n, 9n), offer(D, 4n, 100n)],
    price: 100n,
    sold: [[B, 4n]],
    bought: [[D, 4n]],
  },
  {
    name: "trades nothing, and has no price, when limits do not meet",
    sells: [offer(A, 4n, 50n)],
    buys: [offer(B, 4n, 49n)],
    price: null,
    sold: [],
    bought: [],
  },
  {
    name: "has one price where floor and cap are one",
    bounds: { floor: pricePerKwh(7n), cap: pricePerKwh(7n) },
    sells: [offer(A, 4n, 7n), offer(B, 4n, 8n)],
    buys: [offer(C, 9n, 7n)],
    price: 7n,
    sold: [[A, 4n]],
    bought: [[C, 4n]],
  },
  {
    name: "ignores offers of nothing",
    sells: [offer(A, 0n, 10n), offer(B, 5n, 90n)],
    buys: [offer(C, 5n, 100n), offer(D, 0n, 10n)],
    price: 95n,
    sold: [[B, 5n]],
    bought: [[C, 5n]],
  },
  {
    name: "is exact beyond 2^53",
    sells: [offer(A, 2n ** 60n + 1n, 11n)],
    buys: [offer(B, 2n ** 60n, 12n), offer(C, 1n, 12n)],
    price: 11n,
    sold: [[A, 1_152_921_504_606_846_977n]],
    bought: [
      [B, 1_152_921_504_606_846_976n],
      [C, 1n],
    ],
  },
  { name: "has nothing to clear without offers", sells: [], buys: [], price: null, sold: [], bought: [] },
];

for (const { name, sells, buys, bounds = BOUNDS, price, sold, bought } of EXAMPLES) {
  auction(name, () => {
    for (const input of [
      { bounds, sells, buys, order: ORDER },
      { bounds, sells: [...sells].reverse(), buys: [...buys].reverse(), order: ORDER },
    ]) {
      const cleared = clear(input);
      assert.is(cleared.price, price);
      assert.equal([...cleared.sold], sold);
      assert.equal([...cleared.bought], bought);
    }
  });
}

auction("gives the odd Wh to whoever comes first in another tie order", () => {
  const sells = [offer(A, 3n, 30n), offer(B, 5n, 12n), offer(C, 3n, 30n)];
  const { sold } = clear({ bounds: BOUNDS, sells, buys: [offer(D, 8n, 40n)], order: [C, D, A, B] });
  assert.equal(
    [...sold],
    [
      [C, 2n],
      [A, 1n],
      [B, 5n],
    ],
  );
});

auction.run();

const refused = suite("auction, refused input");
const sells = [offer(A, 1n, 10n)];

const REFUSALS: readonly { name: string; code: MarketErrorCode; change: Partial<AuctionInput> }[] = [
  {
    name: "a floor above the cap",
    code: "MARKET_PRICE_BOUNDS",
    change: { bounds: { floor: pricePerKwh(2n), cap: pricePerKwh(1n) } },
  },
  {
    name: "a member that sells twice",
    code: "MARKET_DUPLICATE_MEMBER",
    change: { sells: [...sells, ...sells] },
  },
  {
    name: "a member outside the tie order",
    code: "MARKET_NOT_IN_TIE_ORDER",
    change: { buys: [offer(testMember(9), 1n, 10n)] },
  },
  { name: "negative energy", code: "MARKET_NEGATIVE_ENERGY", change: { buys: [offer(B, -1n, 10n)] } },
];

for (const { name, code, change } of REFUSALS) {
  refused(`throws ${code} on ${name}`, () => {
    assert.throws(
      () => clear({ bounds: BOUNDS, sells, buys: [], order: ORDER, ...change }),
      (error: unknown) => error instanceof MarketError && error.code === code,
    );
  });
}

refused.run();

function offer(member: MemberId, amount: bigint, limit: bigint): Offer {
  return { member, wh: wh(amount), limit: pricePerKwh(limit) };
}
