/** Turns the bytes that pass over a line into frames for people: what belongs together, and what it says. */
import type { WireBytes, WireFrame } from "../agent/ports/commissioning.ts";
import { leadingFrame } from "./modbus/answerSearch.ts";
import { hasValidCrc } from "./modbus/crc16.ts";

/** Bytes that come closer to each other belong together; USB adapters hand them over in bursts. */
const PAUSE_MS = 40;
/** Longer than any frame: whoever babbles is shown in pieces. */
const MOST_BYTES = 512;
const EXCEPTION_FLAG = 0x80;
const REQUEST_BYTES = 8;
const INPUT_FUNCTION_CODE = 4;
const COIL_FUNCTION_CODE = 1;
/** @source Modbus Application Protocol V1.1b3, section 6.1 */
const MOST_COILS = 2000;
const LONG_WRITE_OVERHEAD_BYTES = 9;
const READ_FUNCTION_CODES: readonly number[] = [COIL_FUNCTION_CODE, 3, INPUT_FUNCTION_CODE];
/** Of these request and answer look alike, or the answer repeats the beginning of the request. */
const WRITE_FUNCTION_CODES: readonly number[] = [5, 6, 16];

/** Collects bytes; `end` hands over what is left. */
export interface WireLog {
  note(bytes: Pick<WireBytes, "direction" | "bytes">): void;
  end(): void;
}

/**
 * @param onFrame told each frame once it is over
 * @param isRtu false where frames have another header, so that nothing can be said of them
 * @returns collects the bytes of one line
 */
export function startWireLog(onFrame: (frame: WireFrame) => void, isRtu: boolean): WireLog {
  const startedAtMs = performance.now();
  let pending: WireBytes | null = null;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(timer);
    const frame = pending;
    pending = null;
    if (frame !== null) onFrame({ ...frame, says: isRtu ? frameText(frame.bytes) : null });
  };
  return {
    note: ({ direction, bytes }) => {
      const isSame = pending?.direction === direction && pending.bytes.length < MOST_BYTES;
      if (!isSame) end();
      pending =
        pending === null
          ? { direction, bytes, atMs: performance.now() - startedAtMs }
          : { ...pending, bytes: Uint8Array.from([...pending.bytes, ...bytes]) };
      clearTimeout(timer);
      timer = setTimeout(end, PAUSE_MS);
    },
    end,
  };
}

/** @param bytes that came together, in RTU: one frame, or an echo with what follows it @returns what they say, for people */
export function frameText(bytes: Uint8Array): string {
  const long = longWrite(bytes);
  if (long !== null) return long;
  const request = bytes.slice(0, REQUEST_BYTES);
  const isRequest =
    READ_FUNCTION_CODES.includes(request[1] ?? 0) && hasValidCrc(request) && !isCoilAnswer(request);
  const first = isRequest && request.length === REQUEST_BYTES ? request : leadingFrame(bytes);
  if (first === null) return `${bytes.length} bytes, no valid frame`;
  const rest = bytes.slice(first.length);
  const text = first === request ? requestText(first) : answerText(first);
  return rest.length === 0 ? text : `${text}; ${frameText(rest)}`;
}

/** A request with function code 16 has its length in it; what follows an echo of it is told, too. */
function longWrite(bytes: Uint8Array): string | null {
  const [, functionCode, , , , count = 0, byteCount = 0] = bytes;
  if (functionCode !== 16 || byteCount !== 2 * count) return null;
  const frame = bytes.slice(0, LONG_WRITE_OVERHEAD_BYTES + byteCount);
  if (frame.length < LONG_WRITE_OVERHEAD_BYTES + byteCount || !hasValidCrc(frame)) return null;
  const rest = bytes.slice(frame.length);
  return rest.length === 0 ? answerText(frame) : `${answerText(frame)}; ${frameText(rest)}`;
}

/** An answer with three bytes of coils is as long as a request; as such it would ask for more than there may be. */
function isCoilAnswer([, functionCode, byteCount, , countHigh = 0, countLow = 0]: Uint8Array): boolean {
  const count = (countHigh << 8) | countLow;
  return functionCode === COIL_FUNCTION_CODE && byteCount === 3 && (count < 1 || count > MOST_COILS);
}

function requestText(request: Uint8Array): string {
  const view = new DataView(request.buffer);
  const [address, count] = [view.getUint16(2), view.getUint16(4)];
  if (request[1] === COIL_FUNCTION_CODE)
    return `unit ${request[0]} is asked for ${count} coils from ${address}`;
  const table = request[1] === INPUT_FUNCTION_CODE ? "input" : "holding";
  return `unit ${request[0]} is asked for ${count} ${table} registers from ${address}`;
}

function answerText(frame: Uint8Array): string {
  const [unitId = 0, functionCode = 0, code = 0] = frame;
  if ((functionCode & EXCEPTION_FLAG) !== 0) return `unit ${unitId} refuses with exception ${code}`;
  if (functionCode === COIL_FUNCTION_CODE) return `unit ${unitId} answers with ${code} bytes of coils`;
  if (!WRITE_FUNCTION_CODES.includes(functionCode))
    return `unit ${unitId} answers with ${code / 2} registers`;
  const view = new DataView(frame.buffer, frame.byteOffset);
  const [address, value] = [view.getUint16(2), view.getUint16(4)];
  const what = functionCode === 5 ? "coil" : functionCode === 6 ? "register" : "registers from";
  return `unit ${unitId}: write of ${what} ${address}, ${functionCode === 16 ? "count" : "value"} ${value}`;
}
