/** What the records of a vote journal add up to; pure, so that a file means the same at every start. */
import { judgeOwnVote, keepOwnVote, type OwnVote } from "../../core/consensus/ownVote.ts";
import type { Abstention } from "../../ports/voteJournal.ts";
import type { VoteRecord } from "./voteRecord.ts";

/** A vote journal at one point of its file. */
export type VoteJournalState = {
  readonly starts: number;
  readonly abstention: Abstention | null;
  /** Of the last height voted at, as `keepOwnVote` keeps them. */
  readonly votes: readonly OwnVote[];
};

/** A journal nothing was ever written to. */
export const EMPTY_VOTE_JOURNAL: VoteJournalState = { starts: 0, abstention: null, votes: [] };

/** @param state a journal @returns the records of a fresh file that adds up to it */
export function summariseVotes({ starts, abstention, votes }: VoteJournalState): readonly VoteRecord[] {
  return [
    { kind: "summary", starts, abstention },
    ...votes.map((vote): VoteRecord => ({ kind: "kept", vote })),
  ];
}

/**
 * Applies one record.
 *
 * @param state of the records before it
 * @param record next
 * @param isFirst whether it is the file's first
 * @returns the state with it, or null when the record cannot stand here
 */
export function followVoteRecord(
  state: VoteJournalState,
  record: VoteRecord,
  isFirst: boolean,
): VoteJournalState | null {
  switch (record.kind) {
    case "start":
      return record.starts === state.starts + 1 ? { ...state, starts: record.starts } : null;
    case "vote": {
      const { message, basis } = record.vote;
      if (judgeOwnVote(state.votes, message, basis).kind !== "new") return null;
      return { ...state, votes: keepOwnVote(state.votes, record.vote) };
    }
    case "kept":
      return isNextKept(state.votes, record.vote) ? { ...state, votes: [...state.votes, record.vote] } : null;
    case "abstain":
      return { ...state, abstention: state.abstention ?? record.abstention };
    case "summary":
      return isFirst ? { ...EMPTY_VOTE_JOURNAL, starts: record.starts, abstention: record.abstention } : null;
    default:
      return record satisfies never;
  }
}

/** Of one height, after at most the COMMIT of the height below that says that items are held. */
function isNextKept(before: readonly OwnVote[], { message }: OwnVote): boolean {
  const [first] = before;
  const last = before.at(-1)?.message.height;
  if (last === undefined || last === message.height) return true;
  return before.length === 1 && last === message.height - 1 && (first?.basis?.items.length ?? 0) > 0;
}
