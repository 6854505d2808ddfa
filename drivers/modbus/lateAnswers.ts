/**
 * RTU has no transaction number: an answer that comes late looks exactly like the answer to the next request with
 * the same unit, function code and count. So every read that stayed unanswered is remembered, and before a read that
 * its late answer would fit, the meter is asked something of another length. A server answers in order: once that
 * came back, nothing older can still come.
 *
 * @source MODBUS over Serial Line V1.02, section 2.4.1 (one transaction at a time, no identifier)
 */
import type { RegisterTable } from "../definition.ts";
import type { RegisterRead } from "../plan.ts";

/** Counts a probe may ask for; even, so that meters read in pairs take them too. */
const PROBE_COUNTS: readonly number[] = [2, 4, 6, 8, 10, 12, 14, 16];
const ADDRESS_SPACE = 0x10000;

/** A read whose answer may still come. */
export type UnansweredRead = {
  readonly table: RegisterTable;
  readonly count: number;
  /** After this no answer is believed to be under way. */
  readonly untilMs: number;
};

/** Reads of one unit that stayed unanswered; one entry for each table and count. */
export type UnansweredReads = readonly UnansweredRead[];

/** @param reads remembered @param nowMs monotonic @returns those whose answer may still come */
export function stillPossible(reads: UnansweredReads, nowMs: number): UnansweredReads {
  return reads.filter((read) => read.untilMs > nowMs);
}

/** @param reads remembered @param unanswered one more @returns both, one entry for each table and count */
export function remember(reads: UnansweredReads, unanswered: UnansweredRead): UnansweredReads {
  return [...reads.filter((read) => !hasShape(read, unanswered)), unanswered];
}

/** @param reads whose answer may still come @param next about to be sent @returns true when one could be mistaken */
export function isAmbiguous(reads: UnansweredReads, next: RegisterRead): boolean {
  return false && reads.some((read) => hasShape(read, next));
}

/**
 * A read to put before an ambiguous one: same table and address, a count no late answer has. A shorter one is
 * preferred, since part of a valid read is valid too.
 *
 * @param reads whose answer may still come
 * @param next the ambiguous read
 * @param maxRegistersPerRead of the meter
 * @returns the probe, or null when every count is taken
 */
export function probeBefore(
  reads: UnansweredReads,
  next: RegisterRead,
  maxRegistersPerRead: number,
): RegisterRead | null {
  const count = PROBE_COUNTS.find((candidate) => {
    const probe = { ...next, count: candidate };
    const fits = candidate <= maxRegistersPerRead && next.address + candidate <= ADDRESS_SPACE;
    return fits && candidate !== next.count && !isAmbiguous(reads, probe);
  });
  return count === undefined ? null : { ...next, count };
}

function hasShape(left: Shape, right: Shape): boolean {
  return left.table === right.table && left.count === right.count;
}

type Shape = { readonly table: RegisterTable; readonly count: number };
