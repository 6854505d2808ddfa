/** The header alone of an encoded block: what a chain hangs together by, read without the readings behind it. */
import { type DecodeRefusal, decode } from "../../codec.ts";
import { type Hash, hashOf } from "../../hash.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { type BlockHeader, headerDecoder } from "./block.ts";

/** Longest encoded header: twelve fields of 33 bytes and less, and the text of a mandate. */
export const MAX_HEADER_BYTES = 512;
/** Head of a block: an array of header and body. @source RFC 8949 §3.1 */
const ARRAY_OF_TWO = 0x82;
const ARRAY = 4;
/** Fewest items of an array whose length does not fit its head. */
const LONG_ARRAY = 24;

/** A header and the hash that stands for it. */
export type ReadHeader = { readonly header: BlockHeader; readonly blockHash: Hash };

/**
 * @param encoded bytes of a block; what stands behind the header is not looked at
 * @returns the header, or why it is none; nothing is verified
 */
export function readHeader(encoded: Uint8Array): Verdict<ReadHeader, DecodeRefusal> {
  const bytes = headerBytes(encoded);
  return bytes === null ? reject("NOT_CBOR", "no header") : decodeHeader(bytes);
}

/** @param encoded bytes of a block @returns those of its header; null when it has none */
export function headerBytes(encoded: Uint8Array): Uint8Array | null {
  const end = encoded[0] === ARRAY_OF_TWO ? endOfFlatArray(encoded, 1) : null;
  return end === null ? null : encoded.subarray(1, end);
}

/** @param bytes of a header alone, untrusted @returns the header, or why they are none */
export function decodeHeader(bytes: Uint8Array): Verdict<ReadHeader, DecodeRefusal> {
  const decoded = decode(bytes, headerDecoder, MAX_HEADER_BYTES);
  return decoded.kind === "accept" ? accept({ header: decoded.value, blockHash: hashOf(bytes) }) : decoded;
}

/** @returns the place behind a short array of items that hold no others; null when there is none */
function endOfFlatArray(encoded: Uint8Array, start: number): number | null {
  const head = encoded[start] ?? 0;
  if (head >> 5 !== ARRAY || (head & 31) >= LONG_ARRAY) return null;
  let at: number | null = start + 1;
  for (let item = 0; item < (head & 31) && at !== null; item += 1) at = endOfItem(encoded, at);
  return at;
}

/** Integers, bytes, texts and simple values. */
function endOfItem(encoded: Uint8Array, at: number): number | null {
  const head = encoded[at];
  if (head === undefined) return null;
  const [major, short] = [head >> 5, head & 31];
  if (short > 27 || (major > 3 && major !== 7)) return null;
  const argumentEnd = at + 1 + (short < 24 ? 0 : 2 ** (short - 24));
  const argument =
    short < 24
      ? short
      : encoded.subarray(at + 1, argumentEnd).reduce((value, digit) => value * 256 + digit, 0);
  const end = argumentEnd + (major === 2 || major === 3 ? argument : 0);
  return end <= encoded.length ? end : null;
}
