/**
 * What one gateway can give another for the height that both work on: whose votes are held, and which are missing.
 * Gossip loses messages; this is how a lost vote or proposal is found again.
 *
 * @source docs/protocol.md, "What gossip lost"
 */
import type { Hash } from "../hash.ts";
import type { Round } from "../units.ts";
import type { VoterId } from "./candidates.ts";
import type { InstanceState } from "./instanceState.ts";
import { type Message, senderOf } from "./message.ts";
import { type KeptVote, votesOf } from "./voteKeeper.ts";

/** Kinds of votes in the order in which they are of use. */
export const VOTE_KINDS = ["round-change", "proposal", "prepare", "commit"] as const;

/** Rounds of a height that are told of: the highest; votes of others are at worst sent twice. */
export const MAX_ROUNDS_TOLD = 32;

/** Whose votes of one round are held. */
export type VotesHeld = {
  readonly round: Round;
  readonly voters: Readonly<Record<KeptVote["kind"], ReadonlySet<VoterId>>>;
};

/** @param instance of the height in progress @returns whose votes it holds, lowest round first, {@link MAX_ROUNDS_TOLD} at most */
export function votesHeld(instance: InstanceState): readonly VotesHeld[] {
  const votes = votesOf(instance.keeper);
  return [...new Set(votes.map((vote) => vote.round))]
    .sort((left, right) => left - right)
    .slice(-MAX_ROUNDS_TOLD)
    .map((round) => ({ round, voters: sendersByKind(votes.filter((vote) => vote.round === round)) }));
}

/**
 * Finds what another gateway at the same height lacks. Of proposals only the one of the present round can be given:
 * of those before, only the signed part is kept.
 *
 * @param instance of the height in progress
 * @param held what the other one holds
 * @param bodies that the other one holds: a proposal of such a block goes without its body
 * @returns the messages, lowest round first, and within a round in the order of {@link VOTE_KINDS}
 */
export function missingVotes(
  instance: InstanceState,
  held: readonly VotesHeld[],
  bodies: ReadonlySet<Hash>,
): readonly Message[] {
  const heldOf = new Map(held.map(({ round, voters }) => [round, voters]));
  return votesOf(instance.keeper)
    .filter((vote) => heldOf.get(vote.round)?.[vote.kind].has(senderOf(vote)) !== true)
    .sort((left, right) => left.round - right.round || rankOf(left) - rankOf(right))
    .flatMap((vote): readonly Message[] => {
      if (vote.kind !== "proposal") return [vote];
      const { proposal, round } = instance;
      if (vote.round !== round || vote.blockHash !== proposal?.blockHash) return [];
      const body = bodies.has(vote.blockHash) ? null : (instance.bodies.get(vote.blockHash) ?? null);
      return [{ ...vote, body, justification: proposal.justification }];
    });
}

function sendersByKind(votes: readonly KeptVote[]): VotesHeld["voters"] {
  const of = (kind: KeptVote["kind"]) =>
    new Set(votes.filter((vote) => vote.kind === kind).map((vote) => senderOf(vote)));
  return {
    "round-change": of("round-change"),
    proposal: of("proposal"),
    prepare: of("prepare"),
    commit: of("commit"),
  };
}

function rankOf(vote: KeptVote): number {
  return VOTE_KINDS.indexOf(vote.kind);
}
