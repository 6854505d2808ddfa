/** Answers what the local API asks about bids, and places this gateway's. */
import type { SignedTransaction, TransactionContent } from "../../core/ledger/state/transaction.ts";
import { type Bid, judgeBid, type StandingBid } from "../../core/market/bid.ts";
import { policyAt } from "../../core/market/policy.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { intervalIndex, pricePerKwh, wh } from "../../core/units.ts";
import { accept, reject } from "../../core/verdict.ts";
import type { BidApi, BidRequest, BidsView, BidView } from "../../ports/bidView.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import { namesOf, transactionView } from "./governanceView.ts";

/** What the answers are made from. */
export type BidApiModules = {
  readonly self: MemberId;
  readonly ledger: Pick<LedgerService, "state" | "next">;
  readonly submit: (content: TransactionContent) => Promise<SignedTransaction>;
};

/** @param modules of the agent @returns its answers */
export function bidApi({ self, ledger, submit }: BidApiModules): BidApi {
  return {
    bids: () => bidsView(ledger, self),
    placeBid: async (request) => {
      const { bids, nextInterval } = ledger.state;
      if (!ledger.next.roster.byId.has(self)) return reject("BID_NOT_MEMBER", "not admitted yet");
      const judged = judgeBid(bidOf(request, nextInterval), bids, self, nextInterval);
      if (judged.kind !== "accept") return judged;
      const signed = await submit({ kind: "bid", bid: judged.value });
      return accept(transactionView(signed, namesOf(ledger.next)));
    },
  };
}

function bidsView({ state, next }: BidApiModules["ledger"], self: MemberId): BidsView {
  const nameOf = namesOf(next);
  const policy = policyAt(state.policies, state.nextInterval);
  return {
    schema: "edso.bids/1",
    own: nameOf(self),
    nextInterval: state.nextInterval,
    pricing:
      policy === null ? null : { kind: policy.pricing, floor: `${policy.floor}`, cap: `${policy.cap}` },
    bids: state.bids.map((standing) => bidView(standing, nameOf)),
  };
}

function bidView({ member, bid }: StandingBid, nameOf: (id: MemberId) => string): BidView {
  const { side, limit, cap, from, to, wish } = bid;
  return { member: nameOf(member), side, limit: `${limit}`, capWh: Number(cap), from, to, ...wish };
}

function bidOf({ side, limit, capWh, from, to, area, fuel }: BidRequest, next: number): Bid {
  return {
    side,
    limit: pricePerKwh(BigInt(limit)),
    cap: wh(BigInt(capWh)),
    from: intervalIndex(from ?? next),
    to: to === null ? null : intervalIndex(to),
    wish: { area, fuel },
  };
}
