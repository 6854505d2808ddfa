/**
 * Requests on a simulated line: taking them out of the bytes that came, and framing answers.
 *
 * @source Modbus Application Protocol V1.1b3, sections 6.1, 6.3 to 6.6, 6.12 and 7
 */
import { hasValidCrc, withCrc } from "../modbus/crc16.ts";
import type { LineRead, LineWrite } from "../modbus/lineRequest.ts";
import type { SpaceAnswer } from "./writableSpace.ts";

/** Requests with function codes 1 … 6 are all this long. */
const REQUEST_BYTES = 8;
const EXCEPTION_FLAG = 0x80;
const MAX_FUNCTION_CODE = 6;
const WRITE_MULTIPLE = 16;
const WRITE_OVERHEAD_BYTES = 9;
const HEAD_BYTES = 7;
const REPEATED_BYTES = 6;
const BITS = 8;
const COIL_ON = 0xff00;

/** One request, to whatever unit. */
export type ReadRequest = {
  readonly unitId: number;
  readonly functionCode: number;
  /** What it reads, or null for a function the simulated meters do not have. */
  readonly read: LineRead | null;
  /** What it writes, if anything. */
  readonly write?: LineWrite;
  /** As it came. */
  readonly frame?: Uint8Array;
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
    const length = lengthAt(bytes, start);
    if (start + length > bytes.length) break;
    const frame = bytes.slice(start, start + length);
    const request = hasValidCrc(frame) ? parse(frame) : null;
    if (request !== null) requests.push(request);
    start += request === null ? 1 : length;
  }
  return { requests, rest: bytes.slice(start) };
}

/** @param request asked @param answer of the meter @returns the RTU frame */
export function answerFrame(request: ReadRequest, answer: SpaceAnswer): Uint8Array {
  const { unitId, functionCode } = request;
  if (answer.kind === "exception")
    return withCrc(Uint8Array.from([unitId, functionCode | EXCEPTION_FLAG, answer.code]));
  if (answer.kind === "written") return withCrc((request.frame ?? new Uint8Array()).slice(0, REPEATED_BYTES));
  const data =
    functionCode === 1 ? coilBytes(answer.words) : answer.words.flatMap((word) => [word >> 8, word & 0xff]);
  return withCrc(Uint8Array.from([unitId, functionCode, data.length, ...data]));
}

/** Only a frame that may be a write of several registers is waited for beyond the usual length. */
function lengthAt(bytes: Uint8Array, start: number): number {
  const [, functionCode, , , countHigh = 0, count = 0, byteCount = 0] = bytes.subarray(start);
  const isWhole = functionCode === WRITE_MULTIPLE && countHigh === 0 && count > 0 && byteCount === 2 * count;
  return isWhole ? WRITE_OVERHEAD_BYTES + byteCount : REQUEST_BYTES;
}

function parse(frame: Uint8Array): ReadRequest | null {
  const [unitId = 0, functionCode = 0, addressHigh = 0, addressLow = 0, high = 0, low = 0] = frame;
  const address = (addressHigh << 8) | addressLow;
  const value = (high << 8) | low;
  switch (functionCode) {
    case 1:
      return { unitId, functionCode, read: { table: "coil", address, count: value } };
    case 3:
    case 4:
      return {
        unitId,
        functionCode,
        read: { table: functionCode === 4 ? "input" : "holding", address, count: value },
      };
    case 5:
      return writing({ kind: "coil", address, isOn: value === COIL_ON });
    case 6:
      return writing({ kind: "registers", address, words: [value] });
    case WRITE_MULTIPLE:
      return frame.length === REQUEST_BYTES
        ? null
        : writing({ kind: "registers", address, words: wordsOf(frame.subarray(HEAD_BYTES, -2)) });
    default:
      return functionCode >= 1 && functionCode <= MAX_FUNCTION_CODE
        ? { unitId, functionCode, read: null }
        : null;
  }

  function writing(write: LineWrite): ReadRequest {
    return { unitId, functionCode, read: null, write, frame };
  }
}

function wordsOf(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(2 * index));
}

function coilBytes(coils: readonly number[]): readonly number[] {
  return Array.from({ length: Math.ceil(coils.length / BITS) }, (_, byte) =>
    coils.slice(byte * BITS, (byte + 1) * BITS).reduce((sum, coil, bit) => sum | (coil << bit), 0),
  );
}
