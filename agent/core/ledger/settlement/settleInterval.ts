/** One interval: from the readings that a block takes to the market's outcome and the state after it. */
import { balanceOf, type Money, posted } from "../../market/accounts.ts";
import type { BalanceInput, IntervalOutcome, MissingMember } from "../../market/balance.ts";
import { openBids } from "../../market/bid.ts";
import { connectionBound, mayBuy, policyAt, stillDeployed } from "../../market/policy.ts";
import { type MemberPosition, positionOf } from "../../market/position.ts";
import { generatedByFuel } from "../../market/provenance.ts";
import { postingsOf, type Settlement, settle } from "../../market/settle.ts";
import { type Source, type TradedInterval, tradeInterval } from "../../market/tradeInterval.ts";
import type { MemberId } from "../../membership/address.ts";
import type { Policy } from "../../membership/policy.ts";
import type { RosterMember } from "../../membership/roster.ts";
import { closeInterval, oldestOpen } from "../../metering/coverage.ts";
import { laterInterval } from "../../metering/interval.ts";
import { isPlausible, pieceOf } from "../../metering/piece.ts";
import type { Measured, SignedReading } from "../../metering/reading.ts";
import { isSpanning, type ReadingRefusal } from "../../metering/validate.ts";
import { type IntervalIndex, wh } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState, MemberState, Totals } from "../state/state.ts";
import { judgeForSettlement } from "./judgeForSettlement.ts";
import type { SettledInterval } from "./settledInterval.ts";
import { complianceIn, ordersAfter, ordersBinding } from "./standingOrders.ts";

/** Why a member without a reading is missing. */
const SILENT = "silent";
/** Why a member whose reading exceeds its connection's rating is missing. */
const QUARANTINED = "quarantined";

/** What one interval adds to a member's totals, Wh ≥ 0. */
type MemberOutcome = {
  readonly generated: bigint;
  readonly consumed: bigint;
  sold: bigint;
  bought: bigint;
  readonly isQuarantined: boolean;
};

const NO_ENERGY: Readonly<MemberOutcome> = {
  generated: 0n,
  consumed: 0n,
  sold: 0n,
  bought: 0n,
  isQuarantined: false,
};

/** Codes the readings of an interval are refused with. */
export type IntervalRefusal = ReadingRefusal | "READING_ORDER" | "READING_OTHER_INTERVAL";

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
 * @param found the money that the block found: who may buy is known before anything of it is settled
 * @returns the settled interval, and the state after it
 */
export function settleInterval(
  context: LedgerContext,
  state: LedgerState,
  readings: readonly SignedReading[],
  found: Money,
): { readonly settled: SettledInterval; readonly state: LedgerState } {
  const interval = state.nextInterval;
  const policy = policyAt(state.policies, interval);
  const byMember = new Map(readings.map((signed) => [signed.reading.member, signed]));
  const { positions, sources, missing } = statedBy(context, policy, byMember);
  const standingOrders = ordersBinding(context, state, interval);
  const ineligible = positions.flatMap(({ member, position }) =>
    position < 0n && !mayBuy(policy, member, balanceOf(found, member)) ? [member] : [],
  );
  const input: BalanceInput = {
    interval,
    positions,
    missing,
    tieOrder: context.tieOrder,
    mode: context.genesis.mode,
    standingOrders,
    ineligible: new Set(ineligible),
    feedInLimit: policy?.feedInLimit ?? null,
  };
  const traded = tradeInterval({ input, policy, bids: state.bids, sources });
  const { outcome } = traded;
  const { settlement, money } = moneyAfter(state.money, policy, traded, ineligible);
  const compliance = complianceIn(state, standingOrders, outcome, readings);
  const oldest = oldestOpen(state.nextInterval, context.genesis.intervalMs);
  return {
    settled: { interval, readings, outcome, compliance, settlement },
    state: {
      ...state,
      nextInterval: laterInterval(interval, 1),
      members: membersAfter(context, state, byMember, outcome),
      money,
      policies: stillDeployed(state.policies, oldest),
      bids: openBids(state.bids, laterInterval(interval, 1), (member) => context.roster.byId.has(member)),
      orders: ordersAfter(state, outcome),
    },
  };
}

