/** A vote journal whose disk is an object: opened again on the same object it stands where it stood. */
import { JournalError } from "../../agent/adapters/journal/journalError.ts";
import {
  type HeldWithCommit,
  judgeOwnVote,
  keepHeld,
  keepOwnVote,
  type OwnVote,
} from "../../agent/core/consensus/ownVote.ts";
import type { Height } from "../../agent/core/units.ts";
import type { Abstention, EnteredEpoch, VoteJournal } from "../../agent/ports/voteJournal.ts";

/** What survives between two openings. */
export type VoteJournalDisk = {
  starts: number;
  damage: string | null;
  abstention: Abstention | null;
  returnedAt: Height | null;
  epoch: EnteredEpoch | null;
  isRenounced: boolean;
  votes: readonly OwnVote[];
  held: HeldWithCommit | null;
  /** Every vote that was made durable, in order. */
  readonly written: OwnVote[];
};

/** @returns a disk nothing was written to */
export function emptyVoteJournalDisk(): VoteJournalDisk {
  return {
    starts: 0,
    damage: null,
    abstention: null,
    returnedAt: null,
    epoch: null,
    isRenounced: false,
    votes: [],
    held: null,
    written: [],
  };
}

/** @param disk where it is kept @returns the journal, one start later unless it is damaged */
export function memoryVoteJournal(disk: VoteJournalDisk = emptyVoteJournalDisk()): VoteJournal {
  if (disk.damage === null) disk.starts += 1;
  const starts = disk.damage === null ? disk.starts : 0;
  let isClosed = false;
  const check = () => {
    if (isClosed) throw new JournalError("JOURNAL_CLOSED");
    if (disk.damage !== null) throw new JournalError("JOURNAL_DAMAGED", { reason: disk.damage });
  };
  return {
    starts,
    damage: disk.damage,
    abstention: () => disk.abstention,
    returnedAt: () => disk.returnedAt,
    epoch: () => disk.epoch,
    renounced: () => (disk.isRenounced ? (disk.epoch?.number ?? null) : null),
    votes: () => (disk.damage === null ? disk.votes : []),
    held: () => (disk.damage === null ? (disk.held?.items ?? []) : []),
    async append(vote) {
      check();
      const { message, basis } = vote;
      const isBarred = disk.isRenounced || message.height <= (disk.epoch?.base ?? 0);
      if (isBarred || judgeOwnVote(disk.votes, message, basis).kind !== "new")
        throw new JournalError("JOURNAL_SEQUENCE", { height: message.height, round: message.round });
      disk.votes = keepOwnVote(disk.votes, vote);
      disk.held = keepHeld(disk.held, vote);
      disk.written.push(vote);
    },
    async resume(height, startsOfOutbox) {
      check();
      if (disk.abstention === null) throw new JournalError("JOURNAL_SEQUENCE", { height });
      disk.abstention = null;
      disk.returnedAt = height;
      disk.starts = startsOfOutbox;
      disk.votes = [];
      disk.held = null;
    },
    async renounce(startsOfOutbox) {
      check();
      if (disk.epoch === null) throw new JournalError("JOURNAL_SEQUENCE", { record: "renounce" });
      disk.isRenounced = true;
      disk.starts = startsOfOutbox;
    },
    async enter(epoch, forgiven) {
      check();
      const isBack = disk.epoch !== null && epoch.number <= disk.epoch.number;
      if (isBack || (forgiven !== null && !disk.isRenounced))
        throw new JournalError("JOURNAL_SEQUENCE", { record: "epoch" });
      if (forgiven !== null && disk.abstention?.code === "AMNESIA") disk.abstention = null;
      disk.epoch = epoch;
      disk.isRenounced = false;
      disk.returnedAt = null;
      disk.votes = [];
      disk.held = null;
      disk.starts = forgiven ?? disk.starts;
    },
    async abstain(abstention) {
      check();
      disk.abstention ??= abstention;
    },
    async close() {
      isClosed = true;
    },
  };
}
