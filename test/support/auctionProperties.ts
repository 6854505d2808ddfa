/**
 * What must hold of every auction, checked from the offers and the clearing alone, by trying every price
 * that could make a difference: nothing here calls the code under test.
 *
 * @source docs/market.md, "Auction", "Preferences"
 */
import type { AuctionInput, Clearing, Offer } from "../../agent/core/market/auction.ts";
import type { Preferences, SideAmounts, Trade, Wish } from "../../agent/core/market/pairing.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { isLargestRemainder, sum } from "./largestRemainder.ts";

/** Name of a property that does not hold. */
export type AuctionViolation =
  | "auction-not-conserved"
  | "above-offer"
  | "seller-below-limit"
  | "buyer-above-limit"
  | "price-outside-bounds"
  | "volume-not-highest"
  | "price-not-of-the-rule"
  | "willing-pair-left"
  | "worse-limit-first"
  | "margin-not-pro-rata"
  | "pairs-move-volume"
  | "pair-of-strangers"
  | "too-many-pairs"
  | "wish-passed-over"
  | "auction-permutation-matters";

/** One side as the clearing leaves it; a limit of lower rank comes first, and limits beyond a bound are equals. */
type Served = {
  readonly offers: readonly Offer[];
  readonly got: (member: MemberId) => bigint;
  readonly rank: (offer: Offer) => bigint;
};

/**
 * Checks one clearing.
 *
 * @param input offers, bounds and tie order
 * @param cleared what is claimed for it
 * @returns the properties that do not hold, none for a right clearing
 */
export function clearingViolations(input: AuctionInput, cleared: Clearing): readonly AuctionViolation[] {
  const { price } = cleared;
  const { floor, cap } = input.bounds;
  const sells = sideOf(input.sells, cleared.sold, ({ limit }) => most([limit, floor]));
  const buys = sideOf(input.buys, cleared.bought, ({ limit }) => most([-limit, -cap]));
  const [volume, bought] = [volumeOf(cleared.sold), volumeOf(cleared.bought)];
  const sellersBelow = sells.offers.filter((one) => sells.got(one.member) > 0n && one.limit > (price ?? -1n));
  const buyersAbove = buys.offers.filter(
    (one) => buys.got(one.member) > 0n && one.limit < (price ?? one.limit + 1n),
  );
  const right = byTrying(input);
  const holds: Partial<Record<AuctionViolation, boolean>> = {
    "auction-not-conserved": volume === bought,
    "above-offer": isWithin(sells) && isWithin(buys) && isOfOffers(input, cleared),
    "seller-below-limit": sellersBelow.length === 0,
    "buyer-above-limit": buyersAbove.length === 0,
    "price-outside-bounds": price === null || (price >= floor && price <= cap),
    "volume-not-highest": volume === right.volume,
    "price-not-of-the-rule": price === right.price,
    "willing-pair-left": !isPairLeft(sells, buys, input),
    "worse-limit-first": isBestFirst(sells) && isBestFirst(buys),
    "margin-not-pro-rata": isMarginSplit(sells, input) && isMarginSplit(buys, input),
  };
  return Object.entries(holds).flatMap(([name, isHeld]) => (isHeld ? [] : [name as AuctionViolation]));
}

/**
 * Checks the pairs of a clearing.
 *
 * @param cleared amounts of both sides
 * @param preferences of the buyers
 * @param trades that are claimed for them
 * @returns the properties that do not hold
 */
export function pairViolations(
  { sold, bought }: Pick<Clearing, "sold" | "bought">,
  preferences: Preferences,
  trades: readonly Trade[],
): readonly AuctionViolation[] {
  const given = (member: MemberId) => sum(trades.filter(({ from }) => from === member).map((one) => one.wh));
  const taken = (member: MemberId) => sum(trades.filter(({ to }) => to === member).map((one) => one.wh));
  const withWish = [...bought.keys()].filter((member) => isWish(preferences.wishes.get(member))).length;
  const mostTrades = withWish === 0 ? sold.size + bought.size - 1 : 2 * (sold.size + bought.size);
  const pairs = new Set(trades.map(({ from, to }) => `${from} ${to}`));
  const isKept =
    [...sold].every(([member, amount]) => given(member) === amount) &&
    [...bought].every(([member, amount]) => taken(member) === amount);
  const isKnown = trades.every(
    ({ from, to, wh }) => sold.has(from) && bought.has(to) && from !== to && wh > 0n,
  );
  return [
    ...(isKept ? [] : ["pairs-move-volume" as const]),
    ...(isKnown ? [] : ["pair-of-strangers" as const]),
    ...(trades.length <= Math.max(0, mostTrades) && pairs.size === trades.length
      ? []
      : ["too-many-pairs" as const]),
    ...(areWishesMet(preferences, trades) ? [] : ["wish-passed-over" as const]),
  ];
}

