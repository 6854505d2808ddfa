/**
 * Canonical dag-cbor, and small decoders that turn untrusted CBOR into typed values.
 * A message has exactly one encoding: bytes that do not re-encode to themselves are refused.
 *
 * @source https://ipld.io/specs/codecs/dag-cbor/spec/ ("Strictness")
 */
import * as dagCbor from "@ipld/dag-cbor";
import { equalBytes } from "./bytes.ts";
import { encodeCbor } from "./cbor.ts";
import { AgentError } from "./errors.ts";
import { type Hash, hashBytes, hashFromBytes } from "./hash.ts";
import {
  type IntervalIndex,
  intervalIndex,
  type MicroCoins,
  microCoins,
  type PricePerKwh,
  pricePerKwh,
  type Wh,
  wh,
} from "./units.ts";
import { accept, reject, type Verdict } from "./verdict.ts";

/** What a message is made of. No floats, no maps, no tags: arrays of these. */
export type Cbor = null | boolean | number | bigint | string | Uint8Array | readonly Cbor[];

/** Reads one CBOR value as a `T`. @throws CodecError `CODEC_SHAPE` */
export type Decoder<T> = (value: unknown) => T;

/** Codes of {@link CodecError}. */
export type CodecErrorCode = "CODEC_SHAPE";

/** Codes a decode can be refused with. */
export type DecodeRefusal = "MESSAGE_TOO_LONG" | "NOT_CBOR" | "NOT_CANONICAL" | "BAD_SHAPE";

/** Deepest nesting that is decoded; a block, the deepest message, has 11 levels. */
const MAX_DEPTH = 16;

/** No meter, member or street comes near it, and it fits 64 bits. */
const MAX_WH = 2n ** 62n;

/** A million coins for a kilowatt-hour: no price comes near it. */
export const MAX_PRICE = 10n ** 12n;
/** Most micro-coins of any account or entry, of either sign: what 64 bits with a sign hold. */
export const MAX_COINS = 2n ** 63n - 1n;

/** A CBOR value of another shape than its decoder expects. */
export class CodecError extends AgentError<CodecErrorCode> {}

/** @param value arrays of integers, bytes, text, booleans and null @returns its one encoding */
export function encode(value: Cbor): Uint8Array {
  const encoded = encodeCbor(value) ?? dagCbor.encode(value);
  // Some lengths come as a Node Buffer, whose `slice` shares memory where a byte array's copies.
  return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.length);
}

/**
 * Decodes untrusted bytes.
 *
 * @param bytes as received
 * @param decoder of the expected shape
 * @param maxBytes longest acceptable input
 * @returns the value, or a reject
 */
export function decode<T>(
  bytes: Uint8Array,
  decoder: Decoder<T>,
  maxBytes: number,
): Verdict<T, DecodeRefusal> {
  if (bytes.length > maxBytes) return reject("MESSAGE_TOO_LONG", `${bytes.length} > ${maxBytes} bytes`);
  if (nestsTooDeep(bytes)) return reject("BAD_SHAPE", `deeper than ${MAX_DEPTH} levels`);
  let value: unknown;
  try {
    value = dagCbor.decode(bytes);
    if (!equalBytes(encodeCbor(value) ?? dagCbor.encode(value), bytes)) return reject("NOT_CANONICAL");
  } catch (error) {
    return reject("NOT_CBOR", error instanceof Error ? error.message : undefined);
  }
  try {
    return accept(decoder(value));
  } catch (error) {
    if (error instanceof CodecError) return reject("BAD_SHAPE", error.message);
    throw error;
  }
}

/** @param max greatest acceptable value @returns decoder of an integer in [0, max] */
export function count(max: number = Number.MAX_SAFE_INTEGER): Decoder<number> {
  return (value) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > max)
      throw shape("count", value);
    return value;
  };
}

/** @param min least @param max greatest acceptable value @returns decoder of an integer as `bigint` */
export function integer(min: bigint, max: bigint): Decoder<bigint> {
  return (value) => {
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) throw shape("integer", value);
    const whole = BigInt(value as number | bigint);
    if (whole < min || whole > max) throw shape("integer", value);
    return whole;
  };
}

/** @param min fewest bytes @param max most bytes, default `min` @returns decoder of a byte string */
export function bytes(min: number, max: number = min): Decoder<Uint8Array> {
  return (value) => {
    if (!(value instanceof Uint8Array) || value.length < min || value.length > max)
      throw shape("bytes", value);
    return value;
  };
}

