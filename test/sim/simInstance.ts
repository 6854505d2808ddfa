/** The instance of a simulated gateway's next height, as the product's service starts it. */
import type { InstanceState } from "../../agent/core/consensus/instanceState.ts";
import type { OwnVote } from "../../agent/core/consensus/ownVote.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { Height } from "../../agent/core/units.ts";
import { nextInstance } from "../../agent/services/agreement/nextInstance.ts";
import type { SimLedger } from "./simLedger.ts";
import type { SimMember } from "./street.ts";

/** What an instance depends on. */
export type SimInstanceFacts = {
  readonly context: LedgerContext;
  readonly ledger: SimLedger;
  readonly member: SimMember;
  readonly isVoter: boolean;
};

/** @param facts of the gateway @param kept own votes @returns the instance after the head, where the own votes left it */
export function resumedInstance(facts: SimInstanceFacts, kept: readonly OwnVote[]): InstanceState {
  const ownVotes = { at: (height: Height) => ownVotesAt(height, kept) };
  return nextInstance({ ...facts, ownVotes }, facts.member.id, facts.isVoter);
}

/** @param height of them @param kept own votes @returns those of that height, as the journal gives them */
export function ownVotesAt(height: Height, kept: readonly OwnVote[]): readonly OwnVote[] {
  return kept.filter(({ message }) => message.height === height);
}
