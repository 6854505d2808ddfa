/**
 * RTU has no transaction number: an answer that comes late looks exactly like the answer to a later request with the
 * same unit, function code and count. So every read sent to a unit is kept in order until it is known to be answered,
 * and before a read that a late answer would fit, the meter is asked something of another length. A server answers in
 * order: a frame of that length proves that nothing older can still come.
 *
 * @source MODBUS over Serial Line V1.02, section 2.4.1 (one transaction at a time, no identifier)
 */

import { type AnswerShape, type LineRead, shapeOfRequest } from "./lineRequest.ts";

/**
 * Counts a probe asks for; even, so that meters read in pairs take them too. As many as probes that fail one after
 * another can be open at once with the usual time limits.
 */
const PROBE_COUNTS: readonly number[] = [2, 4, 6, 8, 10, 12];
/** Coils come by the byte, and fewer do not change the length of an answer. */
const COILS_PER_BYTE = 8;
const ADDRESS_SPACE = 0x10000;

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
  const last = open.at(-1);
  const { table, count, echoed } = shape;
  const sent = { table, count, ...(echoed === undefined ? {} : { echoed }), untilMs };
  if (last === undefined || !hasShape(last, shape)) return [...open, { ...sent, sends: 1 }];
  return [...open.slice(0, -1), { ...sent, sends: last.sends + 1 }];
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

/**
 * Takes in an exception, which has no shape: it answers the first open read or a later one, so the first is over.
 *
 * @param open reads of a unit
 * @returns what may still be answered
 */
export function withException(open: OpenReadList): OpenReadList {
  const [first, ...rest] = open;
  if (first === undefined || first.sends === 1) return rest;
  return [{ ...first, sends: first.sends - 1 }, ...rest];
}

/** @param open reads of a unit @param next about to be sent @returns true when a late answer could pass for its own */
export function isAmbiguous(open: OpenReadList, next: AnswerShape): boolean {
  return open.some((reads) => hasShape(reads, next));
}

/**
 * A read to put before an ambiguous one: same table and address, another count. One that no open read has is
 * preferred, since its answer then proves that all of them are over; after that a shorter one, since part of a valid
 * read is valid too.
 *
 * @param next the ambiguous read
 * @param maxRegistersPerRead of the meter
 * @param open reads of its unit
 * @returns the probe, or null when the meter's limit leaves none
 */
export function probeBefore(
  next: LineRead,
  maxRegistersPerRead: number,
  open: OpenReadList = [],
): LineRead | null {
  const each = next.table === "coil" ? COILS_PER_BYTE : 1;
  const possible = PROBE_COUNTS.filter((count) => count <= maxRegistersPerRead)
    .map((count) => ({ ...next, count: count * each }))
    .filter(({ address, count }) => count !== next.count && address + count <= ADDRESS_SPACE);
  const unused = possible.filter((probe) => !isAmbiguous(open, shapeOfRequest(probe)));
  const candidates = unused.length > 0 ? unused : possible;
  return candidates.find(({ count }) => count < next.count) ?? candidates[0] ?? null;
}

function hasShape(left: AnswerShape, right: AnswerShape): boolean {
  return left.table === right.table && left.count === right.count && left.echoed === right.echoed;
}
