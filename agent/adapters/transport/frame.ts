/**
 * One message on a stream: four bytes of length, big-endian, and then as many bytes.
 *
 * @source docs/protocol.md, "What gossip lost"
 */
import { joinBytes } from "../../core/bytes.ts";
import { TransportError } from "./transportError.ts";

/** What a frame is longer than its message. */
export const LENGTH_BYTES = 4;

/** @param bytes a message @returns what goes over the stream */
export function framed(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joinBytes(length, bytes);
}

/**
 * Takes a frame together, in as much memory as it announces, however small the pieces are that it comes in.
 *
 * @param maxBytes longest message that is taken
 * @returns what takes piece after piece, and gives the message with the last one; it throws TransportError
 *   `TRANSPORT_TOO_LONG`, and `TRANSPORT_UNANSWERED` on more bytes than were announced
 */
export function frameTaker(maxBytes: number): (piece: Uint8Array) => Uint8Array | null {
  const head = new Uint8Array(LENGTH_BYTES);
  let headBytes = 0;
  let message: Uint8Array | null = null;
  let received = 0;
  return (piece) => {
    const ofHead = piece.subarray(0, LENGTH_BYTES - headBytes);
    head.set(ofHead, headBytes);
    headBytes += ofHead.length;
    if (headBytes < LENGTH_BYTES) return null;
    message ??= new Uint8Array(announced(head, maxBytes));
    const rest = piece.subarray(ofHead.length);
    if (rest.length > message.length - received)
      throw new TransportError("TRANSPORT_UNANSWERED", { reason: "bytes after the frame" });
    message.set(rest, received);
    received += rest.length;
    return received === message.length ? message : null;
  };
}

function announced(head: Uint8Array, maxBytes: number): number {
  const bytes = new DataView(head.buffer).getUint32(0);
  if (bytes > maxBytes) throw new TransportError("TRANSPORT_TOO_LONG", { bytes, limitBytes: maxBytes });
  return bytes;
}
