/** A ledger store whose disk is an array: opened again on the same disk it stands where it stood. */
import { StoreError } from "../../agent/adapters/store/storeError.ts";
import { isSnapshotHeight, snapshotsToDrop } from "../../agent/core/ledger/chain/snapshotPlan.ts";
import { type Height, height } from "../../agent/core/units.ts";
import type {
  LedgerStore,
  StoredBlock,
  StoredChange,
  StoredSnapshot,
} from "../../agent/ports/ledgerStore.ts";

/** What survives between two openings; block of height h is at index h − 1. */
export type StoreDisk = {
  readonly blocks: StoredBlock[];
  state: Uint8Array;
  /** Newest first. */
  snapshots?: readonly StoredSnapshot[];
  base?: Height;
  /** The trail, oldest first. */
  changes?: readonly StoredChange[];
  isSound?: boolean;
};

/** @returns a disk nothing was written to */
export function emptyStoreDisk(): StoreDisk {
  return { blocks: [], state: new Uint8Array() };
}

/** @param disk where it is kept @returns the store */
export function memoryStore(disk: StoreDisk = emptyStoreDisk()): LedgerStore {
  let isClosed = false;
  const check = () => {
    if (isClosed) throw new StoreError("STORE_CLOSED");
  };
  const snapshots = () => disk.snapshots ?? [];
  const base = () => disk.base ?? height(0);
  const put = (block: StoredBlock, state: Uint8Array) => {
    const copy = (bytes: Uint8Array) => Uint8Array.from(bytes);
    disk.blocks[block.height - 1] = {
      ...block,
      block: copy(block.block),
      certificate: copy(block.certificate),
    };
    disk.state = copy(state);
    disk.isSound = false;
    return { height: block.height, blockHash: block.blockHash, state: copy(state) };
  };
  const keep = (changes: readonly StoredChange[]) => {
    const added = changes.map(({ height: at, entry }) => ({ height: at, entry: Uint8Array.from(entry) }));
    const isAdded = (at: Height) => added.some((one) => one.height === at);
    const kept = (disk.changes ?? []).filter((one) => !isAdded(one.height));
    disk.changes = [...kept, ...added].sort((left, right) => left.height - right.height);
  };
  return {
    get isSound() {
      return disk.isSound ?? false;
    },
    get base() {
      return base();
    },
    snapshotHeights: () => snapshots().map((snapshot) => snapshot.height),
    async snapshot(at) {
      check();
      return snapshots().find((snapshot) => snapshot.height === at) ?? null;
    },
    async changeAbove(at) {
      check();
      return disk.changes?.find((change) => change.height > at) ?? null;
    },
    async adopt(block, state, changes) {
      check();
      const headHeight = height(disk.blocks.length);
      if (block.height <= headHeight)
        throw new StoreError("STORE_NOT_NEXT", { height: block.height, headHeight });
      disk.snapshots = [put(block, state)];
      disk.base = block.height;
      keep(changes);
    },
    async markSound() {
      check();
      disk.isSound = disk.blocks.length > 0;
    },
    async head() {
      check();
      const last = disk.blocks.at(-1);
      if (last === undefined) return null;
      return { height: last.height, blockHash: last.blockHash, state: Uint8Array.from(disk.state) };
    },
    async block(at) {
      check();
      return disk.blocks[at - 1] ?? null;
    },
    async heightOf(blockHash) {
      check();
      return disk.blocks.find((block) => block.blockHash === blockHash)?.height ?? null;
    },
    async commit(block, state, entry = null) {
      check();
      const headHeight = height(disk.blocks.length);
      if (block.height !== headHeight + 1)
        throw new StoreError("STORE_NOT_NEXT", { height: block.height, headHeight });
      const snapshot = put(block, state);
      if (entry !== null) keep([{ height: block.height, entry }]);
      if (!isSnapshotHeight(block.height)) return;
      const kept = [snapshot, ...snapshots()];
      const gone = snapshotsToDrop(
        kept.map((one) => one.height),
        base(),
      );
      disk.snapshots = kept.filter((one) => !gone.includes(one.height));
    },
    async close() {
      isClosed = true;
    },
  };
}
