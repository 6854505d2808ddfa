/**
 * The ledger in LevelDB: one atomic, synced batch per block. LevelDB drops damaged parts of its log without a word,
 * so every value is sealed and the newest block must be the head; the hash links between are the ledger's to check.
 */
import { mkdir, open, readdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Level } from "level";
import { joinBytes } from "../../core/bytes.ts";
import { type Hash, hashBytes, hashFromBytes } from "../../core/hash.ts";
import { type Height, height } from "../../core/units.ts";
import type { LedgerStore, StoredBlock, StoredHead } from "../../ports/ledgerStore.ts";
import {
  BLOCK_RANGE,
  blockKey,
  certificateKey,
  decodeHeight,
  encodeHeight,
  FORMAT_KEY,
  HEAD_KEY,
  HEIGHT_BYTES,
  heightOfBlockKey,
  heightOfHashKey,
} from "./keySpace.ts";
import { ensureDatabase } from "./newDatabase.ts";
import { openValue, sealValue } from "./sealedValue.ts";
import { StoreError } from "./storeError.ts";

/** How values are stored; another number is another agent's store. */
const FORMAT = Uint8Array.of(1);
const DIRECTORY_MODE = 0o700;
const HASH_BYTES = 32;
const ENCODING = { keyEncoding: "view", valueEncoding: "view" } as const;
const QUARANTINE_FIX = "move the directory away and let the agent fetch the ledger from its neighbours again";

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
  await makeDatabase(directory);
  const database: Database = new Level(directory, ENCODING);
  await database.open().catch((cause: unknown) => {
    throw openError(directory, cause);
  });
  const store = new LevelStore(directory, database);
  try {
    await store.checkEnds();
    return store;
  } catch (error) {
    await database.close();
    throw error;
  }
}

class LevelStore implements LedgerStore {
  readonly #directory: string;
  readonly #database: Database;
  #headHeight: Height = height(0);
  #isCommitting = false;
  #writeError: StoreError | null = null;

  constructor(directory: string, database: Database) {
    this.#directory = directory;
    this.#database = database;
  }

  /** Called once, by {@link openStore}: the format, and that the newest block there is is the head. */
  async checkEnds(): Promise<void> {
    const format = await this.#read(FORMAT_KEY, "format");
    const head = await this.head();
    const newest = await this.#newestHeight();
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
  }

  async head(): Promise<StoredHead | null> {
    const value = await this.#read(HEAD_KEY, "head");
    if (value === null) return null;
    const stateOffset = HEIGHT_BYTES + HASH_BYTES;
    return {
      height: decodeHeight(value.subarray(0, HEIGHT_BYTES)),
      blockHash: hashFromBytes(value.subarray(HEIGHT_BYTES, stateOffset)),
      state: value.slice(stateOffset),
    };
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
    const blockHash = hashFromBytes(block.subarray(0, HASH_BYTES));
    if (hashFromBytes(certificate.subarray(0, HASH_BYTES)) !== blockHash)
      throw this.#damaged("certificate", "of another block", at);
    return {
      height: at,
      blockHash,
      block: block.slice(HASH_BYTES),
      certificate: certificate.slice(HASH_BYTES),
    };
  }

  async heightOf(blockHash: Hash): Promise<Height | null> {
    const value = await this.#read(heightOfHashKey(blockHash), "height of hash");
    return value === null ? null : decodeHeight(value);
  }

