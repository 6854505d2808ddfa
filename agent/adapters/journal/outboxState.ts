/** What the records of an outbox add up to; pure, so that a file means the same at every start. */
import type { OutboxEntry, Release } from "../../ports/outbox.ts";
import type { OutboxRecord } from "./outboxRecord.ts";

/** An outbox at one point of its file. */
export type OutboxState = {
  readonly boot: number;
  readonly nextSequence: number;
  readonly lastRelease: Release | null;
  /** Readings that no block contains, by sequence, oldest first. */
  readonly pending: ReadonlyMap<number, OutboxEntry>;
};

/** An outbox nothing was ever written to. */
export const EMPTY_OUTBOX: OutboxState = {
  boot: 0,
  nextSequence: 1,
  lastRelease: null,
  pending: new Map(),
};

/** @param state an outbox @returns the records of a fresh file that adds up to it */
export function summariseOutbox(state: OutboxState): readonly OutboxRecord[] {
  const { boot, nextSequence, lastRelease, pending } = state;
  const kept = [...pending.values()].map((entry): OutboxRecord => ({ kind: "kept", entry }));
  return [{ kind: "summary", boot, nextSequence, lastRelease }, ...kept];
}

/**
 * Adds up the records of a file.
 *
 * @param records in order
 * @returns the outbox, or the position of the first record that does not follow from those before it
 */
export function replayOutbox(
  records: readonly OutboxRecord[],
):
  | { readonly kind: "state"; readonly state: OutboxState }
  | { readonly kind: "broken"; readonly position: number } {
  const pending = new Map<number, OutboxEntry>();
  let state: OutboxState = { ...EMPTY_OUTBOX, pending };
  for (const [position, record] of records.entries()) {
    const next = follow(state, pending, record, position);
    if (next === null) return { kind: "broken", position };
    state = next;
  }
  return { kind: "state", state };
}

/** Applies one record; `pending` is the state's own map. Null when the record cannot stand here. */
function follow(
  state: OutboxState,
  pending: Map<number, OutboxEntry>,
  record: OutboxRecord,
  position: number,
): OutboxState | null {
  switch (record.kind) {
    case "boot":
      return record.boot === state.boot + 1 ? { ...state, boot: record.boot } : null;
    case "entry": {
      const { sequence } = record.entry;
      if (sequence !== state.nextSequence) return null;
      pending.set(sequence, record.entry);
      return { ...state, nextSequence: sequence + 1 };
    }
    case "release":
      return pending.delete(record.release.sequence) ? { ...state, lastRelease: record.release } : null;
    case "summary": {
      const { boot, nextSequence, lastRelease } = record;
      return position === 0 ? { boot, nextSequence, lastRelease, pending } : null;
    }
    case "skip": {
      const { nextSequence } = record;
      return nextSequence > state.nextSequence ? { ...state, nextSequence } : null;
    }
    case "kept": {
      const { sequence } = record.entry;
      if (sequence >= state.nextSequence || pending.has(sequence)) return null;
      pending.set(sequence, record.entry);
      return state;
    }
    default:
      return record satisfies never;
  }
}
