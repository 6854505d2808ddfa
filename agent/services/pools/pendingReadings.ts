/**
 * What no block contains yet, offered again after a restart or a block: own readings, since gossip may have lost them,
 * and what an own COMMIT says is held, since the next block may owe it.
 */

import { type HeldItem, readHeldItem } from "../../core/ledger/blocks/heldItems.ts";
import { isOpenLate } from "../../core/ledger/settlement/judgeForSettlement.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import { lastSequence } from "../../core/ledger/transactions/judgeTransaction.ts";
import type { Reading, SignedReading } from "../../core/metering/reading.ts";
import type { ReadingPool } from "./readingPool.ts";
import type { TransactionPool } from "./transactionPool.ts";

/**
 * Tells the pool what a block has closed, and offers what of the own readings may still be settled.
 *
 * @param context of the epoch
 * @param state after the head
 * @param pool that others are served from
 * @param pending own readings in the outbox
 */
export function poolPending(
  context: LedgerContext,
  state: LedgerState,
  pool: ReadingPool,
  pending: readonly SignedReading[],
): void {
  pool.closeBefore(state.nextInterval, (signed) => isOpenLate(context, state, signed));
  for (const signed of pending) {
    const isOpen = signed.reading.interval >= state.nextInterval || isOpenLate(context, state, signed);
    if (isOpen) pool.add(signed);
  }
}

/**
 * What a gap is not spanned for yet. A reading that no block will take must not count among it, or the gap stays open
 * for good: one whose registers do not join what is settled around it, since a wrong clock gave it a wrong interval,
 * and one that is voided by another of this gateway's, signed before it lost its outbox.
 *
 * @param context of the epoch
 * @param state after the head
 * @param pool that knows the own readings, by {@link poolPending}
 * @param pending own readings in the outbox
 * @returns those that a later block may still settle
 */
export function awaited(
  context: LedgerContext,
  state: LedgerState,
  pool: Pick<ReadingPool, "isVoided">,
  pending: readonly SignedReading[],
): readonly Reading[] {
  return pending
    .filter((signed) => isOpenLate(context, state, signed) && !pool.isVoided(signed))
    .map(({ reading }) => reading);
}

/**
 * @param items that own COMMITs say are held; judged before they were kept
 * @param pools that others are served from
 * @param state after the head
 * @returns how many were pooled
 */
export function poolHeld(
  items: readonly Uint8Array[],
  { pool, transactions }: { readonly pool: ReadingPool; readonly transactions: TransactionPool },
  state: LedgerState,
): number {
  const isPooled = (item: HeldItem): boolean => {
    if (item.kind === "reading")
      return item.signed.reading.interval >= state.nextInterval && pool.add(item.signed).kind === "accept";
    const { signer, sequence } = item.signed.transaction;
    return sequence > lastSequence(state, signer) && transactions.add(item.signed).kind === "accept";
  };
  const held = items.map(readHeldItem).flatMap((read) => (read.kind === "accept" ? [read.value] : []));
  return held.filter(isPooled).length;
}
