/**
 * The balancing contract: one interval's positions in, its trades, signal, stop reason, orders and
 * residuals out. Every member recomputes it, so nothing but its input may move it.
 *
 * @source Dzobo, Malila, Sithole 2021, Steps 4–7; docs/market.md
 */
import type { MemberId } from "../membership/address.ts";
import { type IntervalIndex, type Wh, wh } from "../units.ts";
import { type Allocation, proRata, type Sides, sumOf } from "./allocation.ts";
import { type CurtailmentOrder, curtail, curtailGeneration } from "./curtail.ts";
import { MarketError } from "./marketError.ts";
import type { Trade } from "./pairing.ts";
import { type MemberPosition, positionOf } from "./position.ts";
import type { MemberAmount } from "./split.ts";
import { byMemberId, rotated } from "./tieOrder.ts";

/** A member without a reading by the cut-off. */
export type MissingMember = { readonly member: MemberId; readonly reason: string };

/** Everything one interval is balanced from. Lists may come in any order. */
export type BalanceInput = {
  readonly interval: IntervalIndex;
  readonly positions: readonly MemberPosition[];
  /** Together with `positions` exactly the members of `tieOrder`. */
  readonly missing: readonly MissingMember[];
  /** Tie order of the whole roster, not yet rotated. */
  readonly tieOrder: readonly MemberId[];
  readonly mode: "islanded" | "grid-tied";
  /** The orders that bind this interval, at most one a member and kind. */
  readonly standingOrders: readonly CurtailmentOrder[];
  /** Most that a grid-tied street may feed in as a whole, Wh ≥ 0; null for any amount. */
  readonly feedInLimit: Wh | null;
  /** Members that may not buy from others: their deficit takes no part, their excess does. */
  readonly ineligible: ReadonlySet<MemberId>;
};

/**
 * Totals of the interval without the deficits of ineligible members, Wh ≥ 0; `unmet` and `unsold` are both above 0 only
 * where limits of bids kept them apart.
 */
export type Signal = {
  readonly excess: Wh;
  readonly deficit: Wh;
  readonly unmet: Wh;
  readonly unsold: Wh;
};

/** Why the balancing ended: which side had nothing left, or both, or neither because their limits do not meet. */
export type StopReason = "no-deficit" | "no-excess" | "balanced" | "limits";

/** What a residual is. */
export const RESIDUAL_KINDS = ["bought", "fed-in", "imbalance"] as const;

/**
 * What a member exchanges with the base-load supplier, Wh > 0; in an islanded street only what an ineligible member
 * drew without having bought it, `imbalance`.
 */
export type Residual = {
  readonly member: MemberId;
  readonly kind: (typeof RESIDUAL_KINDS)[number];
  readonly wh: Wh;
};

/** The outcome of one interval. Trades stand in the sequence of the walk, every other list by member id. */
export type IntervalOutcome = {
  readonly interval: IntervalIndex;
  readonly positions: readonly MemberPosition[];
  readonly missing: readonly MissingMember[];
  readonly trades: readonly Trade[];
  readonly signal: Signal;
  readonly stop: StopReason;
  /** Orders that bind interval + 2: of consumption when islanded, of generation when grid-tied. */
  readonly orders: readonly CurtailmentOrder[];
  /** When islanded, of ineligible members only. */
  readonly residuals: readonly Residual[];
};

/**
 * Tells what the members of an interval could trade.
 *
 * @param input of the interval
 * @returns its two sides
 * @throws MarketError on an input that is not one interval of one roster, with the code of the fault
 * @source docs/market.md, "Position", "Ties", "Eligibility"
 */
export function sidesOf(input: BalanceInput): Sides {
  const positions = checkedPositions(input);
  const order = rotated(input.tieOrder, input.interval);
  const [excesses, deficits, unserved]: [MemberAmount[], MemberAmount[], MemberAmount[]] = [[], [], []];
  for (const member of order) {
    const position = positions.get(member) ?? 0n;
    const deficitSide = input.ineligible.has(member) ? unserved : deficits;
    if (position > 0n) excesses.push({ member, wh: wh(position) });
    if (position < 0n) deficitSide.push({ member, wh: wh(-position) });
  }
  return { excesses, deficits, unserved, order };
}

/**
 * Balances one interval.
 *
 * @param input positions, missing members, tie order, mode, standing orders and ineligible members of the interval
 * @param sides of the same input
 * @param allocation of these sides; pro-rata unless an auction made another
 * @returns the outcome; a function of the input's content, not of the sequence of its lists
 * @throws MarketError on an input that is not one interval of one roster, with the code of the fault
 * @source docs/market.md, "Split", "Trades", "Signal and stop", "Curtailment", "Residual", "Eligibility"
 */
