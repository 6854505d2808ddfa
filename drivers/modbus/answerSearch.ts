/**
 * Finds the awaited answer among the bytes that came in: noise before it, an echo of the request,
 * and answers to something else are told apart from it. Only a frame whose check holds counts.
 *
 * @source Modbus Application Protocol V1.1b3, sections 6.3, 6.4 and 7; MODBUS over Serial Line V1.02, section 2.5.1
 */
import { hasValidCrc } from "./crc16.ts";
import type { AnswerShape } from "./lateAnswers.ts";

const EXCEPTION_FLAG = 0x80;
const EXCEPTION_BYTES = 5;
const ANSWER_OVERHEAD_BYTES = 5;
const INPUT_FUNCTION_CODE = 4;
const READ_FUNCTION_CODES: readonly number[] = [3, INPUT_FUNCTION_CODE];

/** What an answer must look like to be the awaited one. */
export type AwaitedAnswer = {
  readonly request: Uint8Array;
  readonly unitId: number;
  readonly functionCode: number;
  /** Registers. */
  readonly count: number;
};

/** What the bytes hold, and where the rest begins. */
export type SearchResult =
  | {
      readonly kind: "answer";
      readonly frame: Uint8Array;
      /** What belongs to a later message; where answers are not numbered there is none. */
      readonly rest?: Uint8Array;
    }
  | { readonly kind: "echo"; readonly rest: Uint8Array }
  /** A whole frame that answers something else: another unit, or a request of another length. */
  | { readonly kind: "foreign"; readonly frame: Uint8Array; readonly rest: Uint8Array }
  /** As many bytes as the answer has, or more, and no frame in them. */
  | { readonly kind: "spoiled" }
  /** What cannot be, and nothing after it can be told apart: the connection is of no more use. */
  | { readonly kind: "broken" }
  | { readonly kind: "incomplete" };

/** @param request RTU frame of a read @returns what its answer must look like */
export function awaitedAnswer(request: Uint8Array): AwaitedAnswer {
  const [unitId = 0, functionCode = 0, , , countHigh = 0, countLow = 0] = request;
  return { request, unitId, functionCode, count: (countHigh << 8) | countLow };
}

/**
 * Looks for the awaited answer.
 *
 * @param bytes received since the request, in order
 * @param awaited what the answer must look like
 * @returns the answer, or what stands in its place
 */
export function searchAnswer(bytes: Uint8Array, awaited: AwaitedAnswer): SearchResult {
  if (startsWith(bytes, awaited.request)) return { kind: "echo", rest: bytes.slice(awaited.request.length) };
  for (let start = 0; start + EXCEPTION_BYTES <= bytes.length; start++) {
    const frame = awaitedFrameAt(bytes, start, awaited);
    if (frame !== null) return { kind: "answer", frame };
  }
  const foreign = leadingFrame(bytes);
  if (foreign !== null) return { kind: "foreign", frame: foreign, rest: bytes.slice(foreign.length) };
  return { kind: bytes.length >= answerBytes(awaited.count) ? "spoiled" : "incomplete" };
}

/** @param bytes received @returns the whole frame of a read's answer that stands first, or null */
export function leadingFrame(bytes: Uint8Array): Uint8Array | null {
  const [, functionCode = 0, byteCount = 0] = bytes;
  if (!READ_FUNCTION_CODES.includes(functionCode & ~EXCEPTION_FLAG)) return null;
  const isException = (functionCode & EXCEPTION_FLAG) !== 0;
  const length = isException ? EXCEPTION_BYTES : ANSWER_OVERHEAD_BYTES + byteCount;
  if (bytes.length < length) return null;
  const frame = bytes.slice(0, length);
  return hasValidCrc(frame) ? frame : null;
}

/** @param frame whole frame of a read's answer @returns its shape, or null for an exception, which has none */
export function shapeOf(frame: Uint8Array): AnswerShape | null {
  const [, functionCode = 0, byteCount = 0] = frame;
  if ((functionCode & EXCEPTION_FLAG) !== 0) return null;
  return { table: functionCode === INPUT_FUNCTION_CODE ? "input" : "holding", count: byteCount / 2 };
}

function awaitedFrameAt(bytes: Uint8Array, start: number, awaited: AwaitedAnswer): Uint8Array | null {
  if (bytes[start] !== awaited.unitId) return null;
  const functionCode = bytes[start + 1];
  const isException = functionCode === (awaited.functionCode | EXCEPTION_FLAG);
  if (!isException && (functionCode !== awaited.functionCode || bytes[start + 2] !== 2 * awaited.count))
    return null;
  const length = isException ? EXCEPTION_BYTES : answerBytes(awaited.count);
  if (start + length > bytes.length) return null;
  const frame = bytes.slice(start, start + length);
  return hasValidCrc(frame) ? frame : null;
}

function answerBytes(count: number): number {
  return ANSWER_OVERHEAD_BYTES + 2 * count;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => byte === bytes[index]);
}