/** What each member did, where its energy comes from, and who is missing. */
function statedBy(
  context: LedgerContext,
  policy: Policy | null,
  byMember: ReadonlyMap<MemberId, SignedReading>,
) {
  const positions: MemberPosition[] = [];
  const sources = new Map<MemberId, Source>();
  const missing: MissingMember[] = [];
  for (const member of context.roster.members) {
    const usable = usableEnergy(context, policy, member, byMember.get(member.id));
    if (typeof usable === "string") {
      missing.push({ member: member.id, reason: usable });
      continue;
    }
    const { generated, consumed } = usable;
    positions.push(positionOf({ member: member.id, generated, consumed }));
    sources.set(member.id, { area: member.area, generated: generatedByFuel(member, usable) });
  }
  return { positions, sources, missing };
}

/** Without a policy, or where an account would leave 64 bits, no coin moves. */
function moneyAfter(
  before: Money,
  policy: Policy | null,
  traded: TradedInterval,
  ineligible: readonly MemberId[],
): { readonly settlement: Settlement | null; readonly money: Money } {
  const settlement = policy === null ? null : settle({ ...traded, policy, ineligible });
  const money = settlement === null ? null : posted(before, postingsOf(traded.outcome, settlement));
  return money === null ? { settlement: null, money: before } : { settlement, money };
}

function usableEnergy(
  context: LedgerContext,
  policy: Policy | null,
  member: RosterMember,
  signed: SignedReading | undefined,
): Measured | string {
  if (signed === undefined) return SILENT;
  const { reading } = signed;
  const { content } = reading;
  const piece = pieceOf(reading, member, null);
  if (content.kind !== "measured" || piece === null)
    return content.kind === "missing" ? content.reason : SILENT;
  return isPlausible(reading, member, piece, connectionBound(context.genesis, policy, member))
    ? content
    : QUARANTINED;
}

function membersAfter(
  context: LedgerContext,
  state: LedgerState,
  readings: ReadonlyMap<MemberId, SignedReading>,
  outcome: IntervalOutcome,
): ReadonlyMap<MemberId, MemberState> {
  const oldest = oldestOpen(state.nextInterval, context.genesis.intervalMs);
  const energies = energiesOf(outcome);
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
    const totals = totalsAfter(before.totals, signed, energies.get(id) ?? NO_ENERGY);
    const sequence = Math.max(before.sequence, signed?.reading.sequence ?? 0);
    members.set(id, { coverage, totals, sequence });
  }
  return members;
}

/** What the outcome has of each member that it names. */
function energiesOf({ positions, missing, trades }: IntervalOutcome): ReadonlyMap<MemberId, MemberOutcome> {
  const energies = new Map<MemberId, MemberOutcome>();
  for (const { member, generated, consumed } of positions)
    energies.set(member, { generated, consumed, sold: 0n, bought: 0n, isQuarantined: false });
  for (const { member, reason } of missing)
    energies.set(member, { ...NO_ENERGY, isQuarantined: reason === QUARANTINED });
  for (const { from, to, wh: traded } of trades) {
    const [seller, buyer] = [energies.get(from), energies.get(to)];
    if (seller !== undefined) seller.sold += traded;
    if (buyer !== undefined) buyer.bought += traded;
  }
  return energies;
}

/** What was set apart is not in the outcome's positions, but it was stated, and registers go on from it. */
function totalsAfter(
  before: Totals,
  signed: SignedReading | undefined,
  energy: Readonly<MemberOutcome>,
): Totals {
  const content = signed?.reading.content;
  const isApart = energy.isQuarantined && content?.kind === "measured";
  const { generated, consumed } = before.quarantined;
  return {
    generated: wh(before.generated + energy.generated),
    consumed: wh(before.consumed + energy.consumed),
    sold: wh(before.sold + energy.sold),
    bought: wh(before.bought + energy.bought),
    corrected: before.corrected,
    quarantined: isApart
      ? { generated: wh(generated + content.generated), consumed: wh(consumed + content.consumed) }
      : before.quarantined,
  };
}
