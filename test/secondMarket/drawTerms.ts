/** Random terms of an interval: the policy that holds in it, what the accounts hold before it, and the bids that stand. */
import fc from "fast-check";
import type { AccountId, Money } from "../../agent/core/market/accounts.ts";
import { NAMED_ACCOUNTS } from "../../agent/core/market/accounts.ts";
import { BID_SIDES, NO_WISH, type StandingBid } from "../../agent/core/market/bid.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { FUELS } from "../../agent/core/membership/enrolment.ts";
import { type Policy, PRICINGS } from "../../agent/core/membership/policy.ts";
import {
  type IntervalIndex,
  intervalIndex,
  type MicroCoins,
  microCoins,
  type PricePerKwh,
  pricePerKwh,
  type Wh,
  wh,
} from "../../agent/core/units.ts";

/** What an interval is settled on beside its readings. */
export type DrawnTerms = {
  /** At most one, which holds in the interval. */
  readonly policies: readonly Policy[];
  /** Before the block. */
  readonly money: Money;
  /** In the state before the block. */
  readonly bids: readonly StandingBid[];
};

/** Areas of a street. */
export const AREAS = ["north", "south", "old-mill"] as const;
/** Upper bounds of prices in µcoin per kWh: free, many ties, a few, coins, and the most that a policy may say. */
const PRICE_SCALES = [0n, 4n, 40n, 400_000n, 10n ** 12n] as const;
/** Upper bounds of accounts in µcoin: nothing, around a credit limit, and near what 64 bits hold. */
const COIN_SCALES = [0n, 5n, 10n ** 9n, 2n ** 63n - 1n] as const;
const MOST_STEPS = 4;
const MOST_GRAMS = 1_200;
const FOSSIL = ["diesel", "grid-mix"] as const;
const HUGE = 2n ** 63n - 1n;

/** @param interval that is settled @param members of the street @returns arbitrary of its terms */
export function drawnTerms(interval: IntervalIndex, members: readonly MemberId[]): fc.Arbitrary<DrawnTerms> {
  return fc
    .record({ scale: fc.constantFrom(...PRICE_SCALES), hasPolicy: fc.nat(7).map((drawn) => drawn > 0) })
    .chain(({ scale, hasPolicy }) =>
      fc.record({
        policies: hasPolicy ? policyIn(interval, members, scale).map((policy) => [policy]) : fc.constant([]),
        money: moneyOf(members),
        bids: fc
          .tuple(...members.map((member) => bidsOf(member, interval, scale)))
          .map((bids) => bids.flat()),
      }),
    );
}

function policyIn(
  interval: IntervalIndex,
  members: readonly MemberId[],
  scale: bigint,
): fc.Arbitrary<Policy> {
  const price = priceUpTo(scale);
  const coins = amountUpTo(...COIN_SCALES).map(microCoins);
  return fc
    .record({
      before: fc.nat(3),
      after: fc.integer({ min: 1, max: 3 }),
      bounds: fc.tuple(price, price).map(([one, other]) => (one < other ? [one, other] : [other, one])),
      prices: fc.array(fc.tuple(price, price, price, fc.nat(2)), { minLength: 1, maxLength: MOST_STEPS }),
      pricing: fc.constantFrom(...PRICINGS),
      feedInLimit: fc.option(amountUpTo(0n, 3n, 1_000n).map(wh)),
      creditLimit: coins,
      named: fc
        .subarray([...members])
        .chain((some) => fc.tuple(...some.map((id) => fc.tuple(fc.constant(id), coins)))),
      rated: fc.subarray(members.slice(0, 2)),
      fee: price,
      supplierFuel: fc.constantFrom(...FUELS),
      grams: fc
        .subarray([...FOSSIL])
        .chain((some) => fc.tuple(...some.map((fuel) => fc.tuple(fc.constant(fuel), fc.nat(MOST_GRAMS))))),
      rate: price,
    })
    .map((drawn): Policy => {
      const [floor = pricePerKwh(0n), cap = floor] = drawn.bounds;
      const from = intervalIndex(Math.max(0, interval - drawn.before));
      let at = from - 1;
      const prices = drawn.prices.map(([trade, supplierSells, supplierBuys, gap], index) => {
        at += index === 0 ? 1 : 1 + gap;
        return { from: intervalIndex(at), trade: clamped(trade, floor, cap), supplierSells, supplierBuys };
      });
      return {
        microgridId: "test-street",
        version: 1 + drawn.before,
        from,
        to: intervalIndex(interval + drawn.after + MOST_STEPS),
        pricing: drawn.pricing,
        prices,
        floor,
        cap,
        feedInLimit: drawn.feedInLimit,
        creditLimit: drawn.creditLimit,
        creditLimits: drawn.named,
        fee: drawn.fee,
        supplierFuel: drawn.supplierFuel,
        mixTarget: [],
        carbon: { grams: drawn.grams, rate: drawn.rate },
        connectionRatings: drawn.rated.map((member) => [member, 1] as const),
      };
    });
}

