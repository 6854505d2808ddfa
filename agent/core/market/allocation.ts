/**
 * What the members of an interval could trade, and what a market gives each of them: the seam between
 * the rules that share energy out and everything that follows from it.
 *
 * @source docs/market.md, "Split", "Auction"
 */
import type { MemberId } from "../membership/address.ts";
import { type Wh, wh } from "../units.ts";
import { pair, type SideAmounts, type Trade } from "./pairing.ts";
import { lesser, type MemberAmount, splitInOrder } from "./split.ts";

/** The two sides of an interval. */
export type Sides = {
  /** Of every measured member that has one, Wh > 0, in tie order. */
  readonly excesses: readonly MemberAmount[];
  /** Of every measured member that has one and may buy from others, Wh > 0, in tie order. */
  readonly deficits: readonly MemberAmount[];
  /** Of the members that may not, as the deficits: these take no part. */
  readonly unserved: readonly MemberAmount[];
  /** Tie order of the interval, already rotated. */
  readonly order: readonly MemberId[];
};

/** Who sells and buys how much, and with whom; none above its amount, Σ sold = Σ bought = Σ trades. */
export type Allocation = {
  readonly sold: SideAmounts;
  readonly bought: SideAmounts;
  readonly trades: readonly Trade[];
};

/**
 * Shares out as much as the smaller side has, in proportion to amounts.
 *
 * @param sides of the interval
 * @returns what each member sells and buys
 * @source docs/market.md, "Split", "Trades"
 */
export function proRata({ excesses, deficits }: Sides): Allocation {
  const traded = lesser(sumOf(excesses), sumOf(deficits));
  const sold = splitInOrder(traded, excesses);
  const bought = splitInOrder(traded, deficits);
  return { sold, bought, trades: pair(sold, bought) };
}

/** @param amounts any @returns their sum, Wh */
export function sumOf(amounts: readonly { readonly wh: Wh }[]): Wh {
  return wh(amounts.reduce((running, amount) => running + amount.wh, 0n));
}
