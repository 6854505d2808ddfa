/**
 * What a transaction must satisfy before it is forwarded, and before a block takes it. Whether it then has the effect
 * it asks for is decided when the block is computed: `applyTransactions.ts`.
 */
import { accept, ignore, reject, type Verdict } from "../../verdict.ts";
import { contextOfNext, type LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import {
  encodeTransaction,
  GRID_ADMIN,
  MAX_MEMBER_TRANSACTION_BYTES,
  MAX_WAITING_PER_SIGNER,
  type SignedTransaction,
  type TransactionSigner,
  transactionOrder,
  transactionSignBytes,
} from "../state/transaction.ts";

/** Codes a transaction is refused with. */
export type TransactionRefusal =
  | "TRANSACTION_STRANGER"
  | "TRANSACTION_TOO_LONG"
  | "BAD_SIGNATURE"
  | "TRANSACTION_REPLAYED"
  | "TRANSACTION_AHEAD";

/** Codes the transactions of a block are refused with. */
export type TransactionsRefusal =
  | TransactionRefusal
  | "TRANSACTION_ORDER"
  | "TRANSACTION_GAP"
  | "TRANSACTIONS_TOO_MANY";

/**
 * Judges a transaction by itself and against what its signer has on the ledger.
 *
 * @param context of the epoch
 * @param state after the head
 * @param signed as decoded
 * @returns the transaction, or why it cannot wait for a block
 */
export function judgeTransaction(
  context: LedgerContext,
  state: LedgerState,
  signed: SignedTransaction,
): Verdict<SignedTransaction, TransactionRefusal> {
  const { signer, sequence } = signed.transaction;
  const last = lastSequence(state, signer);
  // [IGNORE] settled already; an honest late copy looks the same as a replay
  if (sequence <= last) return ignore("TRANSACTION_REPLAYED", `sequence ${sequence}`);
  // [IGNORE] more than its signer may have waiting, or of a block that this gateway does not have yet
  if (sequence > last + MAX_WAITING_PER_SIGNER) return ignore("TRANSACTION_AHEAD", `sequence ${sequence}`);
  return judgeSignature(context, state, signed);
}

/**
 * Judges the transactions that a block lists: each signed, by signer and then without a gap from its signer's next
 * sequence on.
 *
 * @param context of the epoch
 * @param state after the parent
 * @param listed in a block
 * @returns the transactions, or the first fault
 */
export function judgeTransactions(
  context: LedgerContext,
  state: LedgerState,
  listed: readonly SignedTransaction[],
): Verdict<readonly SignedTransaction[], TransactionsRefusal> {
  let previous: SignedTransaction | null = null;
  for (const signed of listed) {
    const { signer, sequence } = signed.transaction;
    if (previous !== null && transactionOrder(previous, signed) >= 0)
      return reject("TRANSACTION_ORDER", signer);
    const last =
      previous?.transaction.signer === signer ? previous.transaction.sequence : lastSequence(state, signer);
    if (sequence !== last + 1) return reject("TRANSACTION_GAP", `${signer}: ${sequence} after ${last}`);
    if (sequence > lastSequence(state, signer) + MAX_WAITING_PER_SIGNER)
      return reject("TRANSACTIONS_TOO_MANY", signer);
    const judged = judgeSignature(context, state, signed);
    if (judged.kind !== "accept") return judged;
    previous = signed;
  }
  return accept(listed);
}

/** @param state after a block @param signer of transactions @returns the sequence of its newest one on the ledger; 0 for none */
export function lastSequence(state: LedgerState, signer: TransactionSigner): number {
  return state.sequences.get(signer) ?? 0;
}

function judgeSignature(
  context: LedgerContext,
  state: LedgerState,
  signed: SignedTransaction,
): Verdict<SignedTransaction, "TRANSACTION_STRANGER" | "TRANSACTION_TOO_LONG" | "BAD_SIGNATURE"> {
  const { genesis, roster, voters } = contextOfNext(context, state);
  const { signer } = signed.transaction;
  const key = signer === GRID_ADMIN ? genesis.gridAdminKey : roster.byId.get(signer)?.publicKey;
  // [IGNORE] only members and the GridAdmin sign transactions; another gateway's ledger may know of one that came or left
  if (key === undefined) return ignore("TRANSACTION_STRANGER", signer);
  // [REJECT] what all members may have waiting must fit one block
  if (signer !== GRID_ADMIN && encodeTransaction(signed).length > MAX_MEMBER_TRANSACTION_BYTES)
    return reject("TRANSACTION_TOO_LONG", signer);
  const message = transactionSignBytes(signed.transaction, roster.chainId, roster.epoch);
  // [REJECT] the signature binds chain, epoch, signer, sequence and content
  return voters.verify(key, message, signed.signature) ? accept(signed) : reject("BAD_SIGNATURE", signer);
}
