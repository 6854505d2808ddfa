/**
 * A file on a simulated disk with a volatile cache: what was appended is durable only after a sync, and a power cut
 * keeps a drawn part of the rest, the last record of it perhaps torn. Records carry checksums: a torn or rotten one
 * is seen as such, never read as another.
 */
import type { Draw } from "./draw.ts";

/** What reading a file after a start gives. */
export type FileContent<T> = {
  readonly records: readonly T[];
  /** True when a record before the last is damaged: something that was acknowledged may be gone. */
  readonly isDamaged: boolean;
};

/** One append-only file. */
export class SimFile<T> {
  #durable: T[] = [];
  #cached: T[] = [];
  #isDamaged = false;
  readonly #hasFsync: boolean;
  /** How often it was asked to make durable what it was given. */
  syncs = 0;

  /** @param hasFsync false for a disk that acknowledges what it has only cached: a planted bug of the simulator */
  constructor(hasFsync = true) {
    this.#hasFsync = hasFsync;
  }

  append(record: T): void {
    this.#cached.push(record);
  }

  sync(): void {
    this.syncs += 1;
    if (!this.#hasFsync) return;
    this.#durable.push(...this.#cached);
    this.#cached = [];
  }

  read(): FileContent<T> {
    return { records: [...this.#durable, ...this.#cached], isDamaged: this.#isDamaged };
  }

  /** @returns what a sync has acknowledged: all that may leave the gateway */
  acknowledged(): readonly T[] {
    return this.#hasFsync ? this.#durable : this.#cached;
  }

  /** The power goes: unsynced records survive up to a drawn place; the one there is torn and drops out on reading. */
  cutPower(draw: Draw): void {
    const survivors = this.#cached.length === 0 ? 0 : draw.integer(0, this.#cached.length);
    this.#durable.push(...this.#cached.slice(0, survivors));
    this.#cached = [];
  }

  /** One acknowledged record no longer matches its checksum. */
  rot(): void {
    if (this.#durable.length > 0) this.#isDamaged = true;
  }

  /** Keeps only the records that are still needed, as a rewritten file would. */
  prune(isNeeded: (record: T) => boolean): void {
    this.#durable = this.#durable.filter(isNeeded);
    this.#cached = this.#cached.filter(isNeeded);
  }

  wipe(): void {
    this.#durable = [];
    this.#cached = [];
    this.#isDamaged = false;
  }
}
