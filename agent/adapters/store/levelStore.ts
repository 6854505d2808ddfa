/**
 * The ledger in LevelDB: one atomic, synced batch per block. LevelDB drops damaged parts of its log without a word,
 * so every value is sealed and the newest block must be the head; the hash links between are the ledger's to check.
 */
import { Level } from "level";
import { equalBytes } from "../../core/bytes.ts";
import type { Hash } from "../../core/hash.ts";
import { isSnapshotHeight, snapshotsToDrop } from "../../core/ledger/chain/snapshotPlan.ts";
import { type Height, height } from "../../core/units.ts";
import type {
  LedgerStore,
  StoredBlock,
  StoredChange,
  StoredHead,
  StoredSnapshot,
} from "../../ports/ledgerStore.ts";
import {
  BASE_KEY,
  BLOCK_RANGE,
  blockKey,
  CHANGE_RANGE,
  certificateKey,
  changeKey,
  changesAbove,
  decodeHeight,
  FORMAT_KEY,
  HEAD_KEY,
  HEIGHT_BYTES,
  heightOfHashKey,
  heightOfKey,
  type KeyRange,
  SNAPSHOT_RANGE,
  SOUND_KEY,
  snapshotKey,
} from "./keySpace.ts";
import { openFault, readFault, writeFault } from "./levelFault.ts";
import { makeDatabase } from "./newDatabase.ts";
import { clearOpening, refuseFatal } from "./openingMark.ts";
import { openValue } from "./sealedValue.ts";
import {
  blockChanges,
  type Change,
  operationOf,
  placeOf,
  snapshotChange,
  trailChange,
} from "./storeChanges.ts";
import { prepareDirectory } from "./storeDirectory.ts";
import { blockOf, headOf, snapshotOf } from "./storedValues.ts";
import { QUARANTINE_FIX, StoreError } from "./storeError.ts";

/** How values are stored; another number is another agent's store. */
const FORMAT = Uint8Array.of(1);
const ENCODING = { keyEncoding: "view", valueEncoding: "view" } as const;

type Database = Level<Uint8Array, Uint8Array>;

/**
 * Opens or creates the ledger of one gateway, and holds it against every other process.
 *
 * @param directory of the database; created when absent
 * @returns the store
 * @throws StoreError `STORE_LOCKED`, `STORE_DAMAGED`, `STORE_FORMAT`, `STORE_READ`, `STORE_WRITE`
 */
export async function openStore(directory: string): Promise<LedgerStore> {
  await prepareDirectory(directory);
  await refuseFatal(directory);
  let database: Database | null = null;
  try {
    await makeDatabase(directory);
    // It begins to open by itself as soon as it is made.
    database = new Level(directory, ENCODING);
    await database.open().catch((cause: unknown) => {
      throw openFault(directory, cause);
    });
    const store = new LevelStore(directory, database);
    await store.checkEnds();
    return store;
  } catch (error) {
    await database?.close();
    await clearOpening(directory);
    throw error;
  }
}

class LevelStore implements LedgerStore {
  readonly #directory: string;
  readonly #database: Database;
  #headHeight: Height = height(0);
  #base: Height = height(0);
  #isSound = false;
  #snapshots: readonly Height[] = [];
  #isCommitting = false;
  #isMarked = true;
  #writeError: StoreError | null = null;

  constructor(directory: string, database: Database) {
    this.#directory = directory;
    this.#database = database;
  }

  get isSound(): boolean {
    return this.#isSound;
  }

  get base(): Height {
    return this.#base;
  }

