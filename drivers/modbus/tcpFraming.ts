/**
 * Modbus TCP: a header with a number for each request, without a check of its own.
 *
 * @source MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3 (MBAP header)
 */
import type { AwaitedAnswer, SearchResult } from "./answerSearch.ts";
import { withCrc } from "./crc16.ts";
import type { Framing } from "./framing.ts";

const HEADER_BYTES = 6;
const CRC_BYTES = 2;
const PROTOCOL = 0;
/** Unit, function code and at least one byte. */
const LEAST_BYTES = 3;
/** Unit and the longest PDU. @source Modbus Application Protocol V1.1b3, section 4.1 */
const MOST_BYTES = 254;
const NUMBERS = 0x10000;

type Message = { readonly number: number; readonly frame: Uint8Array; readonly rest: Uint8Array };

/** @returns framing of one connection, which numbers its requests */
export function tcpFraming(): Framing {
  let number = 0;
  return {
    isNumbered: true,
    wrap: (request) => {
      number = (number + 1) % NUMBERS;
      return withHeader(number, request.subarray(0, -CRC_BYTES));
    },
    search: (bytes, awaited) => searchMessage(bytes, awaited, number),
    leading: (bytes) => {
      const message = leadingMessage(bytes);
      return message === "incomplete" || message === "broken" ? null : message;
    },
  };
}

function withHeader(number: number, body: Uint8Array): Uint8Array {
  const header = [number >> 8, number & 0xff, PROTOCOL >> 8, PROTOCOL, body.length >> 8, body.length & 0xff];
  return Uint8Array.from([...header, ...body]);
}

function searchMessage(bytes: Uint8Array, awaited: AwaitedAnswer, number: number): SearchResult {
  const message = leadingMessage(bytes);
  if (message === "incomplete") return { kind: "incomplete" };
  if (message === "broken") return { kind: "broken" };
  const { frame, rest } = message;
  const isAnswer = message.number === number && frame[0] === awaited.unitId;
  return isAnswer ? { kind: "answer", frame, rest } : { kind: "foreign", frame, rest };
}

/** Lengths are all there is to find the next message by: after one that cannot be, nothing can be trusted. */
function leadingMessage(bytes: Uint8Array): Message | "incomplete" | "broken" {
  if (bytes.length < HEADER_BYTES) return "incomplete";
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint16(4);
  if (view.getUint16(2) !== PROTOCOL || length < LEAST_BYTES || length > MOST_BYTES) return "broken";
  const end = HEADER_BYTES + length;
  if (bytes.length < end) return "incomplete";
  const frame = withCrc(bytes.slice(HEADER_BYTES, end));
  return { number: view.getUint16(0), frame, rest: bytes.slice(end) };
}
