/**
 * What a transaction that states a meter swap does: the place in the enrolment gets the new serial number, role and fuel
 * stay, and the span over the swap goes on counting from the old meter's end. Voters stay as they are, so it is active
 * at once.
 *
 * @source docs/market.md, "Swaps"
 */
import { claimsOf } from "../../membership/enrolment.ts";
import type { RosterMember } from "../../membership/roster.ts";
import { withMeter } from "../../membership/rosterDelta.ts";
import { type SwapRefusal, withSwap } from "../../metering/coverage.ts";
import { registerCount } from "../../metering/energy.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { contextAt, type LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import type { SwapStatement, TransactionSigner } from "../state/transaction.ts";

/** Codes a swap has no effect with. */
export type SwapEffectRefusal = SwapRefusal | "SWAP_NOT_METER" | "SWAP_REGISTERS" | "SWAP_SERIAL_TAKEN";

/**
 * @param context of the epoch
 * @param state at the height of the block that holds the swap, its intervals closed
 * @param signer who states it
 * @param stated serial numbers and registers
 * @returns the state with the new meter, or why it has no effect
 */
export function applyMeterSwap(
  context: LedgerContext,
  state: LedgerState,
  signer: TransactionSigner,
  stated: SwapStatement,
): Verdict<LedgerState, SwapEffectRefusal> {
  // Another swap of the same block has changed the roster already.
  const { members } = contextAt(context, state, state.height).roster;
  const member = members.find(({ id }) => id === signer);
  const before = member === undefined ? undefined : state.members.get(member.id);
  if (member === undefined || before === undefined) return reject("SWAP_NOT_METER", signer);
  const fault = meterFault(member, stated);
  if (fault !== null) return reject(fault, stated.oldSerial);
  const { swap, newSerial } = stated;
  const claimed = [...members, ...newcomers(state)].flatMap(claimsOf);
  if (claimed.includes(`meter ${newSerial}`)) return reject("SWAP_SERIAL_TAKEN", newSerial);
  const covered = withSwap(before.coverage, swap, state.nextInterval);
  if (covered.kind !== "accept") return covered;
  const roster = withMeter(state.roster, { member: member.id, meter: swap.meter, serial: newSerial });
  const after = { ...before, coverage: covered.value };
  return accept({
    ...state,
    roster,
    // A new object: what was derived from it was derived from the roster before.
    pendingChange: state.pendingChange === null ? null : { ...state.pendingChange },
    members: new Map(state.members).set(member.id, after),
  });
}

function meterFault(
  { meters }: RosterMember,
  { swap, oldSerial }: SwapStatement,
): "SWAP_NOT_METER" | "SWAP_REGISTERS" | null {
  const meter = meters[swap.meter];
  if (meter === undefined || meter.serial !== oldSerial) return "SWAP_NOT_METER";
  const count = registerCount(meter.role);
  return swap.oldEnd.length === count && swap.newStart.length === count ? null : "SWAP_REGISTERS";
}

/** Who is on the way into the roster claims its meters already. */
function newcomers({ pendingChange }: LedgerState) {
  const change = pendingChange?.change;
  return change?.kind === "admit" || change?.kind === "rekey" ? [change.enrolment.body] : [];
}