export function balance(
  input: BalanceInput,
  sides: Sides = sidesOf(input),
  allocation: Allocation = proRata(sides),
): IntervalOutcome {
  const signal = signalOf(sides, allocation);
  const isIslanded = input.mode === "islanded";
  const positions = [...input.positions].sort(byMemberId);
  return {
    interval: input.interval,
    positions,
    missing: [...input.missing].sort(byMemberId),
    trades: allocation.trades,
    signal,
    stop: stopOf(signal),
    orders: ordersOf({ ...input, positions }, sides, allocation, signal),
    residuals: isIslanded ? imbalancesOf(sides) : residualsOf(positions, allocation),
  };
}

/** By member, once each position is known to be that of one member of the roster. */
function checkedPositions(input: BalanceInput): ReadonlyMap<MemberId, Wh> {
  const roster = new Set(input.tieOrder);
  const measured = new Map<MemberId, Wh>();
  const missing = new Set<MemberId>();
  if (roster.size !== input.tieOrder.length) {
    throw new MarketError("MARKET_DUPLICATE_MEMBER", { inTieOrder: input.tieOrder.length - roster.size });
  }
  for (const stated of input.positions) {
    const { member, position } = stated;
    checkMember(member, measured, roster);
    if (positionOf(stated).position !== position)
      throw new MarketError("MARKET_POSITION_MISMATCH", { member, positionWh: position });
    measured.set(member, position);
  }
  for (const { member } of input.missing) {
    checkMember(member, missing, roster);
    if (measured.has(member)) throw new MarketError("MARKET_BOTH_MEASURED_AND_MISSING", { member });
    missing.add(member);
  }
  if (measured.size + missing.size < roster.size) {
    const member = input.tieOrder.find((one) => !measured.has(one) && !missing.has(one)) ?? "";
    throw new MarketError("MARKET_MEMBER_UNACCOUNTED", { member });
  }
  return measured;
}

function checkMember(
  member: MemberId,
  seen: Pick<ReadonlySet<MemberId>, "has">,
  roster: ReadonlySet<MemberId>,
): void {
  if (!roster.has(member)) throw new MarketError("MARKET_NOT_IN_TIE_ORDER", { member });
  if (seen.has(member)) throw new MarketError("MARKET_DUPLICATE_MEMBER", { member });
}

function signalOf({ excesses, deficits }: Sides, { trades }: Allocation): Signal {
  const [excess, deficit, traded] = [sumOf(excesses), sumOf(deficits), sumOf(trades)];
  return { excess, deficit, unmet: wh(deficit - traded), unsold: wh(excess - traded) };
}

function stopOf({ unmet, unsold }: Signal): StopReason {
  if (unsold > 0n) return unmet > 0n ? "limits" : "no-deficit";
  return unmet > 0n ? "no-excess" : "balanced";
}

/** @param input with its positions by member id, in which orders are found without sorting them */
function ordersOf(
  { mode, interval, positions, standingOrders, feedInLimit, ineligible }: BalanceInput,
  { order: tieOrder }: Sides,
  { sold, bought }: Allocation,
  { unsold, unmet }: Signal,
): readonly CurtailmentOrder[] {
  const common = { interval, standingOrders, tieOrder };
  const amounts = (of: (position: bigint) => bigint, from: readonly MemberPosition[]) =>
    new Map(from.map(({ member, position }) => [member, positivePart(of(position))]));
  if (mode === "grid-tied") {
    const excesses = amounts((position) => position, positions);
    return curtailGeneration({ ...common, excesses, sold, unmet, feedInLimit });
  }
  const served = positions.filter(({ member, position }) => position >= 0n || !ineligible.has(member));
  return curtail({ ...common, deficits: amounts((position) => -position, served), bought, unsold });
}

function positivePart(amount: bigint): Wh {
  return wh(amount > 0n ? amount : 0n);
}

/** @param positions by member id, in which the residuals stand too */
function residualsOf(
  positions: readonly MemberPosition[],
  { sold, bought }: Allocation,
): readonly Residual[] {
  const residuals: Residual[] = [];
  for (const { member, position } of positions) {
    const left = position - (sold.get(member) ?? 0n) + (bought.get(member) ?? 0n);
    if (left !== 0n)
      residuals.push({
        member,
        ...(left > 0n ? { kind: "fed-in", wh: wh(left) } : { kind: "bought", wh: wh(-left) }),
      });
  }
  return residuals;
}

function imbalancesOf({ unserved }: Sides): readonly Residual[] {
  return unserved
    .map(({ member, wh: amount }): Residual => ({ member, kind: "imbalance", wh: amount }))
    .sort(byMemberId);
}
