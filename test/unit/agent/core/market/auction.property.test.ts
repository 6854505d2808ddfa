/** 20 000 random auctions against every property of the auction, and each property shown to fail on a planted fault. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type AuctionInput, type Clearing, clear } from "../../../../../agent/core/market/auction.ts";
import { type Preferences, pair, type Trade } from "../../../../../agent/core/market/pairing.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { pricePerKwh, wh } from "../../../../../agent/core/units.ts";
import { type AuctionCase, auctionCase } from "../../../../support/auctionCases.ts";
import {
  type AuctionViolation,
  auctionPermutationViolations,
  clearingViolations,
  pairViolations,
} from "../../../../support/auctionProperties.ts";
import { testMember } from "../../../../support/marketCases.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const CASES = 20_000;
const seed = propertySeed("auction.property");

const random = suite("auction, random offers");

random("holds every property in 20 000 auctions", () => {
  const tally = { trades: 0, none: 0, rationed: 0, leftOut: 0, wishes: 0, atBound: 0 };
  const holds = ({ input, permuted, preferences }: AuctionCase) => {
    const cleared = clear(input);
    const trades = pair(cleared.sold, cleared.bought, preferences);
    const again = clear(permuted);
    assert.equal(
      [
        ...clearingViolations(input, cleared),
        ...pairViolations(cleared, preferences, trades),
        ...pairViolations(cleared, NO_WISHES, pair(cleared.sold, cleared.bought)),
        ...auctionPermutationViolations(
          [cleared, trades],
          [again, pair(again.sold, again.bought, preferences)],
        ),
      ],
      [],
    );
    const { price, sold, bought } = cleared;
    const isPartly = ({ member, wh: offered }: { member: MemberId; wh: bigint }) => {
      const got = sold.get(member) ?? bought.get(member) ?? 0n;
      return got > 0n && got < offered;
    };
    const offers = [...input.sells, ...input.buys];
    tally.trades += trades.length > 1 ? 1 : 0;
    tally.none += input.sells.length > 0 && input.buys.length > 0 && price === null ? 1 : 0;
    tally.rationed += offers.filter(isPartly).length > 1 ? 1 : 0;
    tally.leftOut += price !== null && sold.size + bought.size < offers.length ? 1 : 0;
    tally.wishes += JSON.stringify(keys(trades)) === JSON.stringify(keys(pair(sold, bought))) ? 0 : 1;
    tally.atBound += price === input.bounds.floor || price === input.bounds.cap ? 1 : 0;
  };
  fc.assert(fc.property(auctionCase(), holds), { seed, numRuns: CASES });
  const rare = Object.entries(tally).filter(([, count]) => count < CASES / 50);
  assert.equal(rare, [], "every kind of auction came up in at least one of fifty cases");
});

random.run();

const planted = suite("auction properties, planted faults");

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const D = testMember(3);
const NO_WISHES: Preferences = { wishes: new Map(), origins: new Map() };

/** 9 Wh trade from 30 to 40: A and B take 30 or more for 4 and 6 Wh, C and D pay up to 40 for 7 and 60 for 2. */
const INPUT: AuctionInput = {
  bounds: { floor: pricePerKwh(10n), cap: pricePerKwh(100n) },
  sells: [offer(A, 4n, 30n), offer(B, 6n, 30n)],
  buys: [offer(C, 7n, 40n), offer(D, 2n, 60n)],
  order: [A, B, C, D],
};

type Fault = {
  readonly name: string;
  readonly breaks: AuctionViolation;
  readonly input?: AuctionInput;
  readonly plant: (right: Clearing) => Clearing;
};

