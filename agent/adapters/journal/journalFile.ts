/**
 * A preallocated file of checksummed records, each durable before its append returns.
 * Appends overwrite zeros that were written and synced beforehand, so `fdatasync` moves data and no metadata.
 * When the file is full, its owner rewrites what still matters into a fresh file that takes the old one's name.
 * One call at a time: the owner of a journal keeps its calls in line.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { renameDurably, syncDirectory } from "./durableName.ts";
import { JournalError } from "./journalError.ts";
import {
  decodeJournal,
  encodeHeader,
  encodeRecord,
  HEADER_BYTES,
  type JournalContent,
  type JournalDamage,
  type JournalRecord,
  RECORD_OVERHEAD_BYTES,
} from "./journalFormat.ts";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
/** Most that is read of a file: far above any capacity, so that a size gone wrong cannot exhaust the memory. */
const MAX_FILE_BYTES = 67_108_864;
const ZEROS = Buffer.alloc(65_536);

/** What a journal file is for, and how large it is. */
export type JournalOptions = {
  /** What its records mean, ASCII, at most 16 characters; a file of another name is refused as damaged. */
  readonly format: string;
  /** Size of the file, constant for its life. */
  readonly capacityBytes: number;
};

/** An opened journal and what it held. */
export type OpenedJournal = {
  readonly journal: JournalFile;
  readonly records: readonly JournalRecord[];
  /** Acknowledged records that are lost or altered; the journal then takes only a {@link JournalFile.rewrite}. */
  readonly damage: JournalDamage | null;
  /** True when there was no file: a first start, or a journal that went missing. */
  readonly isNew: boolean;
};

/** What an opened file stands at. */
type FileState = {
  readonly file: FileHandle;
  readonly capacityBytes: number;
  readonly endOffset: number;
  readonly nextNumber: number;
  readonly damage: JournalDamage | null;
};

/** @param payloadBytes length of a payload @returns bytes its record takes in a file */
export function recordBytes(payloadBytes: number): number {
  return RECORD_OVERHEAD_BYTES + payloadBytes;
}

/**
 * Opens or creates a journal. What it returns would survive a power cut; an unfinished last record is gone.
 *
 * @param path of the file; its directory is created when absent
 * @param options format and size; a file that exists keeps its size until it is rewritten
 * @returns the journal, its records, and whether they are all it was given
 * @throws JournalError `JOURNAL_WRITE`
 */
export async function openJournal(path: string, options: JournalOptions): Promise<OpenedJournal> {
  let file: FileHandle | null = null;
  try {
    await makeDirectory(dirname(resolve(path)));
    file = await openIfPresent(path, constants.O_RDWR);
    const isNew = file === null;
    file ??= await createFile(path, options, 1, []);
    const bytes = await readWhole(file);
    const { records, damage, endOffset, nextNumber, tornBytes } = decodeJournal(bytes, options.format);
    if (damage === null) {
      await writeAt(file, Buffer.alloc(tornBytes), endOffset);
      // A record that only reached the page cache before a kill is served from now on: make it durable first.
      await file.datasync();
    }
    const state = { file, capacityBytes: bytes.length, endOffset, nextNumber, damage };
    return { journal: new JournalFile(path, options, state), records, damage, isNew };
  } catch (cause) {
    await file?.close();
    throw writeError(path, cause);
  }
}

/**
 * Reads a journal that is not to be opened: nothing in it changes.
 *
 * @param path of the file
 * @param format of its records
 * @returns what it holds; null when there is no file
 * @throws JournalError `JOURNAL_READ`
 */
export async function readJournal(path: string, format: string): Promise<JournalContent | null> {
  try {
    const file = await openIfPresent(path, constants.O_RDONLY);
    if (file === null) return null;
    return decodeJournal(await readWhole(file).finally(() => file.close()), format);
  } catch (cause) {
    throw new JournalError("JOURNAL_READ", { path }, cause);
  }
}

/** An open journal file. */
export class JournalFile {
  readonly #path: string;
  readonly #options: JournalOptions;
  #file: FileHandle;
  #capacityBytes: number;
  #endOffset: number;
  #nextNumber: number;
  #fault: JournalError | null;

  /** Use {@link openJournal}. */
  constructor(path: string, options: JournalOptions, state: FileState) {
    this.#path = path;
    this.#options = options;
    this.#file = state.file;
    this.#capacityBytes = state.capacityBytes;
    this.#endOffset = state.endOffset;
    this.#nextNumber = state.nextNumber;
    this.#fault = state.damage === null ? null : damageError(path, state.damage);
  }

  /** @param payloadBytes length of a payload @returns true when its record fits behind the last one */
  fits(payloadBytes: number): boolean {
    return this.#endOffset + recordBytes(payloadBytes) <= this.#capacityBytes;
  }

