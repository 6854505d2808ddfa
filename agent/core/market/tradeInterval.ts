/**
 * One interval traded by the pricing of its policy: who trades with whom, at which price, and what each
 * trade was made from.
 *
 * @source docs/market.md, "Auction", "Provenance"
 */
import type { MemberId } from "../membership/address.ts";
import { FUELS } from "../membership/enrolment.ts";
import type { Policy } from "../membership/policy.ts";
import type { PricePerKwh } from "../units.ts";
import { type BalanceInput, balance, type IntervalOutcome, sidesOf } from "./balance.ts";
import type { StandingBid } from "./bid.ts";
import { auction } from "./offers.ts";
import type { Origin } from "./pairing.ts";
import { claim, excessByFuel, type FuelAmounts } from "./provenance.ts";

/** Where a measured member's energy comes from: its part of the street, and what it generated in the interval. */
export type Source = { readonly area: string; readonly generated: FuelAmounts };

/** What an interval is traded from. */
export type TradeInput = {
  readonly input: BalanceInput;
  /** In force in the interval; null for none. */
  readonly policy: Policy | null;
  /** In the state before the block. */
  readonly bids: readonly StandingBid[];
  /** Of every measured member. */
  readonly sources: ReadonlyMap<MemberId, Source>;
};

/** A traded interval. */
export type TradedInterval = {
  readonly outcome: IntervalOutcome;
  /** Of an auction, null when it traded nothing; undefined where there was none. */
  readonly price: PricePerKwh | null | undefined;
  /** What each trade of the outcome was made from. */
  readonly fuels: readonly FuelAmounts[];
};

/**
 * Trades one interval.
 *
 * @param traded input, policy, bids and sources of the interval
 * @returns the outcome, its price and the fuels of its trades
 * @throws MarketError as `balance` and `clear`
 * @source docs/market.md, "Auction", "Provenance"
 */
export function tradeInterval({ input, policy, bids, sources }: TradeInput): TradedInterval {
  const sides = sidesOf(input);
  const excesses = new Map(
    sides.excesses.map(({ member, wh }) => [member, excessByFuel(wh, sources.get(member)?.generated ?? [])]),
  );
  const held = isAuction(policy)
    ? auction(sides, {
        interval: input.interval,
        bounds: policy,
        bids,
        origins: originsOf(sources, excesses),
      })
    : undefined;
  const outcome = balance(input, sides, held);
  return { outcome, price: held?.price, fuels: claim(outcome, excesses).trades };
}

function isAuction(policy: Policy | null): policy is Policy {
  return policy !== null && policy.pricing === "auction";
}

function originsOf(
  sources: ReadonlyMap<MemberId, Source>,
  excesses: ReadonlyMap<MemberId, FuelAmounts>,
): ReadonlyMap<MemberId, Origin> {
  return new Map(
    [...sources].map(([member, { area }]) => {
      const amounts = excesses.get(member) ?? [];
      const fuels = new Set(FUELS.filter((fuel) => amounts.some(([one]) => one === fuel)));
      return [member, { area, fuels }];
    }),
  );
}
