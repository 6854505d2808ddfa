/**
 * Keeps the votes of one height within a bound: of each voter the 8 highest rounds it voted in, and always its
 * highest ROUND_CHANGE. The first vote of a kind and round stays; a second, different one is evidence.
 *
 * A gateway keeps two: the running height's, inside its instance, and the next height's for votes that come early.
 * A flood costs its own sender's votes only, since every voter has its own room.
 *
 * @source docs/protocol.md, "Votes that are kept"
 */
import type { Hash } from "../hash.ts";
import type { Height, Round } from "../units.ts";
import type { VoterId } from "./candidates.ts";
import {
  type Commit,
  digestOf,
  type Prepare,
  type ProposalHeader,
  type RoundChange,
  senderOf,
  type Vote,
} from "./message.ts";

/** Rounds kept of each voter. */
export const ROUNDS_KEPT = 8;

/** A vote as it is kept: a proposal without its body, a ROUND_CHANGE with its proof. */
export type KeptVote = ProposalHeader | Prepare | Commit | RoundChange;

/** The votes of one height. Never changed: keeping a vote makes a new one. */
export type VoteKeeper = {
  readonly height: Height;
  readonly voters: ReadonlyMap<VoterId, VotesOfVoter>;
};

/** What is kept of one voter. */
export type VotesOfVoter = {
  readonly rounds: ReadonlyMap<Round, VotesOfRound>;
  readonly highestRoundChange: RoundChange | null;
};

/** One voter's votes in one round, at most one of each kind. */
export type VotesOfRound = {
  readonly [Kind in KeptVote["kind"]]?: Extract<KeptVote, { kind: Kind }>;
} & {
  /** Kinds whose second vote was reported. */
  readonly equivocated?: readonly KeptVote["kind"][];
};

/** What became of a vote. */
export type KeepOutcome =
  | { readonly kind: "kept" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "equivocation"; readonly first: Vote; readonly second: Vote }
  | { readonly kind: "refused"; readonly code: "WRONG_HEIGHT" | "UNKNOWN_VOTER" | "OUTDATED_VOTE" };

/** @param height of the votes @param voters of that height @returns an empty keeper */
export function emptyKeeper(height: Height, voters: readonly VoterId[]): VoteKeeper {
  const none: VotesOfVoter = { rounds: new Map(), highestRoundChange: null };
  return { height, voters: new Map(voters.map((voter) => [voter, none])) };
}

/**
 * Keeps a vote whose signature holds.
 *
 * @param keeper of the vote's height
 * @param vote verified by the caller
 * @returns the keeper with it, and what became of it; an equivocation is told once per voter, kind and round
 */
export function keepVote(keeper: VoteKeeper, vote: KeptVote): { keeper: VoteKeeper; outcome: KeepOutcome } {
  const voter = senderOf(vote);
  const record = keeper.voters.get(voter);
  if (vote.height !== keeper.height) return { keeper, outcome: { kind: "refused", code: "WRONG_HEIGHT" } };
  if (record === undefined) return { keeper, outcome: { kind: "refused", code: "UNKNOWN_VOTER" } };
  const first = firstVote(record, vote);
  if (first !== undefined) return keepSecond(keeper, voter, record, first, vote);
  const votes: VotesOfRound = { ...record.rounds.get(vote.round), [vote.kind]: vote };
  const rounds = withinBound(new Map(record.rounds).set(vote.round, votes));
  const highestRoundChange = higher(record.highestRoundChange, vote);
  if (!rounds.has(vote.round) && highestRoundChange !== vote)
    return { keeper, outcome: { kind: "refused", code: "OUTDATED_VOTE" } };
  return { keeper: withVoter(keeper, voter, { rounds, highestRoundChange }), outcome: { kind: "kept" } };
}

/** @param keeper votes @param round of them @param blockHash voted for @returns PREPAREs, one per voter, in roster order */
export function preparesFor(keeper: VoteKeeper, round: Round, blockHash: Hash): readonly Prepare[] {
  return votesOfRound(keeper, round).flatMap(({ prepare }) =>
    prepare?.blockHash === blockHash ? [prepare] : [],
  );
}

