/** Where a restarted gateway may go on stating intervals: one stated twice would be two statements of one member. */
import { decode } from "../../core/codec.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import { laterInterval } from "../../core/metering/interval.ts";
import { MAX_READING_BYTES, signedReading } from "../../core/metering/reading.ts";
import { type IntervalIndex, intervalIndex } from "../../core/units.ts";
import type { Outbox } from "../../ports/outbox.ts";

/**
 * Finds the first interval that this gateway has said nothing about, whatever its clock said when it spoke. Of closed
 * intervals it says nothing new by itself: what it did not say in time, a spanning reading makes up for.
 *
 * @param outbox own readings that no block contains yet
 * @param state of the ledger, which holds the others
 * @param heard the newest interval that others know a statement of, though the outbox does not; null when they know none
 * @returns the interval after the last one stated or closed
 */
export function firstUnstated(
  outbox: Pick<Outbox, "pending">,
  { nextInterval }: Pick<LedgerState, "nextInterval">,
  heard: IntervalIndex | null,
): IntervalIndex {
  let first = heard === null ? nextInterval : intervalIndex(Math.max(nextInterval, heard + 1));
  for (const { bytes } of outbox.pending()) {
    const read = decode(bytes, signedReading, MAX_READING_BYTES);
    if (read.kind === "accept" && read.value.reading.interval >= first)
      first = laterInterval(read.value.reading.interval, 1);
  }
  return first;
}
