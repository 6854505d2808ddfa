/** One interval: from the readings that a block takes to the market's outcome and the state after it. */
import { balance, type IntervalOutcome, type MissingMember } from "../market/balance.ts";
import { complianceOf } from "../market/compliance.ts";
import type { StandingOrder } from "../market/curtail.ts";
import { type MemberPosition, positionOf } from "../market/position.ts";
import type { MemberId } from "../membership/address.ts";
import type { RosterMember } from "../membership/roster.ts";
import { closeInterval, oldestOpen } from "../metering/coverage.ts";
import { plausibleWh } from "../metering/energy.ts";
import { laterInterval } from "../metering/interval.ts";
import { isPlausible, pieceOf } from "../metering/piece.ts";
import type { Measured, SignedReading } from "../metering/reading.ts";
import { isSpanning, judgeReading, judgeSuccession, type ReadingRefusal } from "../metering/validate.ts";
import { type IntervalIndex, type Wh, wh } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import { beginBlock, type LedgerContext } from "./context.ts";
import type { SettledInterval } from "./settledInterval.ts";
import type { LedgerState, MemberState, Totals } from "./state.ts";

/** Why a member without a reading is missing. */
const SILENT = "silent";
/** Why a member whose reading exceeds its connection's rating is missing. */
const QUARANTINED = "quarantined";

/** Codes the readings of an interval are refused with. */
export type IntervalRefusal = ReadingRefusal | "READING_ORDER" | "READING_OTHER_INTERVAL";

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
  if (member === undefined || before === undefined) return reject("NOT_IN_ROSTER", id);
  return judgeSuccession(signed, member, { nextInterval, coverage: before.coverage });
}

/**
 * Judges the readings that a block lists for an interval.
 *
 * @param context with the roster of that block
 * @param state before the interval
 * @param interval that the readings are for
 * @param readings as listed
 * @returns the readings, or the first fault: each valid, of this interval, one per member, in member order
 */
export function judgeInterval(
  context: LedgerContext,
  state: LedgerState,
  interval: IntervalIndex,
  readings: readonly SignedReading[],
): Verdict<readonly SignedReading[], IntervalRefusal> {
  let previous = "";
  for (const signed of readings) {
    if (signed.reading.interval !== interval || isSpanning(signed))
      return reject("READING_OTHER_INTERVAL", signed.reading.member);
    if (signed.reading.member <= previous) return reject("READING_ORDER", signed.reading.member);
    previous = signed.reading.member;
    const judged = judgeForSettlement(context, state, signed);
    if (judged.kind !== "accept") return judged;
  }
  return accept(readings);
}

/**
 * Settles one interval. A member without a usable reading is listed as missing and blocks nobody.
 *
 * @param context with the roster of the block
 * @param state before the interval, at the height of the block
 * @param readings accepted by {@link judgeInterval}
 * @returns the settled interval, and the state after it
 */
export function settleInterval(
  context: LedgerContext,
  state: LedgerState,
  readings: readonly SignedReading[],
): { readonly settled: SettledInterval; readonly state: LedgerState } {
  const interval = state.nextInterval;
  const byMember = new Map(readings.map((signed) => [signed.reading.member, signed]));
  const positions: MemberPosition[] = [];
  const missing: MissingMember[] = [];
  for (const member of context.roster.members) {
    const usable = usableEnergy(context, member, byMember.get(member.id));
    if (typeof usable === "string") missing.push({ member: member.id, reason: usable });
    else
      positions.push(
        positionOf({ member: member.id, generated: usable.generated, consumed: usable.consumed }),
      );
  }
  const standingOrders = ordersFor(context, state, interval);
  const outcome = balance({
    interval,
    positions,
    missing,
    tieOrder: context.tieOrder,
    mode: context.genesis.mode,
    standingOrders,
    feedInLimit: null,
  });
  const compliance = complianceOf({
    height: state.height,
    orders: standingOrders,
    positions: outcome.positions,
    resolutions: resolutionsOf(readings),
  });
  return {
    settled: { interval, readings, outcome, compliance },
    state: {
      ...state,
      nextInterval: laterInterval(interval, 1),
      members: membersAfter(context, state, byMember, outcome),
      orders: [
        ...state.orders.filter((order) => order.interval > interval),
        ...outcome.orders.map((order) => ({ ...order, acknowledged: false, givenAt: state.height })),
      ],
    },
  };
}

