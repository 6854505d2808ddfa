/** Byte arrays: compare, join, and the hexadecimal form that logs and maps use. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** @param left bytes @param right bytes @returns true when both hold the same bytes */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}

/** @param parts byte arrays, in order @returns one array with all of them */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @param bytes any bytes @returns lower-case hexadecimal */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** @param hex even number of hexadecimal digits @returns the bytes @throws Error when it is not hexadecimal */
export function fromHex(hex: string): Uint8Array {
  return hexToBytes(hex);
}
