/** SHA-256 in the form the product compares, stores and prints: 64 lower-case hexadecimal digits. */
import { sha256 } from "@noble/hashes/sha2.js";
import { fromHex, toHex } from "./bytes.ts";

declare const hashBrand: unique symbol;

/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type Hash = string & { readonly [hashBrand]: "Hash" };

/** The parent of the first block, and the digest of nothing voted for. */
export const ZERO_HASH = "0".repeat(64) as Hash;

/** @param bytes what to digest @returns its SHA-256 */
export function hashOf(bytes: Uint8Array): Hash {
  return toHex(sha256(bytes)) as Hash;
}

/** @param bytes exactly 32 bytes of a digest @returns the same as a Hash @throws RangeError on another length */
export function hashFromBytes(bytes: Uint8Array): Hash {
  if (bytes.length !== 32) throw new RangeError(`a SHA-256 digest has 32 bytes, not ${bytes.length}`);
  return toHex(bytes) as Hash;
}

/** @param hash a digest @returns its 32 bytes */
export function hashBytes(hash: Hash): Uint8Array {
  return fromHex(hash);
}

/** @param text any text @returns true for 64 lower-case hexadecimal digits */
export function isHash(text: string): text is Hash {
  return /^[0-9a-f]{64}$/.test(text);
}
