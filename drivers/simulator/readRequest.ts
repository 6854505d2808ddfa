/**
 * Requests on a simulated line: taking them out of the bytes that came, and framing answers.
 *
 * @source Modbus Application Protocol V1.1b3, sections 6.3, 6.4 and 7
 */
import { hasValidCrc, withCrc } from "../modbus/crc16.ts";
import type { RegisterRead } from "../plan.ts";
import type { BankAnswer } from "./registerBank.ts";

/** Requests with function codes 1 … 6 are all this long. */
const REQUEST_BYTES = 8;
const EXCEPTION_FLAG = 0x80;
const MAX_FUNCTION_CODE = 6;

/** One request, to whatever unit. */
export type ReadRequest = {
  readonly unitId: number;
  readonly functionCode: number;
  /** What it reads, or null for a function the simulated meters do not have. */
  readonly read: RegisterRead | null;
};

/**
 * Takes whole requests out of received bytes; bytes that begin none are skipped.
 *
 * @param bytes received and not yet taken
 * @returns the requests, and what may still become one
 */
export function takeRequests(bytes: Uint8Array): {
  readonly requests: readonly ReadRequest[];
  readonly rest: Uint8Array;
} {
  const requests: ReadRequest[] = [];
  let start = 0;
  while (start + REQUEST_BYTES <= bytes.length) {
    const frame = bytes.subarray(start, start + REQUEST_BYTES);
    const request = hasValidCrc(frame) ? parse(frame) : null;
    if (request !== null) requests.push(request);
    start += request === null ? 1 : REQUEST_BYTES;
  }
  return { requests, rest: bytes.slice(start) };
}

/** @param request asked @param answer of the register bank @returns the RTU frame */
export function answerFrame(request: ReadRequest, answer: BankAnswer): Uint8Array {
  const { unitId, functionCode } = request;
  if (answer.kind === "exception")
    return withCrc(Uint8Array.from([unitId, functionCode | EXCEPTION_FLAG, answer.code]));
  const data = answer.words.flatMap((word) => [word >> 8, word & 0xff]);
  return withCrc(Uint8Array.from([unitId, functionCode, data.length, ...data]));
}

function parse(frame: Uint8Array): ReadRequest | null {
  const [unitId = 0, functionCode = 0, addressHigh = 0, addressLow = 0, countHigh = 0, countLow = 0] = frame;
  if (functionCode < 1 || functionCode > MAX_FUNCTION_CODE) return null;
  if (functionCode !== 3 && functionCode !== 4) return { unitId, functionCode, read: null };
  const address = (addressHigh << 8) | addressLow;
  const table = functionCode === 4 ? "input" : "holding";
  return { unitId, functionCode, read: { table, address, count: (countHigh << 8) | countLow } };
}
