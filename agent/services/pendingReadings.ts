/** Own readings that no block contains yet, offered again after a restart or a block: gossip may have lost them. */
import type { LedgerContext } from "../core/ledger/context.ts";
import { isOpenLate } from "../core/ledger/settleInterval.ts";
import type { LedgerState } from "../core/ledger/state.ts";
import type { SignedReading } from "../core/metering/reading.ts";
import type { ReadingPool } from "./readingPool.ts";

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
