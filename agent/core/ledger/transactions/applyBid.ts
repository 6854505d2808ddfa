/**
 * What a bid must satisfy to stand, and what it does to the state.
 *
 * @source docs/market.md, "Bids"
 */
import { type Bid, type BidRefusal, judgeBid, withBid } from "../../market/bid.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import { GRID_ADMIN, type TransactionSigner } from "../state/transaction.ts";

/** Codes a bid has no effect with on the ledger. */
export type BidEffectRefusal = BidRefusal | "BID_NOT_MEMBER";

/**
 * @param context with the roster of the block
 * @param state with the block's intervals settled
 * @param signer whose bid it is
 * @param bid as asked for
 * @returns the state with the bid in place of the one before, or why it does not stand
 */
export function applyBid(
  { roster }: LedgerContext,
  state: LedgerState,
  signer: TransactionSigner,
  bid: Bid,
): Verdict<LedgerState, BidEffectRefusal> {
  if (signer === GRID_ADMIN || !roster.byId.has(signer)) return reject("BID_NOT_MEMBER", signer);
  const judged = judgeBid(bid, state.bids, signer, state.nextInterval);
  if (judged.kind !== "accept") return judged;
  return accept({ ...state, bids: withBid(state.bids, signer, judged.value) });
}