/** Orders of whoever has left bind nobody. */
function ordersFor(
  { roster }: LedgerContext,
  { orders }: LedgerState,
  interval: IntervalIndex,
): readonly StandingOrder[] {
  return orders.filter((order) => order.interval === interval && roster.byId.has(order.member));
}

/** A position is made of every meter's registers, so what they cannot tell adds up. */
function resolutionsOf(readings: readonly SignedReading[]): ReadonlyMap<MemberId, number> {
  return new Map(
    readings.flatMap(({ reading: { member, content } }) =>
      content.kind === "measured"
        ? [[member, content.meters.reduce((sum, meter) => sum + meter.resolutionMilliWh, 0)] as const]
        : [],
    ),
  );
}

function usableEnergy(
  context: LedgerContext,
  member: RosterMember,
  signed: SignedReading | undefined,
): Measured | string {
  if (signed === undefined) return SILENT;
  const { reading } = signed;
  const { content } = reading;
  const piece = pieceOf(reading, member, null);
  if (content.kind !== "measured" || piece === null)
    return content.kind === "missing" ? content.reason : SILENT;
  return isPlausible(reading, member, piece, boundOf(context, member)) ? content : QUARANTINED;
}

function boundOf({ genesis }: LedgerContext, member: RosterMember): Wh {
  return plausibleWh(member.connectionRatingW, genesis.intervalMs, genesis.timeLapse);
}

function membersAfter(
  context: LedgerContext,
  state: LedgerState,
  readings: ReadonlyMap<MemberId, SignedReading>,
  outcome: IntervalOutcome,
): ReadonlyMap<MemberId, MemberState> {
  const oldest = oldestOpen(state.nextInterval, context.genesis.intervalMs);
  const members = new Map<MemberId, MemberState>();
  for (const [id, before] of state.members) {
    const member = context.roster.byId.get(id);
    if (member === undefined) {
      // Who has left has no intervals any more.
      members.set(id, before);
      continue;
    }
    const signed = readings.get(id);
    const piece = signed === undefined ? null : pieceOf(signed.reading, member, null);
    const coverage = closeInterval(before.coverage, state.nextInterval, piece, oldest);
    const totals = totalsAfter(id, before.totals, outcome);
    const sequence = Math.max(before.sequence, signed?.reading.sequence ?? 0);
    members.set(id, { coverage, totals: withQuarantined(totals, id, signed, outcome), sequence });
  }
  return members;
}

/** What was set apart is not in the outcome's positions, but it was stated, and registers go on from it. */
function withQuarantined(
  totals: Totals,
  id: MemberId,
  signed: SignedReading | undefined,
  outcome: IntervalOutcome,
): Totals {
  const content = signed?.reading.content;
  const isApart = outcome.missing.some(({ member, reason }) => member === id && reason === QUARANTINED);
  if (!isApart || content?.kind !== "measured") return totals;
  const { generated, consumed } = totals.quarantined;
  return {
    ...totals,
    quarantined: {
      generated: wh(generated + content.generated),
      consumed: wh(consumed + content.consumed),
    },
  };
}

function totalsAfter(id: MemberId, before: Totals, outcome: IntervalOutcome): Totals {
  const position = outcome.positions.find((entry) => entry.member === id);
  const sum = (start: bigint, amounts: readonly bigint[]) =>
    wh(amounts.reduce((total, amount) => total + amount, start));
  return {
    ...before,
    generated: wh(before.generated + (position?.generated ?? 0n)),
    consumed: wh(before.consumed + (position?.consumed ?? 0n)),
    sold: sum(
      before.sold,
      outcome.trades.filter((trade) => trade.from === id).map((trade) => trade.wh),
    ),
    bought: sum(
      before.bought,
      outcome.trades.filter((trade) => trade.to === id).map((trade) => trade.wh),
    ),
  };
}
