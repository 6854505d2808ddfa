/** Blocks, certificates and state on disk. Bytes only: what they mean is core/ledger's. */
import type { Hash } from "../core/hash.ts";
import type { Height } from "../core/units.ts";

/** A committed block with the certificate that decided it. */
export type StoredBlock = {
  readonly height: Height;
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
};

/** The newest block and the state after it. */
export type StoredHead = {
  readonly height: Height;
  readonly blockHash: Hash;
  readonly state: Uint8Array;
};

/** The ledger of one gateway. */
export interface LedgerStore {
  /** @returns the head, or null in an empty ledger @throws StoreError `STORE_DAMAGED` */
  head(): Promise<StoredHead | null>;
  /** @returns the block at that height, or null @throws StoreError */
  block(height: Height): Promise<StoredBlock | null>;
  /** @returns the height of the block with that hash, or null @throws StoreError */
  heightOf(blockHash: Hash): Promise<Height | null>;
  /**
   * Makes a block the head: block, certificate, state and indexes in one atomic batch that survives a power cut.
   *
   * @param block the next block
   * @param state the state after it
   * @throws StoreError `STORE_NOT_NEXT` when its height is not head + 1, `STORE_WRITE`
   */
  commit(block: StoredBlock, state: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
