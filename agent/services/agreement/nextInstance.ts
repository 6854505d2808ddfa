/** The agreement on the height above the head, as the ledger and the own votes of that height leave it. */
import { candidates, type VoterId } from "../../core/consensus/candidates.ts";
import type { InstanceState } from "../../core/consensus/instanceState.ts";
import { resumeInstance } from "../../core/consensus/resume.ts";
import { type LedgerContext, newestEpoch, seatingOf } from "../../core/ledger/state/context.ts";
import { baseHeight } from "../../core/membership/epoch.ts";
import { height as heightOf } from "../../core/units.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { OwnVotes } from "../voting/ownVotes.ts";

/** What a height begins from. */
export type NextInstanceModules = {
  readonly context: LedgerContext;
  readonly ledger: Pick<LedgerService, "state">;
  readonly ownVotes: Pick<OwnVotes, "at">;
};

/**
 * @param modules of the agent
 * @param self this gateway
 * @param mayVote false for one that only follows; one that is no voter at that height follows in any case
 * @returns the instance of the next height, resumed where an earlier life left it
 */
export function nextInstance(modules: NextInstanceModules, self: VoterId, mayVote: boolean): InstanceState {
  const { context, ledger, ownVotes } = modules;
  const seating = seatingOf(context, ledger.state);
  const height = heightOf(ledger.state.height + 1);
  const { voters } = seating;
  // What the newest epoch goes on from is fetched, never agreed on again.
  const isOfEpoch = height > baseHeight(newestEpoch(context));
  const isVoter = mayVote && isOfEpoch && voters.includes(self);
  const config = { height, self, isVoter, voters, candidates: candidates(seating) };
  return resumeInstance(config, ownVotes.at(height));
}
