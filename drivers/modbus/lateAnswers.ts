/**
 * RTU has no transaction number: an answer that comes late looks exactly like the answer to a later request with the
 * same unit, function code and count. So every read sent to a unit is kept in order until it is known to be answered,
 * and before a read that a late answer would fit, the meter is asked something of another length. A server answers in
 * order: a frame of that length proves that nothing older can still come.
 *
 * @source MODBUS over Serial Line V1.02, section 2.4.1 (one transaction at a time, no identifier)
 */

import type { RegisterRead } from "../plan.ts";
import type { RegisterTable } from "../register.ts";

/** Counts a probe asks for; even, so that meters read in pairs take them too. */
const PROBE_COUNTS: readonly number[] = [2, 4];
const ADDRESS_SPACE = 0x10000;

/** What tells one answer from another: function code and length. */
export type AnswerShape = { readonly table: RegisterTable; readonly count: number };

/** Reads of one shape, sent one after another, that may still be answered. */
export type OpenReads = AnswerShape & {
  readonly sends: number;
  /** After this no answer is believed to be under way. */
  readonly untilMs: number;
};

/** Reads of one unit that may still be answered, in order of sending; as many as time limits fit into their hope. */
export type OpenReadList = readonly OpenReads[];

/** @param open reads of a unit @param nowMs monotonic @returns those that may still be answered */
export function stillOpen(open: OpenReadList, nowMs: number): OpenReadList {
  return open.filter((reads) => reads.untilMs > nowMs);
}

/** @param open reads of a unit @param shape sent now @param untilMs its last hope @returns all of them */
export function withSent(open: OpenReadList, shape: AnswerShape, untilMs: number): OpenReadList {
  const { table, count } = shape;
  const last = open.at(-1);
  if (last === undefined || !hasShape(last, shape)) return [...open, { table, count, sends: 1, untilMs }];
  return [...open.slice(0, -1), { table, count, sends: last.sends + 1, untilMs }];
}

/**
 * Takes in a frame: it answers the first open read of its shape or a later one, so whatever was sent before is over.
 *
 * @param open reads of a unit
 * @param shape of the frame
 * @returns what may still be answered
 */
export function withAnswered(open: OpenReadList, shape: AnswerShape): OpenReadList {
  const index = open.findIndex((reads) => hasShape(reads, shape));
  const first = open[index];
  if (first === undefined) return open;
  const rest = open.slice(index + 1);
  return first.sends === 1 ? rest : [{ ...first, sends: first.sends - 1 }, ...rest];
}

/** @param open reads of a unit @param next about to be sent @returns true when a late answer could pass for its own */
export function isAmbiguous(open: OpenReadList, next: AnswerShape): boolean {
  return open.some((reads) => hasShape(reads, next));
}

/**
 * A read to put before an ambiguous one: same table and address, another count. A shorter one is preferred, since
 * part of a valid read is valid too.
 *
 * @param next the ambiguous read
 * @param maxRegistersPerRead of the meter
 * @returns the probe, or null when the meter's limit leaves none
 */
export function probeBefore(next: RegisterRead, maxRegistersPerRead: number): RegisterRead | null {
  const count = PROBE_COUNTS.find(
    (candidate) =>
      candidate !== next.count &&
      candidate <= maxRegistersPerRead &&
      next.address + candidate <= ADDRESS_SPACE,
  );
  return count === undefined ? null : { ...next, count };
}

function hasShape(left: AnswerShape, right: AnswerShape): boolean {
  return left.table === right.table && left.count === right.count;
}
