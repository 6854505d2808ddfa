/**
 * The orders members stand in: by id wherever a list is written down, and by a draw that nobody
 * can choose wherever integer Wh leave a tie to break.
 *
 * @source docs/market.md, "Ties"
 */
import { joinBytes } from "../bytes.ts";
import { hashOf } from "../hash.ts";
import { type MemberId, memberIdBytes } from "../membership/address.ts";
import type { IntervalIndex } from "../units.ts";
import { MarketError } from "./marketError.ts";

/**
 * Draws the tie order of a roster, once.
 *
 * @param seed of the genesis, any length
 * @param members the roster in any order, each once
 * @returns the members ascending by SHA-256(seed ‖ 20 address bytes)
 * @throws MarketError `MARKET_DUPLICATE_MEMBER`
 * @source docs/market.md, "Ties"
 */
export function tieOrder(seed: Uint8Array, members: readonly MemberId[]): readonly MemberId[] {
  const seen = new Set<MemberId>();
  for (const member of members) {
    if (seen.has(member)) throw new MarketError("MARKET_DUPLICATE_MEMBER", { member });
    seen.add(member);
  }
  return members
    .map((member) => ({ member, draw: hashOf(joinBytes(seed, memberIdBytes(member))) }))
    .sort((left, right) => (left.draw < right.draw ? -1 : 1))
    .map(({ member }) => member);
}

/**
 * Turns the tie order by one place per interval, so that the odd Wh goes round the street.
 *
 * @param order tie order of the roster
 * @param interval that is balanced
 * @returns the order beginning at place `interval mod n`
 * @source docs/market.md, "Ties"
 */
export function rotated(order: readonly MemberId[], interval: IntervalIndex): readonly MemberId[] {
  if (order.length === 0) return order;
  const first = interval % order.length;
  return [...order.slice(first), ...order.slice(0, first)];
}

/**
 * Compares for the canonical order of every list in an outcome.
 *
 * @param left about one member
 * @param right about another
 * @returns below 0 when `left` comes first: ascending by the text of the member id
 */
export function byMemberId(
  left: { readonly member: MemberId },
  right: { readonly member: MemberId },
): number {
  if (left.member === right.member) return 0;
  return left.member < right.member ? -1 : 1;
}
