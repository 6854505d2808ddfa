/** The epoch in progress as its status shows it: whether the street was recovered, and how far that is proven. */
import { type LedgerContext, newestEpoch } from "../../core/ledger/state/context.ts";
import { baseHeight } from "../../core/membership/epoch.ts";
import { memberNames } from "../../core/membership/memberNames.ts";
import type { EpochView } from "../../ports/agentView.ts";

/** @param context of the chain @returns its newest epoch, for people */
export function epochView(context: LedgerContext): EpochView {
  const epoch = newestEpoch(context);
  const { recovery, number, chainId } = epoch;
  if (recovery === null) return { number, chainId, recovery: null };
  const nameOf = memberNames(context.genesis, recovery.roster);
  return {
    number,
    chainId,
    recovery: {
      proven: recovery.isProven,
      afterHeight: baseHeight(epoch),
      reporters: recovery.reporters.map(nameOf),
      lost: recovery.lost.map(nameOf),
    },
  };
}