/** @param max most UTF-16 units @param pattern what it must match @returns decoder of a text */
export function text(max: number, pattern?: RegExp): Decoder<string> {
  return (value) => {
    if (typeof value !== "string" || value.length > max) throw shape("text", value);
    if (pattern !== undefined && !pattern.test(value)) throw shape("text", value);
    return value;
  };
}

/** @param options the closed set @returns decoder of one of them */
export function oneOf<const T extends string | number | boolean | null>(options: readonly T[]): Decoder<T> {
  return (value) => {
    const found = options.find((option) => option === value);
    if (found === undefined) throw shape("oneOf", value);
    return found;
  };
}

/** @param item decoder of each element @param max most elements @returns decoder of a list */
export function list<T>(item: Decoder<T>, max: number): Decoder<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > max) throw shape("list", value);
    return value.map(item);
  };
}

/** @param items decoder of each place @returns decoder of an array of exactly these */
export function tuple<const T extends readonly unknown[]>(
  ...items: { [K in keyof T]: Decoder<T[K]> }
): Decoder<T> {
  return (value) => {
    if (!Array.isArray(value) || value.length !== items.length)
      throw shape(`tuple of ${items.length}`, value);
    return items.map((item: Decoder<unknown>, index) => item(value[index])) as unknown as T;
  };
}

/** @param inner decoder of what is present @returns decoder of that or null */
export function nullable<T>(inner: Decoder<T>): Decoder<T | null> {
  return (value) => (value === null ? null : inner(value));
}

/** Decoder of energy that is never negative. */
export const energy: Decoder<Wh> = (value) => wh(integer(0n, MAX_WH)(value));

/** Decoder of energy of either sign. */
export const signedEnergy: Decoder<Wh> = (value) => wh(integer(-MAX_WH, MAX_WH)(value));

/** Decoder of a price. */
export const price: Decoder<PricePerKwh> = (value) => pricePerKwh(integer(0n, MAX_PRICE)(value));

/** Decoder of money that is never negative. */
export const coins: Decoder<MicroCoins> = (value) => microCoins(integer(0n, MAX_COINS)(value));

/** Decoder of money of either sign. */
export const signedCoins: Decoder<MicroCoins> = (value) => microCoins(integer(-MAX_COINS, MAX_COINS)(value));

/** Decoder of an interval number. */
export const interval: Decoder<IntervalIndex> = (value) => intervalIndex(count()(value));

/** @param value as decoded @returns the digest that 32 bytes hold */
export const hash: Decoder<Hash> = (value) => hashFromBytes(bytes(32)(value));

/** @param value a digest @returns its place in a message */
export function cborHash(value: Hash): Uint8Array {
  return hashBytes(value);
}

/** @param expected what the decoder wanted @param value what stood there @returns the error to throw */
export function shape(expected: string, value: unknown): CodecError {
  const seen = value === null ? "null" : Array.isArray(value) ? `array of ${value.length}` : typeof value;
  return new CodecError("CODEC_SHAPE", { expected, seen });
}

/**
 * Looks at the nesting alone, before the decoder does: what that costs grows with depth times size.
 * Whatever else is wrong with the bytes is left to the decoder.
 */
function nestsTooDeep(encoded: Uint8Array): boolean {
  const open: number[] = [];
  for (let at = 0; at < encoded.length; ) {
    const head = encoded[at] ?? 0;
    const major = head >> 5;
    const short = head & 31;
    if (short > 27) return false;
    const argumentBytes = short < 24 ? 0 : 2 ** (short - 24);
    const argument =
      argumentBytes === 0 ? short : bigEndian(encoded.subarray(at + 1, at + 1 + argumentBytes));
    at += 1 + argumentBytes + (major === 2 || major === 3 ? argument : 0);
    const items = major === 4 ? argument : major === 5 ? 2 * argument : major === 6 ? 1 : 0;
    if (items > 0 && open.push(items) > MAX_DEPTH) return true;
    if (items === 0) closeFinished(open);
  }
  return false;
}

/** Takes one finished item off the innermost open array, and off each that it completes. */
function closeFinished(open: number[]): void {
  for (let left = open.pop(); left !== undefined; left = open.pop()) {
    if (left > 1) {
      open.push(left - 1);
      return;
    }
  }
}

function bigEndian(digits: Uint8Array): number {
  return digits.reduce((value, digit) => value * 256 + digit, 0);
}
