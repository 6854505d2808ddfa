/** The instance of a simulated gateway's next height, as the product's service starts it. */
import { candidates } from "../../agent/core/consensus/candidates.ts";
import { type EarlyMessages, noEarlyMessages } from "../../agent/core/consensus/earlyMessages.ts";
import type { InstanceConfig, InstanceState } from "../../agent/core/consensus/instanceState.ts";
import type { OwnVote } from "../../agent/core/consensus/ownVote.ts";
import { resumeInstance } from "../../agent/core/consensus/resume.ts";
import { type LedgerContext, seatingOf } from "../../agent/core/ledger/context.ts";
import { type Height, height as heightOf } from "../../agent/core/units.ts";
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
  const { context, ledger, member, isVoter } = facts;
  const seating = seatingOf(context, ledger.state);
  const height = heightOf(ledger.state.height + 1);
  const { voters } = seating;
  const config = { height, self: member.id, isVoter, voters, candidates: candidates(seating) };
  return resumeInstance(config, ownVotesAt(height, kept));
}

/** @param height of them @param kept own votes @returns those of that height, as the journal gives them */
export function ownVotesAt(height: Height, kept: readonly OwnVote[]): readonly OwnVote[] {
  return kept.filter(({ message }) => message.height === height);
}

/** @param config of the running height @returns room for messages of the next one */
export function earlyAfter({ height, voters }: InstanceConfig): EarlyMessages {
  return noEarlyMessages(heightOf(height + 1), voters);
}
