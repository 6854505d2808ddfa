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

/** A member's part while the split is being made: the floor of its quota, and what the floor cut off. */
type Part = { readonly member: MemberId; readonly floor: bigint; readonly remainder: bigint };

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
  const ordered = inOrder(amounts, order);
  const sum = ordered.reduce((running, amount) => running + amount.wh, 0n);
  if (total >= sum) return new Map(ordered.map((amount) => [amount.member, amount.wh]));
  const parts = ordered.map((amount): Part => {
    const product = total * amount.wh;
    return { member: amount.member, floor: product / sum, remainder: product % sum };
  });
  const favoured = largestRemainders(parts, total);
  return new Map(parts.map(({ member, floor }) => [member, wh(favoured.has(member) ? floor + 1n : floor)]));
}

function inOrder(amounts: readonly MemberAmount[], order: readonly MemberId[]): readonly MemberAmount[] {
  const byMember = new Map<MemberId, MemberAmount>();
  for (const amount of amounts) {
    const { member } = amount;
    if (amount.wh < 0n) throw new MarketError("MARKET_NEGATIVE_ENERGY", { member, wh: amount.wh });
    if (byMember.has(member)) throw new MarketError("MARKET_DUPLICATE_MEMBER", { member });
    byMember.set(member, amount);
  }
  const ordered: MemberAmount[] = [];
  for (const member of order) {
    const amount = byMember.get(member);
    if (amount === undefined) continue;
    ordered.push(amount);
    byMember.delete(member);
  }
  for (const member of byMember.keys()) throw new MarketError("MARKET_NOT_IN_TIE_ORDER", { member });
  return ordered;
}

/** The Wh left over are fewer than the parts with a remainder, so nobody is lifted above its amount. */
function largestRemainders(parts: readonly Part[], total: Wh): ReadonlySet<MemberId> {
  const left = total - parts.reduce((running, part) => running + part.floor, 0n);
  if (left === 0n) return new Set();
  const ranked = [...parts].sort((a, b) => {
    if (a.remainder === b.remainder) return 0;
    return a.remainder > b.remainder ? -1 : 1;
  });
  return new Set(ranked.slice(0, Number(left)).map((part) => part.member));
}
