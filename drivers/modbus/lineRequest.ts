/**
 * What can be asked of a unit: reading registers or coils, and writing them; and by what an answer to it is known.
 *
 * @source Modbus Application Protocol V1.1b3, sections 6.1, 6.3, 6.4, 6.5, 6.6 and 6.12
 */
import type { RegisterRead } from "../plan.ts";
import type { RegisterTable } from "../register.ts";

const COILS_PER_BYTE = 8;
const ON = 0xff00;
const OFF = 0;
/** Function codes whose answer equals the request: nothing but their order tells an echo from the answer. */
const SINGLE_WRITES: readonly number[] = [5, 6];
const WRITES: readonly number[] = [...SINGLE_WRITES, 16];
const READ_REQUEST_BYTES = 8;
const WRITE_ANSWER_BYTES = 8;
const READ_ANSWER_OVERHEAD_BYTES = 5;
const WRITE_OVERHEAD_BYTES = 9;

/** Coils to read; the words of the answer are 0 or 1, one for each. */
export type CoilRead = { readonly table: "coil"; readonly address: number; readonly count: number };

/** Anything that can be read. */
export type LineRead = RegisterRead | CoilRead;

/** Anything that can be written. One register goes by function code 6, more by 16. */
export type LineWrite =
  | { readonly kind: "coil"; readonly address: number; readonly isOn: boolean }
  | { readonly kind: "registers"; readonly address: number; readonly words: readonly number[] };

/** Anything that can be asked of a unit. */
export type LineRequest = LineRead | LineWrite;

/**
 * What tells one answer from another. Of a read it is table and length: registers, of coils bytes. An answer to a write
 * says more, what was written.
 */
export type AnswerShape = {
  readonly table: RegisterTable | "coil" | "written";
  readonly count: number;
  /** Of a write: function code, address, and value or quantity, as they come back; hexadecimal. */
  readonly echoed?: string | undefined;
};

/** @param request any @returns true when it changes something */
export function isWrite(request: LineRequest): request is LineWrite {
  return "kind" in request;
}

/** @param functionCode of a request @returns true when it writes */
export function isWriteCode(functionCode: number): boolean {
  return WRITES.includes(functionCode);
}

/** @param functionCode of a request @returns true when its answer equals it, byte for byte */
export function isSingleWriteCode(functionCode: number): boolean {
  return SINGLE_WRITES.includes(functionCode);
}

/** @param request any @returns its function code */
export function functionCodeOf(request: LineRequest): number {
  if (isWrite(request)) return request.kind === "coil" ? 5 : request.words.length === 1 ? 6 : 16;
  return { coil: 1, holding: 3, input: 4 }[request.table];
}

/** @param request any @returns registers or coils it is about */
export function countOf(request: LineRequest): number {
  if (!isWrite(request)) return request.count;
  return request.kind === "coil" ? 1 : request.words.length;
}

/** @param request any @returns by what its answer is known */
export function shapeOfRequest(request: LineRequest): AnswerShape {
  if (isWrite(request)) {
    const code = functionCodeOf(request);
    return {
      table: "written",
      count: 0,
      echoed: echoed([code, ...word(request.address), ...word(second(request))]),
    };
  }
  const { table, count } = request;
  return { table, count: table === "coil" ? Math.ceil(count / COILS_PER_BYTE) : count };
}

/** @param frame answer to a write, whole @returns by what it is known */
export function shapeOfWritten(frame: Uint8Array): AnswerShape {
  return { table: "written", count: 0, echoed: echoed(frame.subarray(1, 6)) };
}

/** @param write any @returns the read that shows whether it was taken */
export function readBackOf(write: LineWrite): LineRead {
  const { address } = write;
  return write.kind === "coil"
    ? { table: "coil", address, count: 1 }
    : { table: "holding", address, count: write.words.length };
}

/** @param write any @param words as {@link readBackOf} found them @returns true when the device shows what was written */
export function isShown(write: LineWrite, words: readonly number[]): boolean {
  const wanted = write.kind === "coil" ? [write.isOn ? 1 : 0] : write.words;
  return wanted.length === words.length && wanted.every((each, index) => each === words[index]);
}

/** @param request any @returns characters of the RTU frames that ask and answer it */
export function exchangeCharacters(request: LineRequest): number {
  const code = functionCodeOf(request);
  const count = countOf(request);
  const asks = code === 16 ? WRITE_OVERHEAD_BYTES + 2 * count : READ_REQUEST_BYTES;
  return asks + answerCharacters(code, count);
}

/** @param functionCode of a request @param count registers or coils it reads @returns characters of the RTU frame that answers it */
export function answerCharacters(functionCode: number, count: number): number {
  if (isWriteCode(functionCode)) return WRITE_ANSWER_BYTES;
  return READ_ANSWER_OVERHEAD_BYTES + dataBytes(functionCode, count);
}

/** @param functionCode of a read @param count registers or coils @returns bytes of data in its answer */
export function dataBytes(functionCode: number, count: number): number {
  return functionCode === 1 ? Math.ceil(count / COILS_PER_BYTE) : 2 * count;
}

function second(write: LineWrite): number {
  if (write.kind === "coil") return write.isOn ? ON : OFF;
  const [first = 0] = write.words;
  return write.words.length === 1 ? first : write.words.length;
}

function word(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}

function echoed(bytes: Iterable<number>): string {
  return Buffer.from(Uint8Array.from(bytes)).toString("hex");
}
