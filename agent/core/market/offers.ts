/**
 * From the standing bids to an interval's auction, and from its clearing to who trades with whom.
 *
 * @source docs/market.md, "Auction", "Preferences"
 */
import type { MemberId } from "../membership/address.ts";
import type { IntervalIndex, PricePerKwh } from "../units.ts";
import type { Allocation, Sides } from "./allocation.ts";
import { clear, type Offer, type PriceBounds } from "./auction.ts";
import { type Bid, bidsFor, type StandingBid } from "./bid.ts";
import { type Origin, pair } from "./pairing.ts";
import { lesser, type MemberAmount } from "./split.ts";

/** What an auction needs beside the two sides. */
export type AuctionTerms = {
  readonly interval: IntervalIndex;
  readonly bounds: PriceBounds;
  /** In the state before the block that settles the interval. */
  readonly bids: readonly StandingBid[];
  /** Of every seller. */
  readonly origins: ReadonlyMap<MemberId, Origin>;
};

/** The allocation of an auction with its price; null when nothing is traded. */
export type AuctionAllocation = Allocation & { readonly price: PricePerKwh | null };

/**
 * Holds the auction of an interval.
 *
 * @param sides of the interval
 * @param terms of the auction
 * @returns price, amounts and pairs
 * @throws MarketError as `clear`
 * @source docs/market.md, "Auction", "Preferences"
 */
export function auction(sides: Sides, terms: AuctionTerms): AuctionAllocation {
  const { interval, bounds, bids, origins } = terms;
  const buying = bidsFor(bids, "buy", interval);
  const { price, sold, bought } = clear({
    bounds,
    sells: offersOf(sides.excesses, bidsFor(bids, "sell", interval), bounds.floor),
    buys: offersOf(sides.deficits, buying, bounds.cap),
    order: sides.order,
  });
  const wishes = new Map([...buying].map(([member, { wish }]) => [member, wish]));
  return { price, sold, bought, trades: pair(sold, bought, { wishes, origins }) };
}

/** Who has no bid takes any price, for all it has. */
function offersOf(
  amounts: readonly MemberAmount[],
  bids: ReadonlyMap<MemberId, Bid>,
  anyPrice: PricePerKwh,
): readonly Offer[] {
  return amounts.map(({ member, wh }) => {
    const bid = bids.get(member);
    return bid === undefined
      ? { member, wh, limit: anyPrice }
      : { member, wh: lesser(wh, bid.cap), limit: bid.limit };
  });
}
