/** Random terms of an interval: the policy that holds in it, what the accounts hold before it, and the bids that stand. */
import fc from "fast-check";
import { type AccountId, type Money, NAMED_ACCOUNTS } from "../../agent/core/market/accounts.ts";
import { BID_SIDES, NO_WISH, type StandingBid } from "../../agent/core/market/bid.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { FUELS } from "../../agent/core/membership/enrolment.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";
import {
  type IntervalIndex,
  intervalIndex,
  type MicroCoins,
  microCoins,
  type Wh,
  wh,
} from "../../agent/core/units.ts";
import { amountUpTo, COIN_SCALES, drawnPolicy, PRICE_SCALES, priceUpTo } from "./drawPolicy.ts";

/** What an interval is settled on beside its readings. */
export type DrawnTerms = {
  /** At most one, which holds in the interval. */
  readonly policies: readonly Policy[];
  /** Before the block. */
  readonly money: Money;
  /** In the state before the block. */
  readonly bids: readonly StandingBid[];
};

/** What 64 bits with a sign hold. */
const MOST_ISSUED = 2n ** 63n - 1n;
/** Areas of a street. */
export const AREAS = ["north", "south", "old-mill"] as const;

/** @param interval that is settled @param members of the street @returns arbitrary of its terms */
export function drawnTerms(interval: IntervalIndex, members: readonly MemberId[]): fc.Arbitrary<DrawnTerms> {
  return fc
    .record({ scale: fc.constantFrom(...PRICE_SCALES), hasPolicy: fc.nat(7).map((drawn) => drawn > 0) })
    .chain(({ scale, hasPolicy }) =>
      fc.record({
        policies: hasPolicy
          ? policyAround(interval, members, scale).map((policy) => [policy])
          : fc.constant([]),
        money: drawnMoney(members),
        bids: fc
          .tuple(...members.map((member) => bidsOf(member, interval, scale)))
          .map((bids) => bids.flat()),
      }),
    );
}

function policyAround(
  interval: IntervalIndex,
  members: readonly MemberId[],
  scale: bigint,
): fc.Arbitrary<Policy> {
  return fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 7 })).chain(([before, after]) => {
    const from = intervalIndex(Math.max(0, interval - before));
    return drawnPolicy({ from, to: intervalIndex(interval + after), version: 1 + before }, members, scale);
  });
}

/** @param members of the street @returns arbitrary of what the accounts hold */
export function drawnMoney(members: readonly MemberId[]): fc.Arbitrary<Money> {
  const accounts: readonly AccountId[] = [...members, ...NAMED_ACCOUNTS];
  const signed = fc
    .tuple(amountUpTo(...COIN_SCALES), fc.boolean())
    .map(([amount, isDebt]) => microCoins(isDebt ? -amount : amount));
  const all = fc.tuple(...accounts.map(() => fc.option(signed)));
  // What was issued takes no part in an interval: it is only carried on.
  return fc.tuple(amountUpTo(MOST_ISSUED), all).map(([issued, drawn]) => ({
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
