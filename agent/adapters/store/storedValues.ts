/** What the values of the ledger hold behind their seals; the other way round: storeChanges. */
import { hashFromBytes } from "../../core/hash.ts";
import type { Height } from "../../core/units.ts";
import type { StoredBlock, StoredHead, StoredSnapshot } from "../../ports/ledgerStore.ts";
import { decodeHeight, HEIGHT_BYTES } from "./keySpace.ts";

/** Bytes of the hash that blocks, certificates and states stand behind. */
const HASH_BYTES = 32;

/** @param value height ‖ hash ‖ state @returns the head */
export function headOf(value: Uint8Array): StoredHead {
  const stateOffset = HEIGHT_BYTES + HASH_BYTES;
  return {
    height: decodeHeight(value.subarray(0, HEIGHT_BYTES)),
    blockHash: hashFromBytes(value.subarray(HEIGHT_BYTES, stateOffset)),
    state: value.slice(stateOffset),
  };
}

/** @param at its height @param block hash ‖ block @param certificate hash ‖ certificate @returns both; null when they are not of one block */
export function blockOf(at: Height, block: Uint8Array, certificate: Uint8Array): StoredBlock | null {
  const blockHash = hashFromBytes(block.subarray(0, HASH_BYTES));
  if (hashFromBytes(certificate.subarray(0, HASH_BYTES)) !== blockHash) return null;
  return {
    height: at,
    blockHash,
    block: block.slice(HASH_BYTES),
    certificate: certificate.slice(HASH_BYTES),
  };
}

/** @param at its height @param value hash ‖ state @returns the snapshot */
export function snapshotOf(at: Height, value: Uint8Array): StoredSnapshot {
  return {
    height: at,
    blockHash: hashFromBytes(value.subarray(0, HASH_BYTES)),
    state: value.slice(HASH_BYTES),
  };
}
