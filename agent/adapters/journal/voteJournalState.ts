/** What the records of a vote journal add up to; pure, so that a file means the same at every start. */
import {
  type HeldWithCommit,
  judgeOwnVote,
  keepHeld,
  keepOwnVote,
  type OwnVote,
} from "../../core/consensus/ownVote.ts";
import type { VoteRecord, VoteSummary } from "./voteRecord.ts";

/** A vote journal at one point of its file. */
export type VoteJournalState = VoteSummary & {
  /** Of the last height voted at. */
  readonly votes: readonly OwnVote[];
  /** Items that the last COMMIT says are held, while the next block may owe them. */
  readonly held: HeldWithCommit | null;
};

/** A journal nothing was ever written to. */
export const EMPTY_VOTE_JOURNAL: VoteJournalState = {
  starts: 0,
  abstention: null,
  electors: [],
  returnedAt: null,
  epoch: null,
  isRenounced: false,
  votes: [],
  held: null,
};

/** @param state a journal @returns the records of a fresh file that adds up to it */
export function summariseVotes(state: VoteJournalState): readonly VoteRecord[] {
  const { votes, held, ...rest } = state;
  return [
    { kind: "summary", ...rest },
    ...votes.map((vote): VoteRecord => ({ kind: "kept", vote })),
    ...(held === null ? [] : [{ kind: "held", held } as const]),
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
      if (state.abstention !== null || state.isRenounced || message.height <= floorOf(state)) return null;
      if (judgeOwnVote(state.votes, message, basis).kind !== "new") return null;
      return {
        ...state,
        electors: record.electors,
        votes: keepOwnVote(state.votes, record.vote),
        held: keepHeld(state.held, record.vote),
      };
    }
    case "kept": {
      const height = record.vote.message.height;
      const isOfOneHeight = state.votes.every(({ message }) => message.height === height);
      return isOfOneHeight ? { ...state, votes: [...state.votes, record.vote] } : null;
    }
    case "held":
      return state.held === null ? { ...state, held: record.held } : null;
    case "abstain":
      return { ...state, abstention: state.abstention ?? record.abstention };
    case "resume": {
      const { height: returnedAt, starts } = record;
      return state.abstention === null
        ? null
        : { ...state, abstention: null, returnedAt, starts, votes: [], held: null };
    }
    case "renounce":
      return state.epoch === null ? null : { ...state, isRenounced: true, starts: record.starts };
    case "epoch":
      return entered(state, record);
    case "summary":
      return isFirst ? summarised(record) : null;
    default:
      return record satisfies never;
  }
}

/** Nothing is signed at or below it. */
function floorOf({ returnedAt, epoch }: VoteJournalState): number {
  return Math.max(returnedAt ?? 0, epoch?.base ?? 0);
}

/** A stolen key stays stolen; forgotten votes are of an epoch in which nothing counts any more. */
function entered(
  state: VoteJournalState,
  { epoch, forgiven }: Extract<VoteRecord, { kind: "epoch" }>,
): VoteJournalState | null {
  if (state.epoch !== null && epoch.number <= state.epoch.number) return null;
  if (forgiven !== null && !state.isRenounced) return null;
  const isForgiven = forgiven !== null && state.abstention?.code === "AMNESIA";
  return {
    ...state,
    epoch,
    isRenounced: false,
    returnedAt: null,
    votes: [],
    held: null,
    starts: forgiven ?? state.starts,
    abstention: isForgiven ? null : state.abstention,
  };
}

function summarised({ kind: _kind, ...state }: Extract<VoteRecord, { kind: "summary" }>): VoteJournalState {
  return { ...state, votes: [], held: null };
}
