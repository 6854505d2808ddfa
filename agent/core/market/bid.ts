/**
 * Standing bids: at what price a member sells or buys, how much, for how long, and from whom rather.
 * A member without a bid takes any price that the regulator's bounds allow.
 *
 * @source docs/market.md, "Bids"
 */
import { type Cbor, count, energy, interval, nullable, oneOf, price, text, tuple } from "../codec.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../membership/address.ts";
import { FUELS, MEMBER_NAME } from "../membership/enrolment.ts";
import type { IntervalIndex, PricePerKwh, Wh } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { Wish } from "./pairing.ts";

/** What a bid is about; the order is part of the format. */
export const BID_SIDES = ["buy", "sell"] as const;
export type BidSide = (typeof BID_SIDES)[number];

/** What a member asks for on one side. */
export type Bid = {
  readonly side: BidSide;
  /** A seller takes this or more, a buyer pays this or less. */
  readonly limit: PricePerKwh;
  /** Most Wh of one interval; 0 withdraws the bid that stands. */
  readonly cap: Wh;
  /** The first interval it holds for. */
  readonly from: IntervalIndex;
  /** The first it no longer holds for; null until it is replaced or withdrawn. */
  readonly to: IntervalIndex | null;
  /** Of a buyer only. */
  readonly wish: Wish;
};

/** A bid on the ledger. */
export type StandingBid = { readonly member: MemberId; readonly bid: Bid };

/** Codes a bid has no effect with. */
export type BidRefusal = "BID_PREFERENCE" | "BID_WINDOW" | "BID_NOT_STANDING";

/** A buyer that does not mind, and every seller. */
export const NO_WISH: Wish = { area: null, fuel: null };
/** Most standing bids that are decoded: one a side of every member, with room for those that left in a block. */
export const MAX_STANDING_BIDS = 1_000;

/**
 * Judges a bid against what stands.
 *
 * @param bid as asked for
 * @param standing bids on the ledger
 * @param member who asks
 * @param nextInterval the first that is not settled
 * @returns the bid, or why it has no effect
 * @source docs/market.md, "Bids"
 */
export function judgeBid(
  bid: Bid,
  standing: readonly StandingBid[],
  member: MemberId,
  nextInterval: IntervalIndex,
): Verdict<Bid, BidRefusal> {
  const { side, cap, from, to, wish } = bid;
  if (cap === 0n) {
    const stands = standing.some((other) => other.member === member && other.bid.side === side);
    return stands ? accept(bid) : reject("BID_NOT_STANDING", side);
  }
  if (side === "sell" && (wish.area !== null || wish.fuel !== null)) return reject("BID_PREFERENCE");
  if (to !== null && (to <= from || to <= nextInterval)) return reject("BID_WINDOW", `${from} to ${to}`);
  return accept(bid);
}

/**
 * @param standing bids on the ledger
 * @param member whose bid it is
 * @param bid accepted by {@link judgeBid}
 * @returns the bids with it in place of the one of its side, or without that one; by member, then side
 */
export function withBid(
  standing: readonly StandingBid[],
  member: MemberId,
  bid: Bid,
): readonly StandingBid[] {
  const others = standing.filter((other) => other.member !== member || other.bid.side !== bid.side);
  const placed = bid.cap === 0n ? others : [...others, { member, bid }];
  return [...placed].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

/**
 * @param standing bids on the ledger
 * @param nextInterval the first that is not settled
 * @param isMember tells who takes part
 * @returns those that may still count
 */
export function openBids(
  standing: readonly StandingBid[],
  nextInterval: IntervalIndex,
  isMember: (member: MemberId) => boolean,
): readonly StandingBid[] {
  return standing.filter(({ member, bid }) => isMember(member) && (bid.to === null || bid.to > nextInterval));
}

/** @param standing bids @param side of them @param at an interval @returns the bids of that side that hold for it */
export function bidsFor(
  standing: readonly StandingBid[],
  side: BidSide,
  at: IntervalIndex,
): ReadonlyMap<MemberId, Bid> {
  const inForce = standing.filter(
    ({ bid }) => bid.side === side && bid.from <= at && (bid.to === null || at < bid.to),
  );
  return new Map(inForce.map(({ member, bid }) => [member, bid]));
}

/** @param bid any @returns its place in a message */
export function cborBid({ side, limit, cap, from, to, wish }: Bid): Cbor {
  return [BID_SIDES.indexOf(side), limit, cap, from, to, wish.area, wish.fuel];
}

/** Decoder of {@link cborBid}. */
export function bidDecoder(value: unknown): Bid {
  const [side, limit, cap, from, to, area, fuel] = tuple(
    count(BID_SIDES.length - 1),
    price,
    energy,
    interval,
    nullable(interval),
    nullable(text(32, MEMBER_NAME)),
    nullable(oneOf(FUELS)),
  )(value);
  return { side: side === 0 ? "buy" : "sell", limit, cap, from, to, wish: { area, fuel } };
}

/** @param standing a bid on the ledger @returns its place in an encoded state */
export function cborStandingBid({ member, bid }: StandingBid): Cbor {
  return [memberIdBytes(member), cborBid(bid)];
}

/** Decoder of {@link cborStandingBid}. */
export function standingBidDecoder(value: unknown): StandingBid {
  const [member, bid] = tuple(memberDecoder, bidDecoder)(value);
  return { member, bid };
}

function keyOf({ member, bid }: StandingBid): string {
  return `${member} ${bid.side}`;
}
