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
import type { SideAmounts, Trade } from "./pairing.ts";
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
  checkMembers(input);
  const isOut = ({ member, position }: MemberPosition) => position < 0n && input.ineligible.has(member);
  const deficitsOf = (positions: readonly MemberPosition[]) => amountsOf(positions, (position) => -position);
  return {
    excesses: amountsOf(input.positions, (position) => position),
    deficits: deficitsOf(input.positions.filter((position) => !isOut(position))),
    unserved: deficitsOf(input.positions.filter(isOut)),
    order: rotated(input.tieOrder, input.interval),
  };
}

/**
 * Balances one interval.
 *
 * @param input positions, missing members, tie order, mode, standing orders and ineligible members of the interval
 * @param allocation of its sides; pro-rata unless an auction made another
 * @returns the outcome; a function of the input's content, not of the sequence of its lists
 * @throws MarketError on an input that is not one interval of one roster, with the code of the fault
 * @source docs/market.md, "Split", "Trades", "Signal and stop", "Curtailment", "Residual", "Eligibility"
 */
export function balance(
  input: BalanceInput,
  allocation: Allocation = proRata(sidesOf(input)),
): IntervalOutcome {
  const sides = sidesOf(input);
  const signal = signalOf(sides, allocation);
  const isIslanded = input.mode === "islanded";
  return {
    interval: input.interval,
    positions: [...input.positions].sort(byMemberId),
    missing: [...input.missing].sort(byMemberId),
    trades: allocation.trades,
    signal,
    stop: stopOf(signal),
    orders: ordersOf(input, sides, allocation, signal),
    residuals: isIslanded
      ? [...remaindersOf("imbalance", sides.unserved, allocation.bought)].sort(byMemberId)
      : residualsOf(sides, allocation),
  };
}

function checkMembers(input: BalanceInput): void {
  const roster = new Set(input.tieOrder);
  const measured = new Set<MemberId>();
  const missing = new Set<MemberId>();
  if (roster.size !== input.tieOrder.length) {
    throw new MarketError("MARKET_DUPLICATE_MEMBER", { inTieOrder: input.tieOrder.length - roster.size });
  }
  for (const position of input.positions) {
    enter(position.member, measured, roster);
    if (positionOf(position).position !== position.position) {
      throw new MarketError("MARKET_POSITION_MISMATCH", {
        member: position.member,
        positionWh: position.position,
      });
    }
  }
  for (const { member } of input.missing) {
    enter(member, missing, roster);
    if (measured.has(member)) throw new MarketError("MARKET_BOTH_MEASURED_AND_MISSING", { member });
  }
  for (const member of input.tieOrder) {
    if (!measured.has(member) && !missing.has(member))
      throw new MarketError("MARKET_MEMBER_UNACCOUNTED", { member });
  }
}

function enter(member: MemberId, seen: Set<MemberId>, roster: ReadonlySet<MemberId>): void {
  if (!roster.has(member)) throw new MarketError("MARKET_NOT_IN_TIE_ORDER", { member });
  if (seen.has(member)) throw new MarketError("MARKET_DUPLICATE_MEMBER", { member });
  seen.add(member);
}

function amountsOf(
  positions: readonly MemberPosition[],
  side: (position: bigint) => bigint,
): readonly MemberAmount[] {
  return positions.map(({ member, position }) => ({ member, wh: positivePart(side(position)) }));
}

function positivePart(amount: bigint): Wh {
  return wh(amount > 0n ? amount : 0n);
}

function signalOf({ excesses, deficits }: Sides, { trades }: Allocation): Signal {
  const [excess, deficit, traded] = [sumOf(excesses), sumOf(deficits), sumOf(trades)];
  return { excess, deficit, unmet: wh(deficit - traded), unsold: wh(excess - traded) };
}

function stopOf({ unmet, unsold }: Signal): StopReason {
  if (unsold > 0n) return unmet > 0n ? "limits" : "no-deficit";
  return unmet > 0n ? "no-excess" : "balanced";
}

function ordersOf(
  { mode, interval, standingOrders, feedInLimit }: BalanceInput,
  { deficits, excesses, order: tieOrder }: Sides,
  { sold, bought }: Allocation,
  { unsold, unmet }: Signal,
): readonly CurtailmentOrder[] {
  const common = { interval, standingOrders, tieOrder };
  return mode === "islanded"
    ? curtail({ ...common, deficits: byMember(deficits), bought, unsold })
    : curtailGeneration({ ...common, excesses: byMember(excesses), sold, unmet, feedInLimit });
}

function byMember(amounts: readonly MemberAmount[]): ReadonlyMap<MemberId, Wh> {
  return new Map(amounts.map((amount) => [amount.member, amount.wh]));
}

function residualsOf(sides: Sides, { sold, bought }: Allocation): readonly Residual[] {
  return [
    ...remaindersOf("bought", [...sides.deficits, ...sides.unserved], bought),
    ...remaindersOf("fed-in", sides.excesses, sold),
  ].sort(byMemberId);
}

function remaindersOf(
  kind: Residual["kind"],
  amounts: readonly MemberAmount[],
  traded: SideAmounts,
): readonly Residual[] {
  return amounts
    .map(
      ({ member, wh: amount }): Residual => ({ member, kind, wh: wh(amount - (traded.get(member) ?? 0n)) }),
    )
    .filter((residual) => residual.wh > 0n);
}