  /**
   * Appends one record; durable when it returns.
   *
   * @param payload what to keep
   * @returns the record's number
   * @throws JournalError `JOURNAL_FULL` (nothing written), `JOURNAL_WRITE` (and every append after it),
   *   `JOURNAL_DAMAGED`, `JOURNAL_CLOSED`
   */
  async append(payload: Uint8Array): Promise<number> {
    if (this.#fault !== null) throw this.#fault;
    if (!this.fits(payload.length)) {
      const { capacityBytes } = this.#options;
      throw new JournalError("JOURNAL_FULL", {
        path: this.#path,
        capacityBytes,
        payloadBytes: payload.length,
      });
    }
    const number = this.#nextNumber;
    const bytes = encodeRecord({ number, payload });
    try {
      await writeAt(this.#file, bytes, this.#endOffset);
      await this.#file.datasync();
    } catch (cause) {
      throw this.#fail(cause);
    }
    this.#endOffset += bytes.length;
    this.#nextNumber += 1;
    return number;
  }

  /**
   * Replaces the file by one that holds only these records, numbered on; the change is atomic and durable.
   *
   * @param payloads what still matters, in order
   * @throws JournalError `JOURNAL_FULL` when they do not fit (nothing written), `JOURNAL_WRITE`, `JOURNAL_CLOSED`
   */
  async rewrite(payloads: readonly Uint8Array[]): Promise<void> {
    if (this.#fault !== null && this.#fault.code !== "JOURNAL_DAMAGED") throw this.#fault;
    const { capacityBytes } = this.#options;
    const neededBytes = payloads.reduce((sum, payload) => sum + recordBytes(payload.length), HEADER_BYTES);
    if (neededBytes > capacityBytes)
      throw new JournalError("JOURNAL_FULL", { path: this.#path, capacityBytes, neededBytes });
    try {
      const file = await createFile(this.#path, this.#options, this.#nextNumber, payloads);
      await this.#file.close();
      this.#file = file;
    } catch (cause) {
      throw this.#fail(cause);
    }
    this.#capacityBytes = capacityBytes;
    this.#endOffset = neededBytes;
    this.#nextNumber += payloads.length;
    this.#fault = null;
  }

  /** Closes the file; harmless when closed. */
  async close(): Promise<void> {
    if (this.#fault?.code === "JOURNAL_CLOSED") return;
    this.#fault = new JournalError("JOURNAL_CLOSED", { path: this.#path });
    await this.#file.close();
  }

  /** After a failed sync the kernel may call lost pages clean: only a fresh start may trust this file again. */
  #fail(cause: unknown): JournalError {
    this.#fault = writeError(this.#path, cause);
    return this.#fault;
  }
}

/** @param path of the file @param damage what was found @returns the error to throw when damage is the end */
export function damageError(path: string, damage: JournalDamage): JournalError {
  const fix = "keep a copy of the file, then remove it and let the agent catch up before it signs again";
  return new JournalError("JOURNAL_DAMAGED", { path, ...damage, fix });
}

/** Makes a directory whose name survives a power cut. */
async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (firstCreated === undefined) return;
  for (let at = path; ; at = dirname(at)) {
    await syncDirectory(dirname(at));
    if (at === firstCreated) return;
  }
}

async function openIfPresent(path: string, access: number): Promise<FileHandle | null> {
  try {
    return await open(path, access | constants.O_NOFOLLOW);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  }
}

/** Builds the file under another name and renames it when it is durable, so that `path` never names half a file. */
async function createFile(
  path: string,
  options: JournalOptions,
  firstNumber: number,
  payloads: readonly Uint8Array[],
): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const file = await open(`${path}.new`, flags, FILE_MODE);
  try {
    const { format, capacityBytes } = options;
    const records = payloads.map((payload, index) => encodeRecord({ number: firstNumber + index, payload }));
    const content = Buffer.concat([encodeHeader(format, capacityBytes, firstNumber), ...records]);
    await writeAt(file, content, 0);
    for (let offset = content.length; offset < capacityBytes; offset += ZEROS.length)
      await writeAt(file, ZEROS.subarray(0, Math.min(ZEROS.length, capacityBytes - offset)), offset);
    await file.sync();
    await renameDurably(`${path}.new`, path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readWhole(file: FileHandle): Promise<Buffer> {
  const size = Math.min((await file.stat()).size, MAX_FILE_BYTES);
  const bytes = Buffer.alloc(size);
  for (let offset = 0; offset < size; ) {
    const { bytesRead } = await file.read(bytes, offset, size - offset, offset);
    if (bytesRead === 0) return bytes.subarray(0, offset);
    offset += bytesRead;
  }
  return bytes;
}

async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function writeError(path: string, cause: unknown): JournalError {
  if (cause instanceof JournalError) return cause;
  const errno = cause instanceof Error && "code" in cause ? String(cause.code) : null;
  const fix = "check free space, permissions and the health of the disk, then start the agent again";
  return new JournalError("JOURNAL_WRITE", { path, errno, fix }, cause);
}
