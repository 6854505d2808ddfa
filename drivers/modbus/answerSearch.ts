/**
 * Finds the awaited answer among the bytes that came in: noise before it, an echo of the request,
 * and answers to something else are told apart from it. Only a frame whose check holds counts.
 *
 * @source Modbus Application Protocol V1.1b3, sections 6.1, 6.3 to 6.6, 6.12 and 7; MODBUS over Serial Line V1.02, section 2.5.1
 */
import { hasValidCrc } from "./crc16.ts";
import {
  type AnswerShape,
  answerCharacters,
  dataBytes,
  isSingleWriteCode,
  isWriteCode,
  shapeOfWritten,
} from "./lineRequest.ts";

const EXCEPTION_FLAG = 0x80;
const EXCEPTION_BYTES = 5;
const WRITTEN_BYTES = 8;
/** Address, and value or quantity: what the answer to a write repeats. */
const ECHOED_FROM = 2;
const ECHOED_TO = 6;
const ANSWER_OVERHEAD_BYTES = 5;
const COIL_FUNCTION_CODE = 1;
const INPUT_FUNCTION_CODE = 4;
const READ_FUNCTION_CODES: readonly number[] = [COIL_FUNCTION_CODE, 3, INPUT_FUNCTION_CODE];

/** What an answer must look like to be the awaited one. */
export type AwaitedAnswer = {
  readonly request: Uint8Array;
  readonly unitId: number;
  readonly functionCode: number;
  /** Registers or coils of a read. */
  readonly count: number;
  /** The answer equals the request, and the line echoes: the first copy of it is the echo. Default false. */
  readonly isEchoDue?: boolean;
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

/** @param request RTU frame @returns what its answer must look like */
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
  const isOwnAnswer = isSingleWriteCode(awaited.functionCode);
  if (!isOwnAnswer && startsWith(bytes, awaited.request))
    return { kind: "echo", rest: bytes.slice(awaited.request.length) };
  for (let start = 0; start + EXCEPTION_BYTES <= bytes.length; start++) {
    const frame = awaitedFrameAt(bytes, start, awaited);
    if (frame === null) continue;
    const isEcho = awaited.isEchoDue === true && frame[1] === awaited.functionCode;
    return isEcho ? { kind: "echo", rest: bytes.slice(start + frame.length) } : { kind: "answer", frame };
  }
  if (!isOwnAnswer && startsWith(awaited.request, bytes)) return { kind: "incomplete" };
  const foreign = leadingFrame(bytes);
  if (foreign !== null) return { kind: "foreign", frame: foreign, rest: bytes.slice(foreign.length) };
  return {
    kind: bytes.length >= answerCharacters(awaited.functionCode, awaited.count) ? "spoiled" : "incomplete",
  };
}

/** @param bytes received @returns the whole frame of an answer that stands first, or null */
export function leadingFrame(bytes: Uint8Array): Uint8Array | null {
  const [, functionCode = 0, byteCount = 0] = bytes;
  const asked = functionCode & ~EXCEPTION_FLAG;
  if (!READ_FUNCTION_CODES.includes(asked) && !isWriteCode(asked)) return null;
  const isException = functionCode !== asked;
  const answerLength = isWriteCode(asked) ? WRITTEN_BYTES : ANSWER_OVERHEAD_BYTES + byteCount;
  const length = isException ? EXCEPTION_BYTES : answerLength;
  if (bytes.length < length) return null;
  const frame = bytes.slice(0, length);
  return hasValidCrc(frame) ? frame : null;
}

/** @param frame whole frame of an answer @returns its shape, or null for an exception, which has none */
export function shapeOf(frame: Uint8Array): AnswerShape | null {
  const [, functionCode = 0, byteCount = 0] = frame;
  if ((functionCode & EXCEPTION_FLAG) !== 0) return null;
  if (isWriteCode(functionCode)) return shapeOfWritten(frame);
  if (functionCode === COIL_FUNCTION_CODE) return { table: "coil", count: byteCount };
  return { table: functionCode === INPUT_FUNCTION_CODE ? "input" : "holding", count: byteCount / 2 };
}

function awaitedFrameAt(bytes: Uint8Array, start: number, awaited: AwaitedAnswer): Uint8Array | null {
  if (bytes[start] !== awaited.unitId) return null;
  const functionCode = bytes[start + 1];
  const isException = functionCode === (awaited.functionCode | EXCEPTION_FLAG);
  if (!isException && functionCode !== awaited.functionCode) return null;
  if (!isException && !repeats(bytes.subarray(start), awaited)) return null;
  const length = isException ? EXCEPTION_BYTES : answerCharacters(awaited.functionCode, awaited.count);
  if (start + length > bytes.length) return null;
  const frame = bytes.slice(start, start + length);
  return hasValidCrc(frame) ? frame : null;
}

/** An answer to a read has the length asked for; one to a write repeats what was written. */
function repeats(bytes: Uint8Array, { request, functionCode, count }: AwaitedAnswer): boolean {
  if (!isWriteCode(functionCode)) return bytes[2] === dataBytes(functionCode, count);
  // The check of the answer may look like the length and value that follow in the request, and so in its echo.
  const isEcho = !isSingleWriteCode(functionCode) && startsWith(request, bytes.subarray(0, request.length));
  const repeated = request.subarray(ECHOED_FROM, ECHOED_TO);
  return !isEcho && startsWith(bytes.subarray(ECHOED_FROM), repeated);
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => byte === bytes[index]);
}
