/** A ledger store whose disk is an array: opened again on the same disk it stands where it stood. */
import { StoreError } from "../../agent/adapters/store/storeError.ts";
import { height } from "../../agent/core/units.ts";
import type { LedgerStore, StoredBlock } from "../../agent/ports/ledgerStore.ts";

/** What survives between two openings; block of height h is at index h − 1. */
export type StoreDisk = { readonly blocks: StoredBlock[]; state: Uint8Array };

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
  return {
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
    async commit(block, state) {
      check();
      const headHeight = height(disk.blocks.length);
      if (block.height !== headHeight + 1)
        throw new StoreError("STORE_NOT_NEXT", { height: block.height, headHeight });
      disk.blocks.push({
        ...block,
        block: Uint8Array.from(block.block),
        certificate: Uint8Array.from(block.certificate),
      });
      disk.state = Uint8Array.from(state);
    },
    async close() {
      isClosed = true;
    },
  };
}