  async commit(block: StoredBlock, state: Uint8Array): Promise<void> {
    if (this.#writeError !== null) throw this.#writeError;
    const headHeight = this.#headHeight;
    if (this.#isCommitting || block.height !== headHeight + 1) {
      const isCommitting = this.#isCommitting;
      throw new StoreError("STORE_NOT_NEXT", { height: block.height, headHeight, isCommitting });
    }
    this.#isCommitting = true;
    try {
      const hash = hashBytes(block.blockHash);
      const at = encodeHeight(block.height);
      await this.#write([
        [blockKey(block.height), joinBytes(hash, block.block)],
        [certificateKey(block.height), joinBytes(hash, block.certificate)],
        [heightOfHashKey(block.blockHash), at],
        [HEAD_KEY, joinBytes(at, hash, state)],
      ]);
      this.#headHeight = block.height;
    } finally {
      this.#isCommitting = false;
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
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

  async #newestHeight(): Promise<Height | null> {
    try {
      for await (const key of this.#database.keys({ ...BLOCK_RANGE, reverse: true, limit: 1 }))
        return heightOfBlockKey(key);
      return null;
    } catch (cause) {
      throw this.#readError(cause, "newest block");
    }
  }

  /** A failed write leaves unknown what is on the disk, so nothing is written after it. */
  async #write(values: readonly (readonly [key: Uint8Array, value: Uint8Array])[]): Promise<void> {
    const operations = values.map(([key, value]) => {
      return { type: "put" as const, key, value: sealValue(key, value) };
    });
    try {
      await this.#database.batch(operations, { sync: true });
    } catch (cause) {
      const directory = this.#directory;
      if (levelCode(cause) === "LEVEL_DATABASE_NOT_OPEN") throw new StoreError("STORE_CLOSED", { directory });
      const fix = "check free space and the health of the disk, then start the agent again";
      this.#writeError = new StoreError("STORE_WRITE", { directory, fix }, cause);
      throw this.#writeError;
    }
  }

  #readError(cause: unknown, what: string, at?: Height): StoreError {
    const directory = this.#directory;
    if (levelCode(cause) === "LEVEL_DATABASE_NOT_OPEN") return new StoreError("STORE_CLOSED", { directory });
    if (levelCode(cause) === "LEVEL_IO_ERROR")
      return new StoreError("STORE_READ", { directory, what }, cause);
    return this.#damaged(what, "unreadable", at, cause);
  }

  #damaged(what: string, reason: string, at?: Height, cause?: unknown): StoreError {
    const detail = { directory: this.#directory, what, height: at ?? null, reason, fix: QUARANTINE_FIX };
    return new StoreError("STORE_DAMAGED", detail, cause);
  }
}

async function makeDatabase(directory: string): Promise<void> {
  try {
    await ensureDatabase(directory, async (unnamed) => {
      const database: Database = new Level(unnamed, ENCODING);
      await database.open();
      await database.close();
    });
  } catch (error) {
    throw openError(directory, error);
  }
}

/** LevelDB would start an empty ledger beside data files whose table of contents is gone. */
async function prepareDirectory(directory: string): Promise<void> {
  let names: readonly string[];
  try {
    await makeDirectory(resolve(directory));
    names = await readdir(directory);
  } catch (cause) {
    const fix = "check that the user of edso may write there";
    throw new StoreError("STORE_WRITE", { directory, fix }, cause);
  }
  const hasData = names.some((name) => /^(\d+\.(log|ldb|sst)|MANIFEST-\d+)$/.test(name));
  if (hasData && !names.includes("CURRENT"))
    throw new StoreError("STORE_DAMAGED", { directory, reason: "CURRENT is missing", fix: QUARANTINE_FIX });
}

/** Makes a directory whose name survives a power cut. */
async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (firstCreated === undefined) return;
  for (let at = path; ; at = dirname(at)) {
    const parent = await open(dirname(at), "r");
    await parent.sync().finally(() => parent.close());
    if (at === firstCreated) return;
  }
}

function openError(directory: string, error: unknown): StoreError {
  const cause = error instanceof Error ? error.cause : undefined;
  switch (levelCode(cause)) {
    case "LEVEL_LOCKED": {
      const fix = "another process holds it, probably the running agent: ask that one, or stop it first";
      return new StoreError("STORE_LOCKED", { directory, fix }, cause);
    }
    case "LEVEL_CORRUPTION":
      return new StoreError(
        "STORE_DAMAGED",
        { directory, reason: "does not open", fix: QUARANTINE_FIX },
        cause,
      );
    default: {
      const fix = "check permissions, free space and the health of the disk";
      return new StoreError("STORE_READ", { directory, fix }, cause ?? error);
    }
  }
}

function levelCode(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}
