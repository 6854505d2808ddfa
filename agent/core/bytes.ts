/** Byte arrays: compare, join, and the hexadecimal form that logs and maps use. */
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";

/** @param left bytes @param right bytes @returns true when both hold the same bytes */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** @param parts byte arrays, in order @returns one array with all of them */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts);
}

/** @param bytes any bytes @returns lower-case hexadecimal */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** @param hex even number of hexadecimal digits @returns the bytes @throws Error when it is not hexadecimal */
export function fromHex(hex: string): Uint8Array {
  return hexToBytes(hex);
}
