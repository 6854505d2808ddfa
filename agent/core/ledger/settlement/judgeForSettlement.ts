/** Whether a reading may be settled as things stand: in its interval, or late when that is closed already. */
import type { SignedReading } from "../../metering/reading.ts";
import { judgeReading, judgeSuccession, type ReadingRefusal } from "../../metering/validate.ts";
import { ignore, type Verdict } from "../../verdict.ts";
import { beginBlock, type LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";

/**
 * Judges one reading for settlement in a block: in its interval, or late when that is closed already.
 *
 * @param context with the roster of that block
 * @param state before it
 * @param signed the reading
 * @returns the reading, or why it may not be settled
 */
export function judgeForSettlement(
  context: LedgerContext,
  state: LedgerState,
  signed: SignedReading,
): Verdict<SignedReading, ReadingRefusal> {
  const judged = judgeReading(signed, context.roster, context.genesis, context.voters.verify);
  if (judged.kind !== "accept") return judged;
  return judgeStanding(context, state, signed);
}

/**
 * @param context of the epoch
 * @param state after the head
 * @param signed judged by itself
 * @returns true when its interval is closed and it may be settled late as things stand
 */
export function isOpenLate(context: LedgerContext, state: LedgerState, signed: SignedReading): boolean {
  return signed.reading.interval < state.nextInterval && lateCode(context, state, signed) === "accept";
}

/**
 * @param context of the epoch
 * @param state after the head
 * @param signed judged by itself
 * @returns true when no later block can settle it: its intervals are settled or given up, or it states no energy
 */
export function isOver(context: LedgerContext, state: LedgerState, signed: SignedReading): boolean {
  if (signed.reading.interval >= state.nextInterval) return false;
  const code = lateCode(context, state, signed);
  return code === "READING_SETTLED" || code === "READING_CLOSED_INTERVAL";
}

function lateCode(context: LedgerContext, state: LedgerState, signed: SignedReading): string {
  const next = beginBlock(context, state);
  const judged = judgeStanding(next.context, next.state, signed);
  return judged.kind === "accept" ? judged.kind : judged.code;
}

/**
 * @param context with the roster of the block
 * @param state that it would be settled on
 * @param signed judged by itself
 * @returns the reading when it follows what is settled, or why it does not
 */
export function judgeStanding(
  context: LedgerContext,
  { members, nextInterval }: LedgerState,
  signed: SignedReading,
): Verdict<SignedReading, ReadingRefusal> {
  const { member: id } = signed.reading;
  const member = context.roster.byId.get(id);
  const before = members.get(id);
  // [IGNORE] as in `judgeReading`
  if (member === undefined || before === undefined) return ignore("NOT_IN_ROSTER", id);
  return judgeSuccession(signed, member, { nextInterval, coverage: before.coverage });
}
