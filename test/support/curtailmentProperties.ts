/** What must hold of the orders of one balanced interval, checked from the input and the outcome alone. */
import type { BalanceInput, IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { CurtailmentOrder } from "../../agent/core/market/curtail.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { isLargestRemainder, ranks, sum } from "./largestRemainder.ts";

/** One measured member: what it lacked and what it got. */
export type Need = { readonly member: MemberId; readonly deficit: bigint; readonly bought: bigint };

/**
 * Checks the orders of an outcome.
 *
 * @param input of the interval
 * @param outcome that is claimed for it
 * @param needs of every measured member
 * @returns the properties that do not hold
 */
export function orderViolations(
  input: BalanceInput,
  outcome: IntervalOutcome,
  needs: readonly Need[],
): readonly ("order-wrong" | "orders-not-unmet")[] {
  const { orders } = outcome;
  if (input.mode === "grid-tied") return orders.length === 0 ? [] : ["order-wrong"];
  const standing = new Map(input.standingOrders.map((order) => [order.member, order]));
  const issued = new Map(orders.map((order) => [order.member, order]));
  const isWellFormed = orders.every(
    (order, index) =>
      order.interval === input.interval + 2 &&
      order.maxDeficit >= 0n &&
      order.maxDeficit < order.wanted &&
      (index === 0 || orders[index - 1]!.member < order.member),
  );
  const isRight =
    isWellFormed &&
    needs.every((need) => isRightFor(need, standing.get(need.member), issued.get(need.member))) &&
    areMissingCarried(input, standing, issued) &&
    areRaisesShared(input, outcome, needs, issued);
  return [
    ...(isRight ? [] : ["order-wrong" as const]),
    ...(isSumOfUnmet(needs, standing, issued) ? [] : ["orders-not-unmet" as const]),
  ];
}

/** A member's order follows its own need; by how much it is raised is the street's matter. */
function isRightFor(
  need: Need,
  standing: CurtailmentOrder | undefined,
  issued: CurtailmentOrder | undefined,
): boolean {
  if (need.bought < need.deficit) {
    const wanted = standing !== undefined && standing.wanted > need.deficit ? standing.wanted : need.deficit;
    return issued?.maxDeficit === need.bought && issued.wanted === wanted;
  }
  if (issued === undefined) return true;
  return standing?.wanted === issued.wanted && standing.maxDeficit <= issued.maxDeficit;
}

function areMissingCarried(
  input: BalanceInput,
  standing: ReadonlyMap<MemberId, CurtailmentOrder>,
  issued: ReadonlyMap<MemberId, CurtailmentOrder>,
): boolean {
  return input.missing.every(({ member }) => {
    const before = standing.get(member);
    const after = issued.get(member);
    return before?.maxDeficit === after?.maxDeficit && before?.wanted === after?.wanted;
  });
}

/**
 * Unsold excess is shared out over what the standing orders of measured members take away. Without
 * any, an order of a member that lacks nothing stays what it is.
 */
function areRaisesShared(
  input: BalanceInput,
  outcome: IntervalOutcome,
  needs: readonly Need[],
  issued: ReadonlyMap<MemberId, CurtailmentOrder>,
): boolean {
  const lacks = new Set(needs.filter((need) => need.bought < need.deficit).map((need) => need.member));
  const missing = new Set(input.missing.map((one) => one.member));
  const rank = ranks(input);
  const raised = input.standingOrders
    .filter((order) => !missing.has(order.member) && !lacks.has(order.member))
    .map((order) => ({
      amount: order.wanted - order.maxDeficit,
      share: (issued.get(order.member)?.maxDeficit ?? order.wanted) - order.maxDeficit,
      rank: rank.get(order.member) ?? 0,
    }));
  return isLargestRemainder(outcome.signal.unsold, raised);
}

/** Orders of members that had none take away exactly what those members lacked. */
function isSumOfUnmet(
  needs: readonly Need[],
  standing: ReadonlyMap<MemberId, CurtailmentOrder>,
  issued: ReadonlyMap<MemberId, CurtailmentOrder>,
): boolean {
  const fresh = needs.filter((need) => !standing.has(need.member));
  const orders = [...issued.values()].filter((order) => !standing.has(order.member));
  return (
    sum(fresh.map((need) => need.deficit - need.bought)) ===
    sum(orders.map((order) => order.wanted - order.maxDeficit))
  );
}
