/**
 * What no block contains yet, offered again after a restart: own readings, since gossip may have lost them, and what
 * an own COMMIT says is held, since the next block may owe it.
 */
import { decode } from "../core/codec.ts";
import { type HeldItem, readHeldItem } from "../core/ledger/heldItems.ts";
import { lastSequence } from "../core/ledger/judgeTransaction.ts";
import type { LedgerState } from "../core/ledger/state.ts";
import { MAX_READING_BYTES, signedReading } from "../core/metering/reading.ts";
import type { IntervalIndex } from "../core/units.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { ReadingPool } from "./readingPool.ts";
import type { TransactionPool } from "./transactionPool.ts";

/**
 * @param outbox of this gateway
 * @param pool that others are served from
 * @param nextInterval the oldest unsettled one: what lies before it is settled without them
 * @returns how many were pooled
 */
export function poolPending(
  outbox: Pick<Outbox, "pending">,
  pool: ReadingPool,
  nextInterval: IntervalIndex,
): number {
  const readings = outbox.pending().flatMap(({ bytes }) => {
    const read = decode(bytes, signedReading, MAX_READING_BYTES);
    return read.kind === "accept" && read.value.reading.interval >= nextInterval ? [read.value] : [];
  });
  return readings.filter((signed) => pool.add(signed).kind === "accept").length;
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
