/**
 * Signs the votes of this gateway, each once: asked for again, a vote is answered with what was signed then; a
 * contradiction is refused; a new one is durable before anybody gets to see it.
 */
import type { VoterId } from "../../core/consensus/candidates.ts";
import { type Message, signBytesOf, type UnsignedMessage } from "../../core/consensus/message.ts";
import { type CommitBasis, isForeignVote, judgeOwnVote, type OwnVote } from "../../core/consensus/ownVote.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { Height } from "../../core/units.ts";
import type { Signer } from "../../ports/signer.ts";
import type { VoteJournal } from "../../ports/voteJournal.ts";
import { ServiceError } from "../base/serviceError.ts";

/** What own votes are made of. */
export type OwnVotesModules = {
  readonly context: LedgerContext;
  readonly signer: Signer;
  readonly journal: VoteJournal;
  /** @returns the voters of a height, in roster order */
  readonly electorsAt: (height: Height) => readonly VoterId[];
  /** Hears that a vote was refused or is not durable; no other may be cast after it. */
  readonly onFailed: (error: ServiceError) => void;
};

/** The own votes of a running gateway. */
export type OwnVotes = {
  /** @returns those of that height, in the order signed */
  readonly at: (height: Height) => readonly OwnVote[];
  /**
   * Returns once the vote is signed and would survive a power cut; only then may it be published.
   *
   * @param vote to sign
   * @param basis of a COMMIT, into the same write
   * @returns the vote as signed, now or before; null when `onFailed` heard `VOTE_REFUSED` with the rule, or
   *   `VOTE_NOT_DURABLE`
   */
  readonly once: (vote: UnsignedMessage, basis: CommitBasis | null) => Promise<Message | null>;
  /** @param message of the own key, verified @returns true when this gateway has not signed it, as far as it can tell */
  readonly isForeign: (message: Message) => boolean;
};

/** @param modules of the agent @returns its own votes, in this life and the ones before */
export function ownVotes(modules: OwnVotesModules): OwnVotes {
  const { journal } = modules;
  return {
    at: (height) => journal.votes().filter(({ message }) => message.height === height),
    once: (vote, basis) => signOnce(modules, vote, basis),
    isForeign: (message) => isForeignVote(journal.votes(), message),
  };
}

async function signOnce(
  { context, signer, journal, electorsAt, onFailed }: OwnVotesModules,
  vote: UnsignedMessage,
  basis: CommitBasis | null,
): Promise<Message | null> {
  const { kind, height, round } = vote;
  const answer = judgeOwnVote(journal.votes(), vote, basis);
  if (answer.kind === "stored") return answer.vote.message;
  if (answer.kind === "refused") {
    onFailed(new ServiceError("VOTE_REFUSED", { vote: kind, height, round, rule: answer.code }));
    return null;
  }
  const { chainId, epoch } = context.voters;
  const signature = await signer.sign(signBytesOf(vote, chainId, epoch));
  const message: Message = { ...vote, signature };
  try {
    await journal.append({ message, basis }, electorsAt(height));
  } catch (cause) {
    onFailed(new ServiceError("VOTE_NOT_DURABLE", { vote: kind, height, round }, cause));
    return null;
  }
  return message;
}
