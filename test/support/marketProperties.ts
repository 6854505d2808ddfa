/**
 * What must hold of every balanced interval, checked from the input and the outcome alone: nothing
 * here calls the code under test, so that a street simulator can hold any gateway to it.
 *
 * @source docs/market.md
 */
import type { BalanceInput, IntervalOutcome, StopReason } from "../../agent/core/market/balance.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { orderViolations } from "./curtailmentProperties.ts";
import { isLargestRemainder, type Part, ranks, sum } from "./largestRemainder.ts";

/** Name of a property that does not hold. */
export type MarketViolation =
  | "members-changed"
  | "not-conserved"
  | "sold-above-excess"
  | "bought-above-deficit"
  | "not-pro-rata"
  | "trade-not-positive"
  | "trades-out-of-walk"
  | "too-many-trades"
  | "signal-wrong"
  | "unmet-and-unsold"
  | "stop-wrong"
  | "residual-wrong"
  | "order-wrong"
  | "orders-not-unmet"
  | "permutation-matters"
  | "cut-moves-too-much";

/** One member's side of the interval as the input gives it and the trades leave it. */
type Side = {
  readonly member: MemberId;
  readonly excess: bigint;
  /** 0 of an ineligible member: its deficit is `unserved`. */
  readonly deficit: bigint;
  readonly unserved: bigint;
  readonly sold: bigint;
  readonly bought: bigint;
};

/** What an auction gives up: bids keep members apart, and wishes reorder the walk. */
const OF_THE_SPLIT: ReadonlySet<MarketViolation> = new Set([
  "not-pro-rata",
  "trades-out-of-walk",
  "too-many-trades",
]);

/**
 * Checks one outcome.
 *
 * @param input of the interval
 * @param outcome that is claimed for it
 * @param pricing by which it was traded
 * @returns the properties that do not hold, none for a right outcome
 */
export function outcomeViolations(
  input: BalanceInput,
  outcome: IntervalOutcome,
  pricing: "schedule" | "auction" = "schedule",
): readonly MarketViolation[] {
  const isAuction = pricing === "auction";
  const sides = sidesOf(input, outcome);
  const { excess, deficit, unmet, unsold } = outcome.signal;
  const traded = sum(outcome.trades.map((trade) => trade.wh));
  const holds: Partial<Record<MarketViolation, boolean>> = {
    "members-changed": hasItsMembers(input, outcome),
    "not-conserved": traded === excess - unsold && traded === deficit - unmet,
    "sold-above-excess": sides.every((side) => side.sold <= side.excess),
    "bought-above-deficit": sides.every((side) => side.bought <= side.deficit),
    "not-pro-rata": isProRata(input, sides),
    "trade-not-positive": outcome.trades.every((trade) => trade.wh > 0n && trade.from !== trade.to),
    "trades-out-of-walk": isOneWalk(input, outcome),
    "too-many-trades": outcome.trades.length <= mostTrades(sides),
    "signal-wrong":
      excess === sum(sides.map((side) => side.excess)) && deficit === sum(sides.map((side) => side.deficit)),
    "unmet-and-unsold": unmet >= 0n && unsold >= 0n && (isAuction || unmet === 0n || unsold === 0n),
    "stop-wrong": outcome.stop === stopFor(unmet, unsold),
    "residual-wrong": areResidualsExact(input, outcome, sides, isAuction),
  };
  const broken = Object.entries(holds).filter(([, isHeld]) => !isHeld);
  const names = broken.map(([name]) => name as MarketViolation);
  const apart = sides
    .filter((side) => input.mode === "islanded" && side.unserved > 0n)
    .map(({ member }) => ({ member, reason: "ineligible" }));
  // Orders know nothing of a deficit that took no part: its member is to them as if it were missing.
  const asOrdered = { ...input, missing: [...input.missing, ...apart] };
  const needs = sides.filter(({ member }) => apart.every((other) => other.member !== member));
  return [
    ...names.filter((name) => !isAuction || !OF_THE_SPLIT.has(name)),
    ...orderViolations(asOrdered, outcome, needs),
  ];
}

/**
 * Checks that the sequence of the input's lists does not matter.
 *
 * @param outcome of the street
 * @param permuted outcome of the same street in another sequence
 * @returns the violation, if any
 */
export function permutationViolations(
  outcome: IntervalOutcome,
  permuted: IntervalOutcome,
): readonly MarketViolation[] {
  return textOf(outcome) === textOf(permuted) ? [] : ["permutation-matters"];
}

/**
 * Checks what cutting one member into k parts does to everybody else: at most k Wh in total, and
 * nothing to the signal, the stop reason and the other side.
 *
 * @param whole outcome with the member
 * @param parted outcome with its parts in its place
 * @param member that was cut
 * @param partCount k
 * @returns the violation, if any
 */
export function cutViolations(
  whole: IntervalOutcome,
  parted: IntervalOutcome,
  member: MemberId,
  partCount: number,
): readonly MarketViolation[] {
  const before = netOf(whole);
  const after = netOf(parted);
  const others = whole.positions.filter((one) => one.member !== member).map((one) => one.member);
  const moves = others.map((other) => {
    const move = (after.get(other) ?? 0n) - (before.get(other) ?? 0n);
    return move < 0n ? -move : move;
  });
  const isSameStreet = textOf([whole.signal, whole.stop]) === textOf([parted.signal, parted.stop]);
  return isSameStreet && sum(moves) <= BigInt(partCount) ? [] : ["cut-moves-too-much"];
}

