/** A street whose members obey: what a day of orders does to it, interval by interval, of either kind. */
import { type BalanceInput, balance, type IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { CurtailmentOrder } from "../../agent/core/market/curtail.ts";
import { intervalIndex, wh } from "../../agent/core/units.ts";
import { limitOf } from "./curtailmentProperties.ts";
import { measured, testMember } from "./marketCases.ts";

/** What the obedient members would do without orders; obedient member i is member i + 1. */
type Wishes = {
  readonly intervals: number;
  /** Deficit, or excess, that obedient member i would like in interval k, Wh; null while its meter is silent. */
  readonly desired: (k: number) => readonly (bigint | null)[];
  /** Orders that bind intervals 0 and 1 already. */
  readonly orders?: readonly CurtailmentOrder[];
};

/** An islanded street: member 0 is the producer, the others consume. */
export type Weather = Wishes & {
  /** Excess of the producer in interval k, Wh. */
  readonly supply: (k: number) => bigint;
};

/** A grid-tied street: member 0 is the consumer, the others generate. */
export type Sunshine = Wishes & {
  /** Deficit of the consumer in interval k, Wh. */
  readonly demand: (k: number) => bigint;
  /** What the street may feed in in interval k, Wh; null for any amount. */
  readonly feedInLimit: (k: number) => bigint | null;
};

/** One interval of the street, and the orders that were given on its outcome. */
export type StreetInterval = {
  readonly input: BalanceInput;
  readonly outcome: IntervalOutcome;
  readonly given: readonly CurtailmentOrder[];
};

/** Replaces the orders of an outcome; the contract's own by default. */
export type OrderRule = (outcome: IntervalOutcome) => readonly CurtailmentOrder[];

/**
 * Runs the street: every measured consumer or producer does what it desires or what its order allows.
 *
 * @param street islanded or grid-tied
 * @param rule which orders follow an outcome
 * @returns every interval from 0
 */
export function runStreet(
  street: Weather | Sunshine,
  rule: OrderRule = (outcome) => outcome.orders,
): readonly StreetInterval[] {
  const run: StreetInterval[] = [];
  let orders: readonly CurtailmentOrder[] = street.orders ?? [];
  for (let k = 0; k < street.intervals; k += 1) {
    const standing = orders.filter((order) => order.interval === k);
    const input = inputOf(street, k, standing);
    const outcome = balance(input);
    const given = rule(outcome);
    orders = [...orders.filter((order) => order.interval > k), ...given];
    run.push({ input, outcome, given });
  }
  return run;
}

/** @param orders any @returns what they say, without the interval they bind: equal texts are equal orders */
export function ordersText(orders: readonly CurtailmentOrder[]): string {
  return orders.map((order) => `${order.member} ${order.kind} ${limitOf(order)}/${order.wanted}`).join(", ");
}

function inputOf(street: Weather | Sunshine, k: number, standing: readonly CurtailmentOrder[]): BalanceInput {
  const obedient = street.desired(k).map((desired, index) => {
    const member = testMember(index + 1);
    const order = standing.find((one) => one.member === member);
    if (desired === null) return { member, amount: null };
    return { member, amount: order !== undefined && limitOf(order) < desired ? limitOf(order) : desired };
  });
  const isIslanded = "supply" in street;
  const limit = isIslanded ? null : street.feedInLimit(k);
  return {
    interval: intervalIndex(k),
    mode: isIslanded ? "islanded" : "grid-tied",
    positions: [
      isIslanded
        ? measured(testMember(0), street.supply(k), 0n)
        : measured(testMember(0), 0n, street.demand(k)),
      ...obedient.flatMap(({ member, amount }) => {
        if (amount === null) return [];
        return [isIslanded ? measured(member, 0n, amount) : measured(member, amount, 0n)];
      }),
    ],
    missing: obedient
      .filter(({ amount }) => amount === null)
      .map(({ member }) => ({ member, reason: "silent" })),
    tieOrder: [testMember(0), ...obedient.map(({ member }) => member)],
    standingOrders: standing,
    feedInLimit: limit === null ? null : wh(limit),
    ineligible: new Set(),
  };
}

/** @param orders of one interval @param obedient members of the street @returns each one's limit, −1 for none */
export function limitsOf(orders: readonly CurtailmentOrder[], obedient: number): readonly bigint[] {
  const limits = new Map(orders.map((order) => [order.member, limitOf(order)]));
  return Array.from({ length: obedient }, (_, index) => limits.get(testMember(index + 1)) ?? -1n);
}

/** @param run of the street @returns true when every interval orders what the one two before it ordered */
export function isAtRest(run: readonly StreetInterval[]): boolean {
  return run.every(({ given }, index) => {
    const before = run[index - 2];
    return before === undefined || ordersText(before.given) === ordersText(given);
  });
}
