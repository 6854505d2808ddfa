/**
 * Readings that no block contains yet, offered again after a restart: the own ones, since gossip may have lost them,
 * and those that an own COMMIT says are held, since the next block may owe them.
 */
import { decode } from "../core/codec.ts";
import { readHeldItem } from "../core/ledger/heldItems.ts";
import { MAX_READING_BYTES, signedReading } from "../core/metering/reading.ts";
import type { IntervalIndex } from "../core/units.ts";
import type { Outbox } from "../ports/outbox.ts";
import type { ReadingPool } from "./readingPool.ts";

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
 * @param items that own COMMITs say are held
 * @param pool that others are served from
 * @param nextInterval the oldest unsettled one
 * @returns how many were pooled
 */
export function poolHeld(
  items: readonly Uint8Array[],
  pool: ReadingPool,
  nextInterval: IntervalIndex,
): number {
  const readings = items
    .map(readHeldItem)
    .flatMap((read) => (read.kind === "accept" ? [read.value.signed] : []));
  return readings.filter(
    (signed) => signed.reading.interval >= nextInterval && pool.add(signed).kind === "accept",
  ).length;
}
