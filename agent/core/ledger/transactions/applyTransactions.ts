/** What the transactions of a block do to the state: each has the effect it asks for, or none, and the block says why. */
import type { MemberId } from "../../membership/address.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import {
  GRID_ADMIN,
  type SettledTransaction,
  type SignedTransaction,
  type Transaction,
  type TransactionSigner,
} from "../state/transaction.ts";
import { type AcknowledgeRefusal, acknowledge } from "./acknowledge.ts";
import { applyBid, type BidEffectRefusal } from "./applyBid.ts";
import { applyMeterSwap, type SwapEffectRefusal } from "./applyMeterSwap.ts";
import { applyIssue, applyPolicy, type IssueEffectRefusal, type PolicyEffectRefusal } from "./applyPolicy.ts";
import { applyRosterChange, type RosterEffectRefusal } from "./applyRosterChange.ts";
import { type EvidenceRefusal, judgeEvidence, withOffence } from "./judgeEvidence.ts";

/** Codes a transaction has no effect with; part of the block, so a new meaning is a new code. */
export type EffectRefusal =
  | RosterEffectRefusal
  | PolicyEffectRefusal
  | IssueEffectRefusal
  | BidEffectRefusal
  | EvidenceRefusal
  | AcknowledgeRefusal
  | SwapEffectRefusal
  | "BALLOT_NOT_VOTER"
  | "BALLOT_NO_CANDIDATE"
  | "REJOIN_NOT_VOTER";

/** A block's transactions as settled, and the state after them. */
export type AppliedTransactions = {
  readonly state: LedgerState;
  readonly settled: readonly SettledTransaction[];
};

/**
 * @param context with the roster of the block
 * @param state at the block's height before its transactions, with the office as the block leaves it
 * @param transactions accepted by `judgeTransactions`, in their order
 * @returns the state after them, and what came of each
 */
export function applyTransactions(
  context: LedgerContext,
  state: LedgerState,
  transactions: readonly SignedTransaction[],
): AppliedTransactions {
  let after = state;
  const settled = transactions.map((signed): SettledTransaction => {
    const effect = effectOf(context, after, signed.transaction);
    if (effect.kind === "accept") after = effect.value;
    const { signer, sequence } = signed.transaction;
    after = { ...withPresence(after, signer), sequences: new Map(after.sequences).set(signer, sequence) };
    return { signed, refusal: effect.kind === "accept" ? null : effect.code };
  });
  return { state: after, settled };
}

function effectOf(
  context: LedgerContext,
  state: LedgerState,
  { signer, content }: Transaction,
): Verdict<LedgerState, EffectRefusal> {
  switch (content.kind) {
    case "ballot": {
      if (signer === GRID_ADMIN || !isVoter(context, signer)) return reject("BALLOT_NOT_VOTER");
      const ballots = new Map(state.ballots);
      if (content.candidate === null) ballots.delete(signer);
      else if (isVoter(context, content.candidate)) ballots.set(signer, content.candidate);
      else return reject("BALLOT_NO_CANDIDATE");
      return accept({ ...state, ballots });
    }
    case "rejoin":
      // The block that holds it is its whole effect.
      return signer !== GRID_ADMIN && isVoter(context, signer) ? accept(state) : reject("REJOIN_NOT_VOTER");
    case "evidence": {
      const judged = judgeEvidence(context, state, content.evidence);
      return judged.kind === "accept" ? accept(withOffence(state, judged.value)) : judged;
    }
    case "present":
      return accept(state);
    case "roster":
      return applyRosterChange(context, state, signer, content.change);
    case "policy":
      return applyPolicy(context, state, signer, content.signed);
    case "issue":
      return applyIssue(context, state, signer, content);
    case "bid":
      return applyBid(context, state, signer, content.bid);
    case "meter-swap":
      return applyMeterSwap(context, state, signer, content);
    case "acknowledge":
      return acknowledge(state, signer, content);
    default:
      return content satisfies never;
  }
}

/** A DSO chooses which COMMITs it embeds; a transaction shows all the same that its signer is there. */
function withPresence(state: LedgerState, signer: TransactionSigner): LedgerState {
  if (signer === GRID_ADMIN || !state.absences.has(signer)) return state;
  const absences = new Map(state.absences);
  absences.delete(signer);
  return { ...state, absences };
}

function isVoter({ voters }: LedgerContext, member: MemberId): boolean {
  return voters.voters.some((voter) => voter.id === member);
}
