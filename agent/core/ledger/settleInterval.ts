/** One interval: from the readings that a block takes to the market's outcome and the state after it. */
import { balance, type IntervalOutcome, type MissingMember } from "../market/balance.ts";
import { type MemberPosition, positionOf } from "../market/position.ts";
import type { MemberId } from "../membership/address.ts";
import type { RosterMember } from "../membership/roster.ts";
import { energyOf, largestAdvance, plausibleWh, spansOf } from "../metering/energy.ts";
import { laterInterval } from "../metering/interval.ts";
import type { Measured, SignedReading } from "../metering/reading.ts";
import {
  judgeReading,
  judgeSuccession,
  type LastReading,
  type ReadingRefusal,
} from "../metering/validate.ts";
import { type IntervalIndex, wh } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { SettledInterval } from "./block.ts";
import type { LedgerContext } from "./context.ts";
import type { LedgerState, MemberState, Totals } from "./state.ts";

/** Why a member without a reading is missing. */
const SILENT = "silent";
/** Why a member whose reading exceeds its connection's rating is missing. */
const QUARANTINED = "quarantined";

/** Codes the readings of an interval are refused with. */
export type IntervalRefusal = ReadingRefusal | "READING_ORDER" | "READING_OTHER_INTERVAL";

/**
 * Judges one reading for settlement in a block.
 *
 * @param context with the roster of that block
 * @param state before the interval
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
  return judgeSuccession(signed, state.members.get(signed.reading.member)?.last ?? null);
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
    if (signed.reading.interval !== interval) return reject("READING_OTHER_INTERVAL", signed.reading.member);
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
 * @param state before the interval
 * @param readings accepted by {@link judgeInterval}
 * @returns the settled interval, and the state after it; the height is the caller's
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
  const outcome = balance({
    interval,
    positions,
    missing,
    tieOrder: context.tieOrder,
    mode: context.genesis.mode,
    standingOrders: state.orders.filter((order) => order.interval === interval),
  });
  return {
    settled: { interval, readings, outcome },
    state: {
      ...state,
      nextInterval: laterInterval(interval, 1),
      members: membersAfter(context, state, byMember, outcome),
      orders: [...state.orders.filter((order) => order.interval > interval), ...outcome.orders],
    },
  };
}

function usableEnergy(
  context: LedgerContext,
  member: RosterMember,
  signed: SignedReading | undefined,
): Measured | string {
  if (signed === undefined) return SILENT;
  const { content } = signed.reading;
  if (content.kind === "missing") return content.reason;
  const boundWh = plausibleWh(
    member.connectionRatingW,
    context.genesis.intervalMs,
    context.genesis.timeLapse,
  );
  const isPlausible =
    content.generated <= boundWh &&
    content.consumed <= boundWh &&
    spansOf(member, content).every((span) => largestAdvance(span) <= boundWh);
  return isPlausible ? content : QUARANTINED;
}

function membersAfter(
  context: LedgerContext,
  state: LedgerState,
  readings: ReadonlyMap<MemberId, SignedReading>,
  outcome: IntervalOutcome,
): ReadonlyMap<MemberId, MemberState> {
  const members = new Map<MemberId, MemberState>();
  for (const [id, before] of state.members) {
    const signed = readings.get(id);
    const member = context.roster.byId.get(id);
    const last =
      signed === undefined || member === undefined ? before.last : lastAfter(member, before.last, signed);
    members.set(id, { last, totals: totalsAfter(id, before.totals, outcome) });
  }
  return members;
}

function lastAfter(
  member: RosterMember,
  before: LastReading | null,
  { reading }: SignedReading,
): LastReading {
  const { interval, sequence, content } = reading;
  if (content.kind === "missing") {
    return {
      interval,
      sequence,
      registers: before?.registers ?? [],
      measuredInterval: before?.measuredInterval ?? null,
      carry: before?.carry ?? wh(0n),
    };
  }
  return {
    interval,
    sequence,
    registers: content.meters.map((meter) => meter.end),
    measuredInterval: interval,
    carry: energyOf(spansOf(member, content), content.carryIn).carry,
  };
}

function totalsAfter(id: MemberId, before: Totals, outcome: IntervalOutcome): Totals {
  const position = outcome.positions.find((entry) => entry.member === id);
  const sum = (start: bigint, amounts: readonly bigint[]) =>
    wh(amounts.reduce((total, amount) => total + amount, start));
  return {
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
