/** Own votes, durable before they are published, kept while their height is in progress. */
import type { VoterId } from "../core/consensus/candidates.ts";
import type { OwnVote } from "../core/consensus/ownVote.ts";
import type { Hash } from "../core/hash.ts";
import type { Height } from "../core/units.ts";

/** Why a gateway must not vote, also after the next start. */
export type Abstention = {
  /** What it voted for may be forgotten, or someone else votes under its key. */
  readonly code: "AMNESIA" | "KEY_CLONED";
  /** For people, short. */
  readonly reason: string;
};

/** The epoch that a gateway votes in; it enters one of each number, and none again. */
export type EnteredEpoch = {
  readonly number: number;
  /** What its signatures are bound to. */
  readonly chainId: Hash;
  /** Height that it goes on from; nothing is signed at or below it. */
  readonly base: Height;
};

/** A durable record of what this gateway voted for. */
export interface VoteJournal {
  /** Starts of this gateway on this journal, this one included; 1 on the first, 0 when it is damaged. */
  readonly starts: number;
  /** What is wrong with it, for people; null when it holds all that it was given. */
  readonly damage: string | null;
  /** @returns why this gateway must not vote, as recorded in this life or an earlier one; null when nothing was */
  abstention(): Abstention | null;
  /** @returns the block above which this gateway votes again after it may have forgotten votes; null when it never did */
  returnedAt(): Height | null;
  /** @returns the epoch entered last; null before the first start */
  epoch(): EnteredEpoch | null;
  /** @returns the number of the epoch entered last when it was renounced: nothing of it is signed any more; else null */
  renounced(): number | null;
  /** @returns own votes of the last height voted at, as `keepOwnVote` keeps them; none when damaged */
  votes(): readonly OwnVote[];
  /** @returns items that the last COMMIT says are held, while the next block may owe them; none when damaged */
  held(): readonly Uint8Array[];
  /**
   * Returns once the vote, and what a COMMIT rests on, would survive a power cut.
   *
   * @param vote signed, and new by `judgeOwnVote`
   * @param electors voters of its height, in roster order
   * @throws JournalError `JOURNAL_SEQUENCE` when it is not new, `JOURNAL_FULL`, `JOURNAL_WRITE`, `JOURNAL_DAMAGED`,
   *   `JOURNAL_CLOSED`
   */
  append(vote: OwnVote, electors: readonly VoterId[]): Promise<void>;
  /** Records durably that this gateway must not vote; the first record stays. @throws JournalError as `append` */
  abstain(abstention: Abstention): Promise<void>;
  /**
   * Records durably that this gateway votes again, and that its starts are counted anew from the outbox's.
   *
   * @param height of the block that holds its request; nothing is signed at or below it
   * @param starts that the outbox has counted
   * @throws JournalError as `append`
   */
  resume(height: Height, starts: number): Promise<void>;
  /**
   * Records durably that nothing of the entered epoch is signed any more, and that starts are counted from the outbox's.
   *
   * @param starts that the outbox has counted
   * @throws JournalError as `append`
   */
  renounce(starts: number): Promise<void>;
  /**
   * Records durably that this gateway is in a later epoch. Votes of the one before are dropped; what was forgotten of
   * them is forgiven when it was renounced and no start is missing from this journal.
   *
   * @param epoch of a higher number than the one entered last
   * @param forgiven starts that the outbox has counted, when forgotten votes are forgiven; null when they are not
   * @throws JournalError as `append`
   */
  enter(epoch: EnteredEpoch, forgiven: number | null): Promise<void>;
  close(): Promise<void>;
}