function sidesOf(input: BalanceInput, outcome: IntervalOutcome): readonly Side[] {
  return input.positions.map(({ member, generated, consumed }) => ({
    member,
    excess: generated > consumed ? generated - consumed : 0n,
    deficit: consumed > generated && !input.ineligible.has(member) ? consumed - generated : 0n,
    unserved: consumed > generated && input.ineligible.has(member) ? consumed - generated : 0n,
    sold: sum(outcome.trades.filter((trade) => trade.from === member).map((trade) => trade.wh)),
    bought: sum(outcome.trades.filter((trade) => trade.to === member).map((trade) => trade.wh)),
  }));
}

/** Every measured and missing member exactly as it came in, ascending by id; trades only among the measured. */
function hasItsMembers(input: BalanceInput, outcome: IntervalOutcome): boolean {
  const sorted = <T extends { readonly member: MemberId }>(list: readonly T[]) =>
    [...list].sort((left, right) => (left.member < right.member ? -1 : 1));
  const measured = new Set(input.positions.map((one) => one.member));
  return (
    textOf(sorted(input.positions)) === textOf(outcome.positions) &&
    textOf(sorted(input.missing)) === textOf(outcome.missing) &&
    outcome.interval === input.interval &&
    outcome.trades.every((trade) => measured.has(trade.from) && measured.has(trade.to))
  );
}

/** What the other side has is the total that a side splits, as far as its own amounts go. */
function isProRata(input: BalanceInput, sides: readonly Side[]): boolean {
  const rank = ranks(input);
  const part = (member: MemberId, amount: bigint, share: bigint): Part => ({
    amount,
    share,
    rank: rank.get(member) ?? 0,
  });
  return (
    isLargestRemainder(
      sum(sides.map((side) => side.deficit)),
      sides.map((side) => part(side.member, side.excess, side.sold)),
    ) &&
    isLargestRemainder(
      sum(sides.map((side) => side.excess)),
      sides.map((side) => part(side.member, side.deficit, side.bought)),
    )
  );
}

/** Sellers and buyers both appear in rotated tie order and never again once they were left. */
function isOneWalk(input: BalanceInput, outcome: IntervalOutcome): boolean {
  const rank = ranks(input);
  return outcome.trades.every((trade, index) => {
    const next = outcome.trades[index + 1];
    if (next === undefined) return true;
    const seller = (rank.get(next.from) ?? 0) - (rank.get(trade.from) ?? 0);
    const buyer = (rank.get(next.to) ?? 0) - (rank.get(trade.to) ?? 0);
    return seller >= 0 && buyer >= 0 && seller + buyer > 0;
  });
}

function mostTrades(sides: readonly Side[]): number {
  const sellers = sides.filter((side) => side.excess > 0n).length;
  const buyers = sides.filter((side) => side.deficit > 0n).length;
  return sellers === 0 || buyers === 0 ? 0 : sellers + buyers - 1;
}

function stopFor(unmet: bigint, unsold: bigint): StopReason {
  if (unmet === 0n && unsold === 0n) return "balanced";
  if (unmet > 0n && unsold > 0n) return "limits";
  return unsold > 0n ? "no-deficit" : "no-excess";
}

/**
 * Grid-tied, every position is used up by trades and residual together, and without bids all residuals but those of
 * ineligible members are of one kind. Islanded, ineligible members have one, and nobody else.
 */
function areResidualsExact(
  input: BalanceInput,
  outcome: IntervalOutcome,
  sides: readonly Side[],
  isAuction: boolean,
): boolean {
  const { residuals } = outcome;
  const isSorted = residuals.every((one, index) => index === 0 || residuals[index - 1]!.member < one.member);
  const arePositive = residuals.every((residual) => residual.wh > 0n);
  const sumOf = (member: MemberId, kind: (typeof residuals)[number]["kind"]) =>
    sum(residuals.filter((one) => one.member === member && one.kind === kind).map((one) => one.wh));
  if (input.mode === "islanded")
    return (
      sides.every((side) => sumOf(side.member, "imbalance") === side.unserved) &&
      residuals.every(({ kind }) => kind === "imbalance") &&
      isSorted &&
      arePositive
    );
  const isExact = sides.every(
    (side) =>
      side.sold + sumOf(side.member, "fed-in") === side.excess &&
      side.bought + sumOf(side.member, "bought") === side.deficit + side.unserved,
  );
  const unserved = new Set(sides.filter((side) => side.unserved > 0n).map(({ member }) => member));
  const kinds = new Set(residuals.filter(({ member }) => !unserved.has(member)).map(({ kind }) => kind));
  const areOfOneKind = isAuction || kinds.size <= 1;
  return isExact && isSorted && areOfOneKind && !kinds.has("imbalance") && arePositive;
}

function netOf(outcome: IntervalOutcome): ReadonlyMap<MemberId, bigint> {
  const net = new Map<MemberId, bigint>();
  for (const { from, to, wh } of outcome.trades) {
    net.set(from, (net.get(from) ?? 0n) - wh);
    net.set(to, (net.get(to) ?? 0n) + wh);
  }
  return net;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? `${inner}n` : inner));
}