  /** Called once, by {@link openStore}: the format, and that the newest block there is is the head. */
  async checkEnds(): Promise<void> {
    const format = await this.#read(FORMAT_KEY, "format");
    const head = await this.head();
    const [newest = null] = await this.#heights(BLOCK_RANGE, { limit: 1, reverse: true });
    if (format === null && head === null && newest === null) {
      await this.#write([[FORMAT_KEY, FORMAT]]);
      return;
    }
    if (format === null) throw this.#damaged("format", "missing");
    if (format.length !== 1 || format[0] !== FORMAT[0])
      throw new StoreError("STORE_FORMAT", { directory: this.#directory, found: format[0] ?? null });
    this.#headHeight = head?.height ?? height(0);
    if (newest !== (head?.height ?? null)) throw this.#damaged("head", `newest block is ${newest ?? "none"}`);
    if (head === null) return;
    const block = await this.block(head.height);
    if (block?.blockHash !== head.blockHash)
      throw this.#damaged("head", "another block is stored", head.height);
    await this.#readNotes(head);
  }

  async #readNotes(head: StoredHead): Promise<void> {
    this.#snapshots = await this.#heights(SNAPSHOT_RANGE, { reverse: true });
    const [newestChange] = await this.#heights(CHANGE_RANGE, { limit: 1, reverse: true });
    const above = [this.#snapshots[0], newestChange].find((at) => (at ?? 0) > head.height);
    if (above !== undefined) throw this.#damaged("what is kept", `the head is ${head.height}`, above);
    const sound = await this.#read(SOUND_KEY, "sound");
    this.#isSound = sound !== null && equalBytes(sound, placeOf(head));
    const base = await this.#read(BASE_KEY, "base");
    if (base === null) return;
    this.#base = decodeHeight(base.subarray(0, HEIGHT_BYTES));
    const first = await this.block(this.#base);
    if (first === null || !equalBytes(base, placeOf(first)))
      throw this.#damaged("base", "another block is stored", this.#base);
  }

  async head(): Promise<StoredHead | null> {
    const value = await this.#read(HEAD_KEY, "head");
    return value === null ? null : headOf(value);
  }

  async block(at: Height): Promise<StoredBlock | null> {
    // Both from one snapshot: a commit between two reads would look like damage.
    const keys = [blockKey(at), certificateKey(at)] as const;
    const sealed = await this.#database.getMany([...keys]).catch((cause: unknown) => {
      throw this.#readError(cause, "block", at);
    });
    const block = this.#open(keys[0], sealed[0], "block", at);
    const certificate = this.#open(keys[1], sealed[1], "certificate", at);
    if (block === null && certificate === null) return null;
    if (block === null) throw this.#damaged("block", "missing", at);
    if (certificate === null) throw this.#damaged("certificate", "missing", at);
    const stored = blockOf(at, block, certificate);
    if (stored === null) throw this.#damaged("certificate", "of another block", at);
    return stored;
  }

  async heightOf(blockHash: Hash): Promise<Height | null> {
    const value = await this.#read(heightOfHashKey(blockHash), "height of hash");
    return value === null ? null : decodeHeight(value);
  }

  snapshotHeights(): readonly Height[] {
    return this.#snapshots;
  }

  async snapshot(at: Height): Promise<StoredSnapshot | null> {
    const value = await this.#read(snapshotKey(at), "snapshot", at);
    return value === null ? null : snapshotOf(at, value);
  }

  async changeAbove(at: Height): Promise<StoredChange | null> {
    const [found] = await this.#heights(changesAbove(at), { limit: 1 });
    if (found === undefined) return null;
    const entry = await this.#read(changeKey(found), "change", found);
    return entry === null ? null : { height: found, entry: entry.slice() };
  }

  async commit(block: StoredBlock, state: Uint8Array, entry: Uint8Array | null = null): Promise<void> {
    await this.#advance(block, block.height === this.#headHeight + 1, async () => {
      const isKept = isSnapshotHeight(block.height);
      const gone = isKept ? snapshotsToDrop([block.height, ...this.#snapshots], this.#base) : [];
      await this.#write([
        ...blockChanges(block, state),
        ...(entry === null ? [] : [trailChange({ height: block.height, entry })]),
        ...(isKept ? [snapshotChange(block, state)] : []),
        ...gone.map((at): Change => [snapshotKey(at), null]),
      ]);
      if (isKept) this.#snapshots = [block.height, ...this.#snapshots.filter((at) => !gone.includes(at))];
    });
  }

  async adopt(block: StoredBlock, state: Uint8Array, changes: readonly StoredChange[]): Promise<void> {
    await this.#advance(block, block.height > this.#headHeight, async () => {
      await this.#write([
        ...blockChanges(block, state),
        snapshotChange(block, state),
        [BASE_KEY, placeOf(block)],
        ...changes.map(trailChange),
        ...this.#snapshots.map((at): Change => [snapshotKey(at), null]),
      ]);
      this.#base = block.height;
      this.#snapshots = [block.height];
    });
  }

  async markSound(): Promise<void> {
    const head = await this.head();
    if (head === null) return;
    await this.#write([[SOUND_KEY, placeOf(head)]]);
    this.#isSound = true;
  }

  async close(): Promise<void> {
    await this.#database.close();
    await this.#clearMark();
  }

  /** Once a block was read, judged and added, the database has shown that it works. */
  async #clearMark(): Promise<void> {
    if (!this.#isMarked) return;
    this.#isMarked = false;
    await clearOpening(this.#directory);
  }

  async #advance(block: StoredBlock, isNext: boolean, write: () => Promise<void>): Promise<void> {
    if (this.#writeError !== null) throw this.#writeError;
    if (this.#isCommitting || !isNext) {
      const [headHeight, isCommitting] = [this.#headHeight, this.#isCommitting];
      throw new StoreError("STORE_NOT_NEXT", { height: block.height, headHeight, isCommitting });
    }
    this.#isCommitting = true;
    try {
      await write();
      await this.#clearMark();
      this.#headHeight = block.height;
      this.#isSound = false;
    } finally {
      this.#isCommitting = false;
    }
  }

  async #read(key: Uint8Array, what: string, at?: Height): Promise<Uint8Array | null> {
    const sealed = await this.#database.get(key).catch((cause: unknown) => {
      throw this.#readError(cause, what, at);
    });
    return this.#open(key, sealed, what, at);
  }

  #open(key: Uint8Array, sealed: Uint8Array | undefined, what: string, at?: Height): Uint8Array | null {
    if (sealed === undefined) return null;
    // The database hands out Node buffers, whose slice shares memory; the port promises plain bytes.
    const bytes = new Uint8Array(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const value = openValue(key, bytes);
    if (value === null) throw this.#damaged(what, "bytes changed since they were stored", at);
    return value;
  }

  /** @returns heights of the keys in that range, lowest first unless reversed */
  async #heights(range: KeyRange, order: { limit?: number; reverse?: boolean }): Promise<readonly Height[]> {
    const heights: Height[] = [];
    try {
      for await (const key of this.#database.keys({ ...range, ...order })) heights.push(heightOfKey(key));
      return heights;
    } catch (cause) {
      throw this.#readError(cause, "heights");
    }
  }

  /** A failed write leaves unknown what is on the disk, so nothing is written after it. */
  async #write(changes: readonly Change[]): Promise<void> {
    try {
      await this.#database.batch(changes.map(operationOf), { sync: true });
    } catch (cause) {
      const fault = writeFault(this.#directory, cause);
      if (fault.code === "STORE_WRITE") this.#writeError = fault;
      throw fault;
    }
  }

  #readError(cause: unknown, what: string, at?: Height): StoreError {
    return readFault(this.#directory, what, cause) ?? this.#damaged(what, "unreadable", at, cause);
  }

  #damaged(what: string, reason: string, at?: Height, cause?: unknown): StoreError {
    const detail = { directory: this.#directory, what, height: at ?? null, reason, fix: QUARANTINE_FIX };
    return new StoreError("STORE_DAMAGED", detail, cause);
  }
}