/** @param left of some offers @param right of the same in another sequence @returns the violation, if any */
export function auctionPermutationViolations(
  left: readonly [Clearing, readonly Trade[]],
  right: readonly [Clearing, readonly Trade[]],
): readonly AuctionViolation[] {
  const text = ([{ price, sold, bought }, trades]: readonly [Clearing, readonly Trade[]]) =>
    JSON.stringify([price, [...sold], [...bought], trades], (_, inner) =>
      typeof inner === "bigint" ? `${inner}n` : inner,
    );
  return text(left) === text(right) ? [] : ["auction-permutation-matters"];
}

/** The rule itself, at every price where it could change its mind: all of them in small bounds. */
function byTrying({ bounds: { floor, cap }, sells, buys }: AuctionInput): {
  readonly volume: bigint;
  readonly price: bigint | null;
} {
  const limits = [...sells, ...buys].map((offer) => offer.limit as bigint);
  const near = limits.flatMap((limit) => [limit - 1n, limit, limit + 1n]);
  const few = cap - floor <= 60n;
  const all = few ? Array.from({ length: Number(cap - floor) + 1 }, (_, step) => floor + BigInt(step)) : near;
  const prices = [...new Set([floor as bigint, cap as bigint, ...all])].filter(
    (one) => one >= floor && one <= cap,
  );
  const tried = prices.map((price) => {
    const offered = sum(sells.filter((one) => one.limit <= price).map((one) => one.wh));
    const wanted = sum(buys.filter((one) => one.limit >= price).map((one) => one.wh));
    const imbalance = offered > wanted ? offered - wanted : wanted - offered;
    return { price, volume: -most([-offered, -wanted]), imbalance };
  });
  const volume = most(tried.map((one) => one.volume));
  const fullest = tried.filter((one) => one.volume === volume);
  const imbalance = -most(fullest.map((one) => -one.imbalance));
  const best = fullest.filter((one) => one.imbalance === imbalance).map((one) => one.price);
  const [lo, hi] = [-most(best.map((price) => -price)), most(best)];
  return { volume, price: volume === 0n ? null : (lo + hi - ((lo + hi) % 2n)) / 2n };
}

function sideOf(offers: readonly Offer[], amounts: SideAmounts, rank: Served["rank"]): Served {
  return { offers, rank, got: (member) => amounts.get(member) ?? 0n };
}

function isWithin({ offers, got }: Served): boolean {
  return offers.every((offer) => got(offer.member) >= 0n && got(offer.member) <= offer.wh);
}

function isOfOffers({ sells, buys }: AuctionInput, { sold, bought }: Clearing): boolean {
  const [sellers, buyers] = [new Set(sells.map((one) => one.member)), new Set(buys.map((one) => one.member))];
  return (
    [...sold.keys()].every((one) => sellers.has(one)) && [...bought.keys()].every((one) => buyers.has(one))
  );
}

/** Nobody who would sell at some price is left beside somebody who would buy at it, within the bounds. */
function isPairLeft(sells: Served, buys: Served, { bounds: { floor, cap } }: AuctionInput): boolean {
  const open = ({ offers, got }: Served) => offers.filter((offer) => got(offer.member) < offer.wh);
  return open(sells).some((sell) =>
    open(buys).some((buy) => sell.limit <= buy.limit && sell.limit <= cap && buy.limit >= floor),
  );
}

/** Whoever has a better limit than somebody that trades is served in full. */
function isBestFirst({ offers, got, rank }: Served): boolean {
  return offers.every((worse) => {
    if (got(worse.member) === 0n) return true;
    return offers.every((one) => rank(one) >= rank(worse) || got(one.member) === one.wh);
  });
}

function isMarginSplit({ offers, got, rank }: Served, { order }: AuctionInput): boolean {
  return [...new Set(offers.map(rank))].every((limit) => {
    const equals = offers.filter((offer) => rank(offer) === limit);
    const parts = equals.map(({ member, wh }) => ({
      amount: wh,
      share: got(member),
      rank: order.indexOf(member),
    }));
    return isLargestRemainder(sum(parts.map((part) => part.share)), parts);
  });
}

/** A buyer takes from sellers it did not wish for only what those it did could not give to buyers with a wish. */
function areWishesMet({ wishes, origins }: Preferences, trades: readonly Trade[]): boolean {
  const meets = (seller: MemberId, wish: Wish | undefined): boolean => {
    const origin = origins.get(seller);
    if (origin === undefined || wish === undefined || !isWish(wish)) return false;
    return (
      (wish.area === null || wish.area === origin.area) && (wish.fuel === null || origin.fuels.has(wish.fuel))
    );
  };
  const isFirst = (trade: Trade) => meets(trade.from, wishes.get(trade.to));
  return trades.every((trade, at) => {
    const wish = wishes.get(trade.to);
    if (isFirst(trade) || !isWish(wish)) return true;
    return trades.every((other, place) => !meets(other.from, wish) || (isFirst(other) && place < at));
  });
}

function isWish(wish: Wish | undefined): boolean {
  return wish !== undefined && (wish.area !== null || wish.fuel !== null);
}

function volumeOf(amounts: SideAmounts): bigint {
  return sum([...amounts.values()]);
}

function most(values: readonly bigint[]): bigint {
  const [first = 0n, ...rest] = values;
  let best = first;
  for (const value of rest) if (value > best) best = value;
  return best;
}
