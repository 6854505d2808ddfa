/** One place of a pool: a statement, or two of one member that contradict each other and void each other. */
import type { HeldReading } from "../../core/ledger/blocks/completeness.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import { contradicts } from "../../core/metering/validate.ts";
import { accept, ignore, type Verdict } from "../../core/verdict.ts";

/** Codes a reading is not pooled with. */
export type PoolRefusal =
  | "READING_DUPLICATE"
  | "READING_CONTRADICTED"
  | "READING_TOO_FAR"
  | "READING_TOO_MANY_LATE";

/** A pooled statement and since when; with the one that contradicts it, neither is offered. */
export type Pooled = HeldReading & { readonly other: HeldReading | null };

/**
 * @param held what is pooled in its place
 * @param signed another, or the same
 * @param nowMs on the monotonic clock
 * @returns what is to stand there
 */
export function judgePooled(
  held: Pooled | undefined,
  signed: SignedReading,
  nowMs: number,
): Verdict<Pooled, PoolRefusal> {
  if (held === undefined) return accept({ signed, sinceMs: nowMs, other: null });
  if (held.other !== null) return ignore("READING_CONTRADICTED", signed.reading.member);
  // The second body is passed on, so that everybody learns of the contradiction.
  return contradicts(held.signed, signed)
    ? accept({ ...held, other: { signed, sinceMs: nowMs } })
    : ignore("READING_DUPLICATE");
}
