/**
 * The auction contract: one price for everybody who trades in an interval, from the limits that sellers
 * and buyers set themselves and within the bounds that the regulator sets them.
 *
 * @source docs/market.md, "Auction"
 */
import type { MemberId } from "../membership/address.ts";
import { type PricePerKwh, pricePerKwh, type Wh, wh } from "../units.ts";
import { sumOf } from "./allocation.ts";
import { MarketError } from "./marketError.ts";
import type { SideAmounts } from "./pairing.ts";
import { inOrder, lesser, type MemberAmount, shareOut } from "./split.ts";

/** The price may not leave them: 0 ≤ floor ≤ cap, µcoin per kWh. */
export type PriceBounds = { readonly floor: PricePerKwh; readonly cap: PricePerKwh };

/** Energy a member would sell at its limit or above, or buy at its limit or below. */
export type Offer = MemberAmount & { readonly limit: PricePerKwh };

/** The offers of one interval. Lists may come in any order, each member once. */
export type AuctionInput = {
  readonly bounds: PriceBounds;
  readonly sells: readonly Offer[];
  readonly buys: readonly Offer[];
  /** Tie order of the interval, already rotated; holds every member of an offer. */
  readonly order: readonly MemberId[];
};

/** What the auction came to. Σ sold = Σ bought; members without a part are left out, the others stand in tie order. */
export type Clearing = {
  /** Null when nothing is traded. */
  readonly price: PricePerKwh | null;
  readonly sold: SideAmounts;
  readonly bought: SideAmounts;
};

/** Offers that may trade, with their limits taken into the bounds, best first. */
type Side = readonly Offer[];

/** Prices that one volume and one imbalance hold for: [lo, hi]. */
type PriceRange = {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly volume: bigint;
  readonly imbalance: bigint;
};

/**
 * Clears one interval.
 *
 * @param input bounds, offers and tie order of the interval
 * @returns price and amounts; a function of the input's content, not of the sequence of its lists
 * @throws MarketError `MARKET_PRICE_BOUNDS`, and as `split` for offers that cannot be ones of this interval
 * @source docs/market.md, "Auction"
 */
export function clear({ bounds, sells, buys, order }: AuctionInput): Clearing {
  const { floor, cap } = bounds;
  if (floor > cap) throw new MarketError("MARKET_PRICE_BOUNDS", { floor, cap });
  const supply = inOrder(sells, order)
    .filter((offer) => offer.limit <= cap && offer.wh > 0n)
    .map((offer) => (offer.limit < floor ? { ...offer, limit: floor } : offer))
    .sort((left, right) => compare(left.limit, right.limit));
  const demand = inOrder(buys, order)
    .filter((offer) => offer.limit >= floor && offer.wh > 0n)
    .map((offer) => (offer.limit > cap ? { ...offer, limit: cap } : offer))
    .sort((left, right) => compare(right.limit, left.limit));
  const { lo, hi, volume } = bestRange(rangesOf(bounds, supply, demand));
  if (volume === 0n) return { price: null, sold: new Map(), bought: new Map() };
  return {
    price: pricePerKwh((lo + hi) / 2n),
    sold: filled(supply, volume, order),
    bought: filled(demand, volume, order),
  };
}

/** The bounds cut where supply or demand changes: from a sell limit on, and above a buy limit. Ascending, without a gap. */
function rangesOf({ floor, cap }: PriceBounds, supply: Side, demand: Side): readonly PriceRange[] {
  const starts = new Set<bigint>([floor]);
  for (const { limit } of supply) starts.add(limit);
  for (const { limit } of demand) if (limit < cap) starts.add(limit + 1n);
  const ascending = [...starts].sort(compare);
  // The price rises over both sides once: sellers join, best first, and buyers leave, worst first.
  const [joining, leaving] = [supply.values(), demand.toReversed().values()];
  let [seller, buyer] = [joining.next().value, leaving.next().value];
  let [offered, wanted] = [0n, BigInt(sumOf(demand))];
  return ascending.map((lo, index): PriceRange => {
    for (; seller !== undefined && seller.limit <= lo; seller = joining.next().value) offered += seller.wh;
    for (; buyer !== undefined && buyer.limit < lo; buyer = leaving.next().value) wanted -= buyer.wh;
    const next = ascending[index + 1];
    const volume = lesser(offered, wanted);
    return {
      lo,
      hi: next === undefined ? cap : next - 1n,
      volume,
      imbalance: offered + wanted - 2n * volume,
    };
  });
}

/** Highest volume, then lowest imbalance. Supply only rises with the price and demand only falls, so equals are neighbours. */
function bestRange(ranges: readonly PriceRange[]): PriceRange {
  const best = ranges.reduce((left, right) => (isBetter(right, left) ? right : left));
  const equals = ranges.filter((range) => !isBetter(best, range));
  return { ...best, hi: equals.at(-1)?.hi ?? best.hi };
}

function isBetter(left: PriceRange, right: PriceRange): boolean {
  if (left.volume !== right.volume) return left.volume > right.volume;
  return left.imbalance < right.imbalance;
}

/** Better limits in full; what is left is split over the one limit that it no longer fills. */
function filled(side: Side, volume: bigint, order: readonly MemberId[]): SideAmounts {
  const amounts = new Map<MemberId, Wh>();
  let left = volume;
  for (let at = 0; at < side.length && left > 0n; ) {
    const limit = side[at]?.limit;
    let end = at + 1;
    while (side[end]?.limit === limit) end++;
    const equals = side.slice(at, end);
    const shares = shareOut(
      wh(left),
      equals.map((offer) => offer.wh),
    );
    for (const [index, { member }] of equals.entries()) amounts.set(member, shares[index] ?? wh(0n));
    left -= shares.reduce((running, share) => running + share, 0n);
    at += equals.length;
  }
  return inSequence(amounts, order);
}

function inSequence(amounts: SideAmounts, order: readonly MemberId[]): SideAmounts {
  return new Map(
    order.flatMap((member) => {
      const amount = amounts.get(member);
      return amount === undefined || amount === 0n ? [] : [[member, amount] as const];
    }),
  );
}

function compare(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
