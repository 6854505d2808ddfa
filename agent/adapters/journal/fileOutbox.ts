/**
 * Own signed readings in a journal file: appended durably before they are published, kept until a block has them.
 * The file also counts the starts of the gateway and remembers the last block that took a reading.
 * It takes no lock: the agent holds its data directory by the lock of the ledger store, so open the store first.
 */
import type { Outbox, OutboxEntry, Release } from "../../ports/outbox.ts";
import { JournalError } from "./journalError.ts";
import { damageError, type JournalFile, openJournal, readJournal, recordBytes } from "./journalFile.ts";
import type { JournalRecord } from "./journalFormat.ts";
import { decodeOutboxRecord, encodeOutboxRecord, type OutboxRecord } from "./outboxRecord.ts";
import { type OutboxState, replayOutbox, summariseOutbox } from "./outboxState.ts";
import { SerialQueue } from "./serialQueue.ts";

const FORMAT = "outbox";
/** Room for all pending readings at 700 bytes each with a quarter to spare. */
const CAPACITY_BYTES = 4_194_304;
/** 35 days of readings every 900 s are 3,360. */
const MAX_PENDING = 4_096;
/** What must be kept may fill this part of the file, so that every rewrite frees the rest. */
const MAX_KEPT_SHARE = 0.75;
/** Kind, sequence and length of a reading in its record, at most. */
const ENTRY_FIELDS_BYTES = 24;
/** Calls in line; there is one metering service and one ledger. */
const MAX_WAITING = 64;

/** Limits of an outbox; the defaults hold 35 days. */
export type OutboxLimits = {
  /** Size of the file. */
  readonly capacityBytes?: number;
  /** Most readings that no block contains. */
  readonly maxPending?: number;
};

/**
 * Opens or creates an outbox and counts this start, durably, before anything else.
 *
 * @param path of its file
 * @param limits size of the file and most readings kept
 * @returns the outbox; its first reading has sequence 1
 * @throws JournalError `JOURNAL_DAMAGED` when acknowledged records are lost or altered, `JOURNAL_WRITE`
 */
