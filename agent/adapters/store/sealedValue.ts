/**
 * Values with a seal over key and value, because the database does not check what it reads: a byte that changed on
 * the disk, and a value that stands under another key than it was written to, are noticed here.
 */
import { createHash } from "node:crypto";
import { joinBytes } from "../../core/bytes.ts";

/** A seal is the first 8 bytes of a SHA-256: against accidents, not against an attacker, who could seal anew. */
const SEAL_BYTES = 8;

/** @param key where it is stored @param value what is stored @returns seal ‖ value */
export function sealValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  return joinBytes(sealOf(key, value), value);
}

/** @param key where it was found @param sealed what was found @returns the value, or null when it is not as stored */
export function openValue(key: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < SEAL_BYTES) return null;
  const value = sealed.subarray(SEAL_BYTES);
  return sealOf(key, value).equals(sealed.subarray(0, SEAL_BYTES)) ? value : null;
}

function sealOf(key: Uint8Array, value: Uint8Array): Buffer {
  const length = Buffer.of(key.length);
  return createHash("sha256").update(length).update(key).update(value).digest().subarray(0, SEAL_BYTES);
}
