/** Stands in for `@noble/hashes/sha2.js` in the core: the same SHA-256 from OpenSSL. */
import { hash } from "node:crypto";
import { shared } from "./sharedWork.ts";

/** @param bytes to digest @returns 32 bytes */
export const sha256 = shared((bytes: Uint8Array): Uint8Array => {
  const digest = hash("sha256", bytes, "buffer");
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
});
