/** What must hold of the orders of one balanced interval, checked from the input and the outcome alone. */
import type { BalanceInput, IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { CurtailmentOrder } from "../../agent/core/market/curtail.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { isLargestRemainder, ranks, sharesByHand, sum } from "./largestRemainder.ts";

/** One measured member: what it had and what it got rid of, or lacked and got. */
export type MemberSide = {
  readonly member: MemberId;
  readonly excess: bigint;
  readonly deficit: bigint;
  readonly sold: bigint;
  readonly bought: bigint;
};

/** One measured member: what it drew or gave, and how much of it the street could serve or take. */
type Need = { readonly member: MemberId; readonly amount: bigint; readonly allowed: bigint };

type Limit = { readonly max: bigint; readonly wanted: bigint };
type Limits = ReadonlyMap<MemberId, Limit>;

/** The two sides of a rule that is the same for both kinds of order. */
type Rule = {
  readonly kind: CurtailmentOrder["kind"];
  readonly needs: readonly Need[];
  /** What could have been served or taken on top. */
  readonly spare: bigint;
};

/**
 * Checks the orders of an outcome.
 *
 * @param input of the interval
 * @param outcome that is claimed for it
 * @param sides of every measured member
 * @returns the properties that do not hold
 */
export function orderViolations(
  input: BalanceInput,
  outcome: IntervalOutcome,
  sides: readonly MemberSide[],
): readonly ("order-wrong" | "orders-not-unmet")[] {
  const { orders } = outcome;
  const rule = ruleOf(input, outcome, sides);
  if (rule === null) return orders.length === 0 ? [] : ["order-wrong"];
  const standing = limitsOf(input.standingOrders.filter(({ kind }) => kind === rule.kind));
  const issued = limitsOf(orders);
  const isWellFormed = orders.every(
    (order, index) =>
      order.kind === rule.kind &&
      order.interval === input.interval + 2 &&
      limitOf(order) >= 0n &&
      limitOf(order) < order.wanted &&
      (index === 0 || orders[index - 1]!.member < order.member),
  );
  const isRight =
    isWellFormed &&
    rule.needs.every((need) => isRightFor(need, standing.get(need.member), issued.get(need.member))) &&
    areMissingCarried(input, standing, issued) &&
    areRaisesShared(input, rule, standing, issued);
  return [
    ...(isRight ? [] : ["order-wrong" as const]),
    ...(isSumOfUnmet(rule.needs, standing, issued) ? [] : ["orders-not-unmet" as const]),
  ];
}

/** @param order any @returns its limit in Wh */
export function limitOf(order: CurtailmentOrder): bigint {
  return order.kind === "consumption" ? order.maxDeficit : order.maxExcess;
}

/** Null where nothing is ever ordered: what is unsold may be fed in without a limit. */
function ruleOf(input: BalanceInput, outcome: IntervalOutcome, sides: readonly MemberSide[]): Rule | null {
  const { unsold, unmet } = outcome.signal;
  if (input.mode === "islanded") {
    const needs = sides.map(({ member, deficit, bought }) => ({ member, amount: deficit, allowed: bought }));
    return { kind: "consumption", needs, spare: unsold };
  }
  const { feedInLimit } = input;
  if (feedInLimit === null) return null;
  const rank = ranks(input);
  const open = sides.map(({ member, excess, sold }) => ({
    amount: excess - sold,
    rank: rank.get(member) ?? 0,
  }));
  const fedIn = sharesByHand(feedInLimit, open);
  const needs = sides.map(({ member, excess, sold }, at) => ({
    member,
    amount: excess,
    allowed: sold + fedIn[at]!,
  }));
  return { kind: "generation", needs, spare: unsold > feedInLimit ? 0n : feedInLimit - unsold + unmet };
}

function limitsOf(orders: readonly CurtailmentOrder[]): Limits {
  return new Map(orders.map((order) => [order.member, { max: limitOf(order), wanted: order.wanted }]));
}

/** A member's order follows its own need; by how much it is raised is the street's matter. */
function isRightFor(need: Need, standing: Limit | undefined, issued: Limit | undefined): boolean {
  if (need.allowed < need.amount) {
    const wanted = standing !== undefined && standing.wanted > need.amount ? standing.wanted : need.amount;
    return issued?.max === need.allowed && issued.wanted === wanted;
  }
  if (issued === undefined) return true;
  return standing?.wanted === issued.wanted && standing.max <= issued.max;
}

function areMissingCarried(input: BalanceInput, standing: Limits, issued: Limits): boolean {
  return input.missing.every(({ member }) => {
    const before = standing.get(member);
    const after = issued.get(member);
    return before?.max === after?.max && before?.wanted === after?.wanted;
  });
}

/**
 * What is to spare is shared out over what the standing orders of measured members take away. Without
 * any, an order of a member that lacks nothing stays what it is.
 */
function areRaisesShared(input: BalanceInput, rule: Rule, standing: Limits, issued: Limits): boolean {
  const served = new Set(rule.needs.filter((need) => need.allowed >= need.amount).map((need) => need.member));
  const rank = ranks(input);
  const raised = [...standing]
    .filter(([member]) => served.has(member))
    .map(([member, { max, wanted }]) => ({
      amount: wanted - max,
      share: (issued.get(member)?.max ?? wanted) - max,
      rank: rank.get(member) ?? 0,
    }));
  return isLargestRemainder(rule.spare, raised);
}

/** Orders of members that had none take away exactly what those members had too much. */
function isSumOfUnmet(needs: readonly Need[], standing: Limits, issued: Limits): boolean {
  const fresh = needs.filter((need) => !standing.has(need.member));
  const orders = [...issued].filter(([member]) => !standing.has(member));
  return (
    sum(fresh.map((need) => need.amount - need.allowed)) ===
    sum(orders.map(([, { max, wanted }]) => wanted - max))
  );
}