export async function openOutbox(path: string, limits: OutboxLimits = {}): Promise<Outbox> {
  const { capacityBytes = CAPACITY_BYTES, maxPending = MAX_PENDING } = limits;
  const { journal, records, damage } = await openJournal(path, { format: FORMAT, capacityBytes });
  try {
    if (damage !== null) throw damageError(path, damage);
    const outbox = new FileOutbox(journal, readState(path, records), capacityBytes, maxPending);
    await outbox.countBoot();
    return outbox;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/**
 * Reads the newest release without opening the outbox: no start is counted, nothing is written.
 *
 * @param path of its file
 * @returns the release, or null when there is no file or none was released
 * @throws JournalError `JOURNAL_DAMAGED`, `JOURNAL_READ`
 */
export async function readLastRelease(path: string): Promise<Release | null> {
  const content = await readJournal(path, FORMAT);
  if (content === null) return null;
  const { records, damage } = content;
  if (damage !== null) throw damageError(path, damage);
  return readState(path, records).lastRelease;
}

class FileOutbox implements Outbox {
  readonly #journal: JournalFile;
  readonly #maxKeptBytes: number;
  readonly #maxPending: number;
  readonly #queue = new SerialQueue(MAX_WAITING);
  readonly #pending: Map<number, OutboxEntry>;
  #boot: number;
  #nextSequence: number;
  #lastRelease: Release | null;
  #keptBytes: number;

  constructor(journal: JournalFile, state: OutboxState, capacityBytes: number, maxPending: number) {
    this.#journal = journal;
    this.#maxKeptBytes = capacityBytes * MAX_KEPT_SHARE;
    this.#maxPending = maxPending;
    this.#pending = new Map(state.pending);
    this.#boot = state.boot;
    this.#nextSequence = state.nextSequence;
    this.#lastRelease = state.lastRelease;
    this.#keptBytes = [...this.#pending.values()].reduce((sum, entry) => sum + entryBytes(entry), 0);
  }

  get boot(): number {
    return this.#boot;
  }

  /** Called once, by {@link openOutbox}. */
  async countBoot(): Promise<void> {
    await this.#write({ kind: "boot", boot: this.#boot + 1 });
    this.#boot += 1;
  }

  nextSequence(): number {
    return this.#nextSequence;
  }

  async append(entry: OutboxEntry): Promise<void> {
    const kept = { sequence: entry.sequence, bytes: Uint8Array.from(entry.bytes) };
    await this.#queue.run(() => this.#append(kept));
  }

  async skipTo(sequence: number): Promise<void> {
    await this.#queue.run(async () => {
      if (sequence <= this.#nextSequence) return;
      await this.#write({ kind: "skip", nextSequence: sequence });
      this.#nextSequence = sequence;
    });
  }

  async release(release: Release): Promise<void> {
    await this.#queue.run(() => this.#release(release));
  }

  pending(): readonly OutboxEntry[] {
    return [...this.#pending.values()];
  }

  lastRelease(): Release | null {
    return this.#lastRelease;
  }

  async close(): Promise<void> {
    await this.#queue.run(() => this.#journal.close());
  }

  async #append(entry: OutboxEntry): Promise<void> {
    const { sequence } = entry;
    const nextSequence = this.#nextSequence;
    if (sequence !== nextSequence) throw new JournalError("JOURNAL_SEQUENCE", { sequence, nextSequence });
    const keptBytes = this.#keptBytes + entryBytes(entry);
    if (this.#pending.size >= this.#maxPending || keptBytes > this.#maxKeptBytes) {
      const fix = "readings leave the outbox when a block contains them: see why the ledger takes none";
      throw new JournalError("JOURNAL_FULL", { pendingReadings: this.#pending.size, keptBytes, fix });
    }
    await this.#write({ kind: "entry", entry });
    this.#keptBytes = keptBytes;
    this.#pending.set(sequence, entry);
    this.#nextSequence = sequence + 1;
  }

  async #release(release: Release): Promise<void> {
    const { sequence } = release;
    const nextSequence = this.#nextSequence;
    if (sequence >= nextSequence) throw new JournalError("JOURNAL_SEQUENCE", { sequence, nextSequence });
    const entry = this.#pending.get(sequence);
    // Released before: a block is applied again when the agent stopped between the outbox and the ledger.
    if (entry === undefined) return;
    await this.#write({ kind: "release", release });
    this.#keptBytes -= entryBytes(entry);
    this.#pending.delete(sequence);
    this.#lastRelease = release;
  }

  async #write(record: OutboxRecord): Promise<void> {
    const payload = encodeOutboxRecord(record);
    if (!this.#journal.fits(payload.length)) {
      const state = {
        boot: this.#boot,
        nextSequence: this.#nextSequence,
        lastRelease: this.#lastRelease,
        pending: this.#pending,
      };
      await this.#journal.rewrite(summariseOutbox(state).map(encodeOutboxRecord));
    }
    await this.#journal.append(payload);
  }
}

function entryBytes(entry: OutboxEntry): number {
  return recordBytes(ENTRY_FIELDS_BYTES + entry.bytes.length);
}

/** A record that checks but does not follow from those before it was written by nothing we know: fail closed. */
function readState(path: string, records: readonly JournalRecord[]): OutboxState {
  const decoded: OutboxRecord[] = [];
  for (const { payload } of records) {
    const verdict = decodeOutboxRecord(payload);
    if (verdict.kind !== "accept") break;
    decoded.push(verdict.value);
  }
  const replayed = replayOutbox(decoded);
  if (replayed.kind === "state" && decoded.length === records.length) return replayed.state;
  const position = replayed.kind === "broken" ? replayed.position : decoded.length;
  const recordNumber = records[position]?.number ?? null;
  const fix = "keep a copy of the file, then remove it and let the agent catch up before it signs again";
  throw new JournalError("JOURNAL_DAMAGED", { path, reason: "content", recordNumber, fix });
}
