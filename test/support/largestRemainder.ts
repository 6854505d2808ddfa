/** The definition of the largest-remainder split, as a check on finished shares rather than a way to make them. */
import type { BalanceInput } from "../../agent/core/market/balance.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { turned } from "./marketCases.ts";

/** One finished share; `rank` is the member's place in the order that breaks ties. */
export type Part = { readonly amount: bigint; readonly share: bigint; readonly rank: number };

/** @param input of an interval @returns each member's place in the tie order of that interval */
export function ranks(input: BalanceInput): ReadonlyMap<MemberId, number> {
  return new Map(turned(input.tieOrder, input.interval).map((member, rank) => [member, rank]));
}

/** @param amounts any @returns their sum */
export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((running, amount) => running + amount, 0n);
}

/**
 * Makes the split one Wh at a time: each goes to whoever is furthest below its quota. Slow, and not how the product does it.
 *
 * @param total to split, at most a few hundred Wh above the floors of the quotas
 * @param parts amounts and ranks
 * @returns shares in the sequence of `parts`
 */
export function sharesByHand(
  total: bigint,
  parts: readonly Pick<Part, "amount" | "rank">[],
): readonly bigint[] {
  const all = sum(parts.map((part) => part.amount));
  const given = total < all ? total : all;
  const shares = parts.map((part) => (all === 0n ? 0n : (given * part.amount) / all));
  const isBefore = (one: number, other: number) => {
    const lack = (at: number) => given * parts[at]!.amount - shares[at]! * all;
    return lack(one) === lack(other) ? parts[one]!.rank < parts[other]!.rank : lack(one) > lack(other);
  };
  for (let left = given - sum(shares); left > 0n; left -= 1n) {
    const first = parts.map((_, at) => at).reduce((best, at) => (isBefore(at, best) ? at : best));
    shares[first] = shares[first]! + 1n;
  }
  return shares;
}

/**
 * Tells whether shares are the split of a total by largest remainder.
 *
 * @param total that was split
 * @param parts amounts and the shares claimed for them
 * @returns true when Σ is right, every share is its quota rounded down or up, and no part that was
 *   rounded down comes before one that was rounded up
 */
export function isLargestRemainder(total: bigint, parts: readonly Part[]): boolean {
  const all = sum(parts.map((part) => part.amount));
  const given = total < all ? total : all;
  if (sum(parts.map((part) => part.share)) !== given) return false;
  if (all === 0n) return parts.every((part) => part.share === 0n);
  const excessOver = (part: Part) => part.share * all - given * part.amount;
  if (!parts.every((part) => excessOver(part) > -all && excessOver(part) < all)) return false;
  const remainder = (part: Part) => (given * part.amount) % all;
  const up = parts.filter((part) => excessOver(part) > 0n);
  const down = parts.filter((part) => excessOver(part) < 0n);
  return up.every((winner) =>
    down.every((loser) => {
      if (remainder(winner) !== remainder(loser)) return remainder(winner) > remainder(loser);
      return winner.rank < loser.rank;
    }),
  );
}
