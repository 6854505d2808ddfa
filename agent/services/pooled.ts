/** One place of a pool: a statement, or two of one member that contradict each other and void each other. */
import type { SignedReading } from "../core/metering/reading.ts";
import { contradicts } from "../core/metering/validate.ts";
import { accept, ignore, type Verdict } from "../core/verdict.ts";

/** Codes a reading is not pooled with. */
export type PoolRefusal =
  | "READING_DUPLICATE"
  | "READING_CONTRADICTED"
  | "READING_TOO_FAR"
  | "READING_TOO_MANY_LATE";

/** A pooled statement; of two that contradict each other the first, and neither is offered. */
export type Pooled = { readonly signed: SignedReading; readonly isContradicted: boolean };

/** @param held what is pooled in its place @param signed another, or the same @returns what is to stand there */
export function judgePooled(held: Pooled | undefined, signed: SignedReading): Verdict<Pooled, PoolRefusal> {
  if (held === undefined) return accept({ signed, isContradicted: false });
  if (held.isContradicted) return ignore("READING_CONTRADICTED", signed.reading.member);
  // The second body is passed on, so that everybody learns of the contradiction.
  return contradicts(held.signed, signed)
    ? accept({ ...held, isContradicted: true })
    : ignore("READING_DUPLICATE");
}
