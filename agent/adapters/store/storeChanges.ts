/** What a batch of the ledger changes; pure. */
import { joinBytes } from "../../core/bytes.ts";
import { hashBytes } from "../../core/hash.ts";
import type { StoredBlock, StoredChange, StoredHead } from "../../ports/ledgerStore.ts";
import {
  blockKey,
  certificateKey,
  changeKey,
  encodeHeight,
  HEAD_KEY,
  heightOfHashKey,
  snapshotKey,
} from "./keySpace.ts";
import { sealValue } from "./sealedValue.ts";

/** Puts a value, or takes away what stands under a key. */
export type Change = readonly [key: Uint8Array, value: Uint8Array | null];

/** @param change any @returns it as an operation of a batch, its value sealed */
export function operationOf([key, value]: Change) {
  return value === null
    ? { type: "del" as const, key }
    : { type: "put" as const, key, value: sealValue(key, value) };
}

/**
 * @param block to be the head
 * @param state after it
 * @returns block, certificate, index and head
 */
export function blockChanges(block: StoredBlock, state: Uint8Array): readonly Change[] {
  const hash = hashBytes(block.blockHash);
  return [
    [blockKey(block.height), joinBytes(hash, block.block)],
    [certificateKey(block.height), joinBytes(hash, block.certificate)],
    [heightOfHashKey(block.blockHash), encodeHeight(block.height)],
    [HEAD_KEY, joinBytes(placeOf(block), state)],
  ];
}

/** @param block stored @param state after it @returns how it is kept as a snapshot */
export function snapshotChange(block: StoredBlock, state: Uint8Array): Change {
  return [snapshotKey(block.height), joinBytes(hashBytes(block.blockHash), state)];
}

/** @param changed by a block @returns how its entry of the trail is kept */
export function trailChange({ height: at, entry }: StoredChange): Change {
  return [changeKey(at), entry];
}

/** @param place of a block @returns height ‖ hash, as the notes have it */
export function placeOf({ height: at, blockHash }: Pick<StoredHead, "height" | "blockHash">): Uint8Array {
  return joinBytes(encodeHeight(at), hashBytes(blockHash));
}