function moneyOf(members: readonly MemberId[]): fc.Arbitrary<Money> {
  const accounts: readonly AccountId[] = [...members, ...NAMED_ACCOUNTS];
  const signed = fc
    .tuple(amountUpTo(...COIN_SCALES), fc.boolean())
    .map(([amount, isDebt]) => microCoins(isDebt ? -amount : amount));
  const all = fc.tuple(...accounts.map(() => fc.option(signed)));
  // What was issued takes no part in an interval: it is only carried on.
  return fc.tuple(amountUpTo(HUGE), all).map(([issued, drawn]) => ({
    issued: microCoins(issued),
    accounts: new Map(
      accounts.flatMap((account, index): [AccountId, MicroCoins][] => {
        const amount = drawn[index] ?? microCoins(0n);
        return amount === 0n ? [] : [[account, amount]];
      }),
    ),
  }));
}

function bidsOf(
  member: MemberId,
  interval: IntervalIndex,
  scale: bigint,
): fc.Arbitrary<readonly StandingBid[]> {
  return fc
    .tuple(...BID_SIDES.map((side) => fc.option(bidOf(member, side, interval, scale), { freq: 2 })))
    .map((bids) => bids.filter((bid) => bid !== null));
}

function bidOf(
  member: MemberId,
  side: StandingBid["bid"]["side"],
  interval: IntervalIndex,
  scale: bigint,
): fc.Arbitrary<StandingBid> {
  return fc
    .record({
      limit: priceUpTo(scale),
      cap: amountUpTo(1n, 3n, 1_000n, 2n ** 57n).map((amount): Wh => wh(amount + 1n)),
      begins: fc.constantFrom(0, 0, 0, 1, 5),
      ends: fc.constantFrom(null, null, 0, 1, 9),
      area: fc.option(fc.constantFrom(...AREAS), { freq: 2 }),
      fuel: fc.option(fc.constantFrom(...FUELS), { freq: 2 }),
    })
    .map(({ limit, cap, begins, ends, area, fuel }) => {
      const from = intervalIndex(Math.max(0, interval - 1 + (begins % 5)));
      const to = ends === null ? null : intervalIndex(interval + ends);
      const wish = side === "buy" ? { area, fuel } : NO_WISH;
      return { member, bid: { side, limit, cap, from, to, wish } };
    });
}

function clamped(price: PricePerKwh, floor: PricePerKwh, cap: PricePerKwh): PricePerKwh {
  if (price < floor) return floor;
  return price > cap ? cap : price;
}

function priceUpTo(scale: bigint): fc.Arbitrary<PricePerKwh> {
  return fc.bigInt({ min: 0n, max: scale }).map(pricePerKwh);
}

function amountUpTo(...scales: readonly bigint[]): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.bigInt({ min: 0n, max: HUGE }), fc.constantFrom(...scales))
    .map(([amount, scale]) => amount % (scale + 1n));
}
