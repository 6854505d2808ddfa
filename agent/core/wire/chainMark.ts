/** The first bytes of the chain id, which mark every message as one of this microgrid. */
import { type Hash, hashBytes } from "../hash.ts";

/** Bytes of the chain id that mark a message; the signatures in it are bound to all of it. */
export const CHAIN_MARK_BYTES = 8;

/** @param chainId of a microgrid @returns its mark */
export function chainMark(chainId: Hash): Uint8Array {
  return hashBytes(chainId).subarray(0, CHAIN_MARK_BYTES);
}
