/**
 * The pro-rata split in whole watt-hours, by largest remainder.
 *
 * @source docs/market.md, "Split"
 */
import type { MemberId } from "../membership/address.ts";
import { type Wh, wh } from "../units.ts";
import { MarketError } from "./marketError.ts";

/** An amount that stands against one member's name, Wh ≥ 0. */
export type MemberAmount = { readonly member: MemberId; readonly wh: Wh };

/**
 * Splits a total in proportion to amounts: everybody gets the floor of its quota, and the Wh that
 * the floors leave go one each to the largest remainders, ties to whoever comes first in `order`.
 *
 * @param total to split, Wh ≥ 0
 * @param amounts what each member may get at most, Wh ≥ 0, each member once
 * @param order that breaks ties; holds every member of `amounts`
 * @returns each member's share in the sequence of `order`; Σ = min(total, Σ amounts), none above its amount
 * @throws MarketError `MARKET_NEGATIVE_ENERGY`, `MARKET_DUPLICATE_MEMBER`, `MARKET_NOT_IN_TIE_ORDER`
 * @source docs/market.md, "Split"
 */
export function split(
  total: Wh,
  amounts: readonly MemberAmount[],
  order: readonly MemberId[],
): ReadonlyMap<MemberId, Wh> {
  if (total < 0n) throw new MarketError("MARKET_NEGATIVE_ENERGY", { totalWh: total });
  return splitInOrder(total, inOrder(amounts, order));
}

/**
 * The same split over amounts that stand in the order that breaks their ties.
 *
 * @param total to split, Wh ≥ 0
 * @param ordered what each member may get at most, Wh ≥ 0, each member once
 * @returns each member's share in the same sequence; Σ = min(total, Σ amounts), none above its amount
 * @source docs/market.md, "Split"
 */
export function splitInOrder(total: Wh, ordered: readonly MemberAmount[]): ReadonlyMap<MemberId, Wh> {
  const shares = shareOut(
    total,
    ordered.map((amount) => amount.wh),
  );
  const shareOf = new Map<MemberId, Wh>();
  for (const [index, { member }] of ordered.entries()) shareOf.set(member, shares[index] ?? wh(0n));
  return shareOf;
}

/**
 * The same split without the members.
 *
 * @param total to split, Wh ≥ 0
 * @param amounts what each place may get at most, Wh ≥ 0
 * @returns one share a place; Σ = min(total, Σ amounts), none above its amount
 * @source docs/market.md, "Split"
 */
export function shareOut(total: Wh, amounts: readonly Wh[]): readonly Wh[] {
  const sum = amounts.reduce((running, amount) => running + amount, 0n);
  if (total >= sum) return amounts;
  const floors = amounts.map((amount) => (total * amount) / sum);
  const remainders = amounts.map((amount) => (total * amount) % sum);
  const left = total - floors.reduce((running, floor) => running + floor, 0n);
  const favoured = largest(remainders, Number(left));
  return floors.map((floor, place) => wh(favoured.has(place) ? floor + 1n : floor));
}

/**
 * Puts what stands against members' names into an order, and checks that it may stand there.
 *
 * @param amounts Wh ≥ 0, each member once
 * @param order holds every member of `amounts`
 * @returns the amounts in the sequence of `order`
 * @throws MarketError `MARKET_NEGATIVE_ENERGY`, `MARKET_DUPLICATE_MEMBER`, `MARKET_NOT_IN_TIE_ORDER`
 */
export function inOrder<Amount extends MemberAmount>(
  amounts: readonly Amount[],
  order: readonly MemberId[],
): readonly Amount[] {
  const byMember = new Map<MemberId, Amount>();
  for (const amount of amounts) {
    const { member } = amount;
    if (amount.wh < 0n) throw new MarketError("MARKET_NEGATIVE_ENERGY", { member, wh: amount.wh });
    if (byMember.has(member)) throw new MarketError("MARKET_DUPLICATE_MEMBER", { member });
    byMember.set(member, amount);
  }
  const ordered: Amount[] = [];
  for (const member of order) {
    const amount = byMember.get(member);
    if (amount !== undefined) ordered.push(amount);
  }
  if (ordered.length < byMember.size) checkInOrder(byMember.keys(), order);
  return ordered;
}

function checkInOrder(members: Iterable<MemberId>, order: readonly MemberId[]): void {
  const places = new Set(order);
  for (const member of members)
    if (!places.has(member)) throw new MarketError("MARKET_NOT_IN_TIE_ORDER", { member });
}

/** @param left any @param right any @returns the smaller */
export function lesser<Amount extends bigint>(left: Amount, right: Amount): Amount {
  if (left < right) return left;
  return right;
}

/** The Wh left over are fewer than the places with a remainder, so nobody is lifted above its amount. */
function largest(remainders: readonly bigint[], howMany: number): ReadonlySet<number> {
  if (howMany === 0) return new Set();
  const places = [...remainders.keys()].filter((place) => remainders[place] !== 0n);
  const ranked = places.sort((left, right) => {
    const [a = 0n, b = 0n] = [remainders[left], remainders[right]];
    if (a === b) return left - right;
    return a > b ? -1 : 1;
  });
  return new Set(ranked.slice(0, howMany));
}
