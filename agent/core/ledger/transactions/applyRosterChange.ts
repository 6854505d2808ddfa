/**
 * What a transaction that changes the roster does: it becomes active two heights after the block that holds it, so
 * that the voters of the next height are always known while one is being agreed on. One change at a time.
 *
 * @source docs/protocol.md, "Members and voters"
 */
import { officeClaims } from "../../membership/genesis.ts";
import { judgeRosterChange, type RosterChangeRefusal } from "../../membership/judgeRosterChange.ts";
import type { RosterChange } from "../../membership/rosterDelta.ts";
import { height } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import { GRID_ADMIN, type TransactionSigner } from "../state/transaction.ts";
import { ABSENT_CERTIFICATES } from "./absences.ts";

/** Codes a change has no effect with. */
export type RosterEffectRefusal =
  | RosterChangeRefusal
  | "ROSTER_NOT_ENTITLED"
  | "ROSTER_NOT_ABSENT"
  | "ROSTER_IN_FLIGHT";

/** Heights from the block that holds a change to the first one that it holds for. */
export const ACTIVE_AFTER = 2;

/**
 * @param context with the roster of the block
 * @param state at the height of the block that holds the change
 * @param signer who asks
 * @param change asked for
 * @returns the state with the change on its way, or why it has no effect
 */
export function applyRosterChange(
  context: LedgerContext,
  state: LedgerState,
  signer: TransactionSigner,
  change: RosterChange,
): Verdict<LedgerState, RosterEffectRefusal> {
  const entitled = judgeEntitlement(context, state, signer, change);
  if (entitled.kind !== "accept") return entitled;
  if (state.pendingChange !== null) return reject("ROSTER_IN_FLIGHT");
  const judged = judgeRosterChange(
    context.roster,
    state.roster,
    change,
    context.voters.verify,
    officeClaims(context.genesis),
  );
  if (judged.kind !== "accept") return judged;
  const activeAt = height(state.height + ACTIVE_AFTER);
  return accept({
    ...state,
    pendingChange: { change, activeAt },
    rosterChanges: state.rosterChanges + 1,
  });
}

/** The GridAdmin decides who takes part; voters suspend who is away; who was suspended comes back by itself. */
function judgeEntitlement(
  { roster }: LedgerContext,
  state: LedgerState,
  signer: TransactionSigner,
  change: RosterChange,
): Verdict<RosterChange, "ROSTER_NOT_ENTITLED" | "ROSTER_NOT_ABSENT"> {
  switch (change.kind) {
    case "admit":
    case "revoke":
    case "rekey":
      return signer === GRID_ADMIN ? accept(change) : reject("ROSTER_NOT_ENTITLED");
    case "suspend":
      if (signer === GRID_ADMIN || roster.byId.get(signer)?.isVoter !== true)
        return reject("ROSTER_NOT_ENTITLED");
      return (state.absences.get(change.member) ?? 0) >= ABSENT_CERTIFICATES
        ? accept(change)
        : reject("ROSTER_NOT_ABSENT", change.member);
    case "reinstate": {
      const isOwnReturn = signer === change.member && state.roster.suspended.includes(change.member);
      return signer === GRID_ADMIN || isOwnReturn ? accept(change) : reject("ROSTER_NOT_ENTITLED");
    }
    default:
      return change satisfies never;
  }
}
