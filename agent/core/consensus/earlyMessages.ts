/**
 * Messages of the next height that arrive before this gateway has committed the running one: kept within a bound
 * and handed to the next instance when it starts.
 *
 * @source docs/protocol.md, "Votes that are kept"
 */
import type { Height } from "../units.ts";
import type { VoterId } from "./candidates.ts";
import type { Message, Proposal } from "./message.ts";
import { emptyKeeper, type KeepOutcome, keepVote, type VoteKeeper, votesOf } from "./voteKeeper.ts";

/** Most proposals kept with their bodies, one of each proposer: the candidates of the height are not known yet. */
export const EARLY_PROPOSALS_KEPT = 8;

/** Verified messages of one height to come. Never changed: keeping one makes a new one. */
export type EarlyMessages = {
  readonly keeper: VoteKeeper;
  readonly proposals: ReadonlyMap<VoterId, Proposal>;
};

/** @param height to come @param voters of that height @returns an empty store */
export function noEarlyMessages(height: Height, voters: readonly VoterId[]): EarlyMessages {
  return { keeper: emptyKeeper(height, voters), proposals: new Map() };
}

/**
 * @param early what is kept
 * @param message of that height, verified by the caller
 * @returns the store with it, and what became of it
 */
export function keepEarly(
  early: EarlyMessages,
  message: Message,
): { early: EarlyMessages; outcome: KeepOutcome } {
  if (message.kind !== "proposal") {
    const { keeper, outcome } = keepVote(early.keeper, message);
    return { early: { ...early, keeper }, outcome };
  }
  const { body: _body, justification: _justification, ...header } = message;
  const { keeper, outcome } = keepVote(early.keeper, header);
  const earlier = early.proposals.get(message.proposer);
  const hasRoom = earlier !== undefined || early.proposals.size < EARLY_PROPOSALS_KEPT;
  const isLater = earlier === undefined || message.round > earlier.round;
  const isTaken = outcome.kind === "kept" && hasRoom && isLater;
  const proposals = isTaken ? new Map(early.proposals).set(message.proposer, message) : early.proposals;
  return { early: { keeper, proposals }, outcome };
}

/** @param early what is kept @returns the messages to give to the instance of that height, votes before proposals */
export function earlyMessages(early: EarlyMessages): readonly Message[] {
  const votes = votesOf(early.keeper).filter((vote) => vote.kind !== "proposal");
  return [...votes, ...early.proposals.values()];
}
