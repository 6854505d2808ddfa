/** An outbox whose disk is an object: opened again on the same object it stands where it stood. */
import { JournalError } from "../../agent/adapters/journal/journalError.ts";
import type { Outbox, OutboxEntry, Release } from "../../agent/ports/outbox.ts";

/** What survives between two openings. */
export type OutboxDisk = {
  boot: number;
  nextSequence: number;
  lastRelease: Release | null;
  readonly pending: Map<number, OutboxEntry>;
};

/** @returns a disk nothing was written to */
export function emptyOutboxDisk(): OutboxDisk {
  return { boot: 0, nextSequence: 1, lastRelease: null, pending: new Map() };
}

/** @param disk where it is kept @param maxPending most readings kept @returns the outbox, one boot later */
export function memoryOutbox(disk: OutboxDisk = emptyOutboxDisk(), maxPending = 4_096): Outbox {
  disk.boot += 1;
  const boot = disk.boot;
  let isClosed = false;
  const check = () => {
    if (isClosed) throw new JournalError("JOURNAL_CLOSED");
  };
  return {
    boot,
    nextSequence: () => disk.nextSequence,
    async append(entry) {
      check();
      const { sequence } = entry;
      const { nextSequence, pending } = disk;
      if (sequence !== nextSequence) throw new JournalError("JOURNAL_SEQUENCE", { sequence, nextSequence });
      if (pending.size >= maxPending)
        throw new JournalError("JOURNAL_FULL", { pendingReadings: pending.size });
      pending.set(sequence, { sequence, bytes: Uint8Array.from(entry.bytes) });
      disk.nextSequence += 1;
    },
    async skipTo(sequence) {
      check();
      disk.nextSequence = Math.max(disk.nextSequence, sequence);
    },
    async release(release) {
      check();
      const { sequence } = release;
      const { nextSequence } = disk;
      if (sequence >= nextSequence) throw new JournalError("JOURNAL_SEQUENCE", { sequence, nextSequence });
      if (disk.pending.delete(sequence)) disk.lastRelease = release;
    },
    pending: () => [...disk.pending.values()],
    lastRelease: () => disk.lastRelease,
    async close() {
      isClosed = true;
    },
  };
}
