/**
 * Books of the street's bids, kept without the product's: which stand, and whether an auction came out as its rule
 * says when every price is tried.
 */

import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import { GRID_ADMIN, type SettledTransaction } from "../../agent/core/ledger/state/transaction.ts";
import type { AuctionInput, Clearing, Offer } from "../../agent/core/market/auction.ts";
import type { BalanceInput } from "../../agent/core/market/balance.ts";
import type { Bid } from "../../agent/core/market/bid.ts";
import type { Preferences, Trade } from "../../agent/core/market/pairing.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { EnrolmentBody, Fuel } from "../../agent/core/membership/enrolment.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";
import { pricePerKwh, type Wh, wh as whOf } from "../../agent/core/units.ts";
import { clearingViolations, pairViolations } from "../support/auctionProperties.ts";
import { turned } from "../support/marketCases.ts";
import type { RosterByHand } from "./rosterBook.ts";

/** @param meters of a household @returns what its excess is made from, as far as its one generation meter says so */
export function fuelOf({ meters }: Pick<EnrolmentBody, "meters">): Fuel | "undeclared" {
  return meters.find(({ role }) => role === "generation")?.fuel ?? "undeclared";
}

/** One book. */
export class BidBook {
  readonly #roster: () => RosterByHand;
  readonly #standing = new Map<string, { readonly member: MemberId; readonly bid: Bid }>();

  /** @param roster gives who takes part in the block that is entered */
  constructor(roster: () => RosterByHand) {
    this.#roster = roster;
  }

  /** @returns what is wrong with what became of a bid; `nextInterval` after the block's intervals */
  enterTransaction({ signed, refusal }: SettledTransaction, nextInterval: number): readonly string[] {
    const { signer, content } = signed.transaction;
    if (content.kind !== "bid") return [];
    const { side, cap, from, to, wish } = content.bid;
    const key = `${signer}/${side}`;
    const isWished = wish.area !== null || wish.fuel !== null;
    const isOver = to !== null && (to <= from || to <= nextInterval);
    const isDue =
      signer !== GRID_ADMIN &&
      this.#roster().members.has(signer) &&
      (cap === 0n ? this.#standing.has(key) : !(side === "sell" && isWished) && !isOver);
    if (isDue && cap === 0n) this.#standing.delete(key);
    else if (isDue) this.#standing.set(key, { member: signer, bid: content.bid });
    return isDue === (refusal === null) ? [] : [`bid of ${signer} ${refusal ?? "taken"}`];
  }

  /** @returns what is wrong with an auctioned interval */
  enterInterval(
    { interval, outcome, settlement }: SettledInterval,
    input: BalanceInput,
    policy: Policy,
  ): readonly string[] {
    const auction = this.#auctionOf(input, policy);
    const cleared = clearingOf(outcome.trades, auction.order, settlement?.price ?? null);
    const faults = [
      ...clearingViolations(auction, cleared),
      ...pairViolations(cleared, this.#preferences(input), outcome.trades),
    ];
    return faults.map((fault) => `auction of ${interval}: ${fault}`);
  }

  /** What is over goes with the interval that it ends with, and so does what somebody bid who has left. */
  closeInterval(interval: number): void {
    const { members } = this.#roster();
    for (const [key, { member, bid }] of this.#standing)
      if (!members.has(member) || (bid.to !== null && bid.to <= interval + 1)) this.#standing.delete(key);
  }

  /** @returns what the state says of the bids that these books do not */
  differences({ bids }: LedgerState): readonly string[] {
    const text = (list: Iterable<{ readonly member: MemberId; readonly bid: Bid }>) =>
      [...list]
        .map(({ member, bid: { side, limit, cap, from, to, wish } }) =>
          [member, side, limit, cap, from, to ?? "-", wish.area ?? "-", wish.fuel ?? "-"].join(" "),
        )
        .toSorted()
        .join("; ");
    const [claimed, right] = [text(bids), text(this.#standing.values())];
    return claimed === right ? [] : [`bids are ${claimed}, not ${right}`];
  }

  #auctionOf(
    { interval, positions, tieOrder, ineligible }: BalanceInput,
    { floor, cap }: Policy,
  ): AuctionInput {
    const offers = (side: Bid["side"], anyPrice: bigint): readonly Offer[] =>
      positions.flatMap(({ member, position }) => {
        const amount = side === "sell" ? position : -position;
        if (amount <= 0n || (side === "buy" && ineligible.has(member))) return [];
        const bid = this.#bidAt(member, side, interval);
        const most = bid === undefined || bid.cap > amount ? amount : bid.cap;
        return [{ member, wh: whOf(most), limit: pricePerKwh(bid?.limit ?? anyPrice) }];
      });
    return {
      bounds: { floor, cap },
      sells: offers("sell", floor),
      buys: offers("buy", cap),
      order: turned(tieOrder, interval),
    };
  }

  #preferences({ interval, positions }: BalanceInput): Preferences {
    const wishes = positions.flatMap(({ member }) => {
      const bid = this.#bidAt(member, "buy", interval);
      return bid === undefined ? [] : [[member, bid.wish] as const];
    });
    const origins = positions.map(({ member }) => {
      const enrolled = this.#roster().members.get(member)!;
      const fuel = fuelOf(enrolled);
      const fuels = new Set<Fuel>(fuel === "undeclared" ? [] : [fuel]);
      return [member, { area: enrolled.area, fuels }] as const;
    });
    return { wishes: new Map(wishes), origins: new Map(origins) };
  }

  #bidAt(member: MemberId, side: Bid["side"], interval: number): Bid | undefined {
    const bid = this.#standing.get(`${member}/${side}`)?.bid;
    if (bid === undefined || interval < bid.from || (bid.to !== null && interval >= bid.to)) return undefined;
    return bid;
  }
}

function clearingOf(
  trades: readonly Trade[],
  order: readonly MemberId[],
  price: Clearing["price"],
): Clearing {
  const amounts = (of: (trade: Trade) => MemberId) =>
    new Map<MemberId, Wh>(
      order.flatMap((member) => {
        const sum = trades.filter((trade) => of(trade) === member).reduce((total, { wh }) => total + wh, 0n);
        return sum === 0n ? [] : [[member, whOf(sum)] as const];
      }),
    );
  return { price, sold: amounts(({ from }) => from), bought: amounts(({ to }) => to) };
}
