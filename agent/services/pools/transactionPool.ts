/** Accepted transactions that no block contains yet, per signer and sequence; bounded in both. */
import type { HeldTransaction } from "../../core/ledger/blocks/completeness.ts";
import { contextOfNext, type LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type SignedTransaction,
  type TransactionSigner,
  transactionId,
  transactionOrder,
} from "../../core/ledger/state/transaction.ts";
import { lastSequence } from "../../core/ledger/transactions/judgeTransaction.ts";
import { accept, ignore, type Verdict } from "../../core/verdict.ts";

/** Codes a transaction is not pooled with. */
export type TransactionPoolRefusal = "TRANSACTION_DUPLICATE" | "TRANSACTION_CONTRADICTED";

/** Transactions waiting for a block. */
export type TransactionPool = {
  /** Takes a transaction that was judged; of two different ones with one sequence the first stays. */
  readonly add: (signed: SignedTransaction) => Verdict<SignedTransaction, TransactionPoolRefusal>;
  /**
   * @returns what the next block can take: of each signer that takes part in it, from its next sequence on without a
   *   gap, in the block's order
   */
  readonly next: (state: LedgerState) => readonly SignedTransaction[];
  /** @returns the same with when each came */
  readonly since: (state: LedgerState) => readonly HeldTransaction[];
  /** @returns all that wait, in the block's order */
  readonly held: () => readonly SignedTransaction[];
  /** Forgets what the ledger has settled, and what those signed who have left: no key comes back. */
  readonly forgetSettled: (state: LedgerState) => void;
};

/**
 * @param context of the chain: with a state it tells who takes part in the next block
 * @param monotonicMs tells when one came
 * @returns an empty pool; that a signer has only a few waiting is the judge's to see to
 */
export function transactionPool(context: LedgerContext, monotonicMs: () => number): TransactionPool {
  const waiting = new Map<TransactionSigner, Map<number, HeldTransaction>>();
  const entries = () =>
    [...waiting.values()]
      .flatMap((own) => [...own.values()])
      .sort((left, right) => transactionOrder(left.signed, right.signed));
  const since = (state: LedgerState) => {
    const takesPart = partakers(context, state);
    const reached = new Map<TransactionSigner, number>();
    return entries().filter(({ signed }) => {
      const { signer, sequence } = signed.transaction;
      if (!takesPart(signer) || sequence !== (reached.get(signer) ?? lastSequence(state, signer)) + 1)
        return false;
      reached.set(signer, sequence);
      return true;
    });
  };
  return {
    add: (signed) => {
      const { signer, sequence } = signed.transaction;
      const own = waiting.get(signer) ?? new Map<number, HeldTransaction>();
      const known = own.get(sequence)?.signed;
      if (known === undefined) {
        waiting.set(signer, own.set(sequence, { signed, sinceMs: monotonicMs() }));
        return accept(signed);
      }
      const isSame = transactionId(known.transaction) === transactionId(signed.transaction);
      return isSame ? ignore("TRANSACTION_DUPLICATE") : ignore("TRANSACTION_CONTRADICTED", signer);
    },
    held: () => entries().map(({ signed }) => signed),
    next: (state) => since(state).map(({ signed }) => signed),
    since,
    forgetSettled: (state) => {
      const takesPart = partakers(context, state);
      for (const [signer, own] of waiting) {
        for (const sequence of own.keys())
          if (sequence <= lastSequence(state, signer) || !takesPart(signer)) own.delete(sequence);
        if (own.size === 0) waiting.delete(signer);
      }
    },
  };
}

/** A block takes nothing from whoever is no member at its height. */
function partakers(context: LedgerContext, state: LedgerState): (signer: TransactionSigner) => boolean {
  const { byId } = contextOfNext(context, state).roster;
  return (signer) => signer === GRID_ADMIN || byId.has(signer);
}