/** @param keeper votes @param round of them @param blockHash voted for @returns COMMITs, one per voter, in roster order */
export function commitsFor(keeper: VoteKeeper, round: Round, blockHash: Hash): readonly Commit[] {
  return votesOfRound(keeper, round).flatMap(({ commit }) =>
    commit?.blockHash === blockHash ? [commit] : [],
  );
}

/** @param keeper votes @param blockHash voted for @returns COMMITs of every round, by voter in roster order */
export function commitsOfBlock(keeper: VoteKeeper, blockHash: Hash): readonly Commit[] {
  return votesOf(keeper).filter(
    (vote): vote is Commit => vote.kind === "commit" && vote.blockHash === blockHash,
  );
}

/** @param keeper votes @param round entered @returns ROUND_CHANGEs for exactly that round, one per voter, in roster order */
export function roundChangesFor(keeper: VoteKeeper, round: Round): readonly RoundChange[] {
  return [...keeper.voters.values()].flatMap((record) => {
    const kept = record.rounds.get(round)?.["round-change"];
    if (kept !== undefined) return [kept];
    return record.highestRoundChange?.round === round ? [record.highestRoundChange] : [];
  });
}

/** @param keeper votes @returns all of them, by voter in roster order and by round */
export function votesOf(keeper: VoteKeeper): readonly KeptVote[] {
  return [...keeper.voters.values()].flatMap(({ rounds, highestRoundChange }) => {
    const kept = [...rounds.entries()]
      .sort(([left], [right]) => left - right)
      .flatMap(([, votes]) => votesIn(votes));
    const isApart = highestRoundChange !== null && !kept.includes(highestRoundChange);
    return isApart ? [highestRoundChange, ...kept] : kept;
  });
}

function firstVote(record: VotesOfVoter, vote: KeptVote): KeptVote | undefined {
  const kept = record.rounds.get(vote.round)?.[vote.kind];
  if (kept !== undefined || vote.kind !== "round-change") return kept;
  return record.highestRoundChange?.round === vote.round ? record.highestRoundChange : undefined;
}

function keepSecond(
  keeper: VoteKeeper,
  voter: VoterId,
  record: VotesOfVoter,
  first: KeptVote,
  second: KeptVote,
): { keeper: VoteKeeper; outcome: KeepOutcome } {
  const votes = record.rounds.get(second.round) ?? {};
  const equivocated = votes.equivocated ?? [];
  if (digestOf(first) === digestOf(second) || equivocated.includes(second.kind))
    return { keeper, outcome: { kind: "duplicate" } };
  const noted: VotesOfRound = { ...votes, equivocated: [...equivocated, second.kind] };
  const rounds = withinBound(new Map(record.rounds).set(second.round, noted));
  return {
    keeper: withVoter(keeper, voter, { ...record, rounds }),
    outcome: { kind: "equivocation", first, second },
  };
}

function withVoter(keeper: VoteKeeper, voter: VoterId, record: VotesOfVoter): VoteKeeper {
  return { height: keeper.height, voters: new Map(keeper.voters).set(voter, record) };
}

/** Drops the lowest round when there is one too many. */
function withinBound(rounds: Map<Round, VotesOfRound>): ReadonlyMap<Round, VotesOfRound> {
  if (rounds.size > ROUNDS_KEPT) rounds.delete(Math.min(...rounds.keys()) as Round);
  return rounds;
}

function higher(highest: RoundChange | null, vote: KeptVote): RoundChange | null {
  if (vote.kind !== "round-change") return highest;
  return highest === null || vote.round > highest.round ? vote : highest;
}

function votesOfRound(keeper: VoteKeeper, round: Round): readonly VotesOfRound[] {
  return [...keeper.voters.values()].flatMap((record) => record.rounds.get(round) ?? []);
}

function votesIn(votes: VotesOfRound): readonly KeptVote[] {
  const { proposal, prepare, commit } = votes;
  return [votes["round-change"], proposal, prepare, commit].filter((vote) => vote !== undefined);
}
