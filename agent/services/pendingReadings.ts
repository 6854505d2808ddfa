/** Own readings that no block contains yet, offered again after a restart: gossip may have lost them. */
import { decode } from "../core/codec.ts";
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
