/** Bytes as people read them off a wire. */

/** @param bytes any @returns two digits each, with spaces between */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