const FAULTS: readonly Fault[] = [
  {
    name: "a Wh is bought that nobody sells",
    breaks: "auction-not-conserved",
    plant: (right) => ({ ...right, bought: moved(right.bought, C, 1n) }),
  },
  {
    name: "a member sells a Wh that it does not offer",
    breaks: "above-offer",
    plant: (right) => ({ ...right, sold: moved(moved(right.sold, A, 1n), B, -1n) }),
  },
  {
    name: "somebody sells who offers nothing",
    breaks: "above-offer",
    plant: (right) => ({ ...right, sold: moved(moved(right.sold, D, 1n), B, -1n) }),
  },
  {
    name: "the price is below what a seller takes",
    breaks: "seller-below-limit",
    plant: (right) => ({ ...right, price: pricePerKwh(29n) }),
  },
  {
    name: "the price is above what a buyer pays",
    breaks: "buyer-above-limit",
    plant: (right) => ({ ...right, price: pricePerKwh(41n) }),
  },
  {
    name: "the price is above the cap",
    breaks: "price-outside-bounds",
    plant: (right) => ({ ...right, price: pricePerKwh(101n) }),
  },
  {
    name: "a Wh less is traded than could be",
    breaks: "volume-not-highest",
    plant: (right) => ({ ...right, sold: moved(right.sold, B, -1n), bought: moved(right.bought, C, -1n) }),
  },
  {
    name: "the middle is rounded up",
    breaks: "price-not-of-the-rule",
    input: { ...INPUT, buys: [offer(C, 7n, 41n), offer(D, 2n, 60n)] },
    plant: (right) => ({ ...right, price: pricePerKwh(36n) }),
  },
  {
    name: "a seller and a buyer are left who agree",
    breaks: "willing-pair-left",
    plant: (right) => ({ ...right, sold: moved(right.sold, B, -1n), bought: moved(right.bought, D, -1n) }),
  },
  {
    name: "a worse limit is served before a better one",
    breaks: "worse-limit-first",
    input: { ...INPUT, buys: [offer(C, 9n, 40n), offer(D, 2n, 60n)] },
    plant: (right) => ({ ...right, bought: moved(moved(right.bought, C, 1n), D, -1n) }),
  },
  {
    name: "the margin goes to the smaller remainder",
    breaks: "margin-not-pro-rata",
    plant: (right) => ({ ...right, sold: moved(moved(right.sold, A, -1n), B, 1n) }),
  },
];

for (const fault of FAULTS) {
  planted(`are broken when ${fault.name}`, () => {
    const input = fault.input ?? INPUT;
    const right = clear(input);
    assert.equal(clearingViolations(input, right), []);
    const found = clearingViolations(input, fault.plant(right));
    assert.ok(found.includes(fault.breaks), `${fault.breaks} in [${found.join(", ")}]`);
  });
}

/** D wishes for what B has. A sells 4, B 5; C buys 7, D 2. */
const CLEARED = clear(INPUT);
const WISHES: Preferences = {
  wishes: new Map([[D, { area: "south", fuel: null }]]),
  origins: new Map([
    [A, { area: "north", fuels: new Set() }],
    [B, { area: "south", fuels: new Set() }],
  ]),
};

const PAIR_FAULTS: readonly {
  name: string;
  breaks: AuctionViolation;
  plant: (right: readonly Trade[]) => readonly Trade[];
}[] = [
  {
    name: "a pair trades a Wh more",
    breaks: "pairs-move-volume",
    plant: ([first, ...rest]) => [{ ...first!, wh: wh(first!.wh + 1n) }, ...rest],
  },
  {
    name: "a member trades with itself",
    breaks: "pair-of-strangers",
    plant: (right) => [...right, { from: A, to: A, wh: wh(1n) }],
  },
  {
    name: "a trade is cut in two",
    breaks: "too-many-pairs",
    plant: ([first, ...rest]) => [{ ...first!, wh: wh(1n) }, { ...first!, wh: wh(first!.wh - 1n) }, ...rest],
  },
  {
    name: "a wish is passed over",
    breaks: "wish-passed-over",
    plant: () => pair(CLEARED.sold, new Map([...CLEARED.bought].reverse())),
  },
];

for (const { name, breaks, plant } of PAIR_FAULTS) {
  planted(`are broken when ${name}`, () => {
    const right = pair(CLEARED.sold, CLEARED.bought, WISHES);
    assert.equal(pairViolations(CLEARED, WISHES, right), []);
    const found = pairViolations(CLEARED, WISHES, plant(right));
    assert.ok(found.includes(breaks), `${breaks} in [${found.join(", ")}]`);
  });
}

planted("are broken when the sequence of offers matters", () => {
  const trades = pair(CLEARED.sold, CLEARED.bought);
  const wrong = { ...CLEARED, sold: moved(moved(CLEARED.sold, A, -1n), B, 1n) };
  assert.equal(auctionPermutationViolations([CLEARED, trades], [CLEARED, trades]), []);
  assert.equal(auctionPermutationViolations([CLEARED, trades], [wrong, trades]), [
    "auction-permutation-matters",
  ]);
});

planted.run();

function offer(member: MemberId, amount: bigint, limit: bigint) {
  return { member, wh: wh(amount), limit: pricePerKwh(limit) };
}

function moved(amounts: Clearing["sold"], member: MemberId, add: bigint): Clearing["sold"] {
  return new Map([...amounts]).set(member, wh((amounts.get(member) ?? 0n) + add));
}

function keys(trades: readonly Trade[]): readonly string[] {
  return trades.map(({ from, to, wh: amount }) => `${from} ${to} ${amount}`);
}
