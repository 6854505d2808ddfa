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

/** The state after a block that is stored; what proves it is that block and its certificate. */
export type StoredSnapshot = {
  readonly height: Height;
  readonly blockHash: Hash;
  readonly state: Uint8Array;
};

/** What proves the change of the roster that the block of a height holds. */
export type StoredChange = { readonly height: Height; readonly entry: Uint8Array };

/** The ledger of one gateway. */
export interface LedgerStore {
  /** True when the chain up to the present head was found sound and noted by `markSound`; false in an empty ledger. */
  readonly isSound: boolean;
  /** Height of the block that the chain begins with, whose parent is not here; 0 when it begins with the genesis. */
  readonly base: Height;
  /** @returns the head, or null in an empty ledger @throws StoreError `STORE_DAMAGED` */
  head(): Promise<StoredHead | null>;
  /** @returns the block at that height, or null @throws StoreError */
  block(height: Height): Promise<StoredBlock | null>;
  /** @returns the height of the block with that hash, or null @throws StoreError */
  heightOf(blockHash: Hash): Promise<Height | null>;
  /**
   * Makes a block the head: block, certificate, state, indexes and entry in one atomic batch that survives a power cut.
   * At every `SNAPSHOT_EVERY`th height the state is kept as a snapshot too, and the oldest snapshot goes.
   *
   * @param block the next block
   * @param state the state after it
   * @param entry of the trail, when the block holds a change of the roster
   * @throws StoreError `STORE_NOT_NEXT` when its height is not head + 1, `STORE_WRITE`
   */
  commit(block: StoredBlock, state: Uint8Array, entry?: Uint8Array | null): Promise<void>;
  /** @returns heights of the snapshots, newest first */
  snapshotHeights(): readonly Height[];
  /** @returns the snapshot of that height, or null @throws StoreError */
  snapshot(height: Height): Promise<StoredSnapshot | null>;
  /** @returns the trail's entry of the lowest block above that height that has one, or null @throws StoreError */
  changeAbove(height: Height): Promise<StoredChange | null>;
  /**
   * Makes a block the head whose parent is not here: the chain begins with it from now on. Blocks below stay readable
   * and are no part of the chain.
   *
   * @param block above the head
   * @param state the state after it, kept as a snapshot
   * @param changes entries of the trail between the head and the block, and its own
   * @throws StoreError `STORE_NOT_NEXT` when it is not above the head, `STORE_WRITE`
   */
  adopt(block: StoredBlock, state: Uint8Array, changes: readonly StoredChange[]): Promise<void>;
  /** Notes durably that everything from the base to the head was found sound; the next commit ends that. @throws StoreError */
  markSound(): Promise<void>;
  close(): Promise<void>;
}
