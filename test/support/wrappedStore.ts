/** A ledger store that passes everything on, but for what a test puts in the way. */
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";

/** @param store what it passes on to @param changes what it does itself @returns the wrapped store */
export function wrappedStore(store: LedgerStore, changes: Partial<LedgerStore>): LedgerStore {
  return {
    get isSound() {
      return store.isSound;
    },
    get base() {
      return store.base;
    },
    head: () => store.head(),
    block: (at) => store.block(at),
    heightOf: (blockHash) => store.heightOf(blockHash),
    commit: (block, state, entry) => store.commit(block, state, entry),
    snapshotHeights: () => store.snapshotHeights(),
    snapshot: (at) => store.snapshot(at),
    changeAbove: (at) => store.changeAbove(at),
    adopt: (block, state, changes) => store.adopt(block, state, changes),
    markSound: () => store.markSound(),
    close: () => store.close(),
    ...changes,
  };
}
