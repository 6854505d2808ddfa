/** Own signed readings, durable before they are published, kept until a block contains them. */
import type { Hash } from "../core/hash.ts";
import type { Height } from "../core/units.ts";

/** One own reading that no block contains yet. */
export type OutboxEntry = {
  readonly sequence: number;
  /** The signed reading as published. */
  readonly bytes: Uint8Array;
};

/** The last block that took an own reading: what the outbox knows of the ledger without asking it. */
export type Release = {
  readonly sequence: number;
  readonly height: Height;
  readonly blockHash: Hash;
};

/** A durable queue of own readings. */
export interface Outbox {
  /** Starts of this gateway on this data directory, this one included; 1 on the first. */
  readonly boot: number;
  /** The sequence number the next reading gets; never used before on this data directory. */
  nextSequence(): number;
  /**
   * Returns once the entry would survive a power cut.
   *
   * @param entry the reading; its sequence must be {@link nextSequence}
   * @throws JournalError `JOURNAL_FULL`, `JOURNAL_SEQUENCE`, `JOURNAL_WRITE`
   */
  append(entry: OutboxEntry): Promise<void>;
  /** Goes on with this number when it is above {@link nextSequence}; those between are never given. @throws JournalError */
  skipTo(sequence: number): Promise<void>;
  /** Records that block `height` contains the reading; durable no later than the next append. @throws JournalError */
  release(release: Release): Promise<void>;
  /** @returns what no block contains yet, oldest first */
  pending(): readonly OutboxEntry[];
  /** @returns the newest release, or null */
  lastRelease(): Release | null;
  close(): Promise<void>;
}
