/** An islanded street whose members obey: what a day of orders does to it, interval by interval. */
import { type BalanceInput, balance, type IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { CurtailmentOrder } from "../../agent/core/market/curtail.ts";
import { intervalIndex } from "../../agent/core/units.ts";
import { measured, testMember } from "./marketCases.ts";

/** What the street would do without orders; member 0 is the producer, consumer i is member i + 1. */
export type Weather = {
  readonly intervals: number;
  /** Excess of the producer in interval k, Wh. */
  readonly supply: (k: number) => bigint;
  /** Deficit consumer i would like in interval k, Wh; null while its meter is silent. */
  readonly desired: (k: number) => readonly (bigint | null)[];
  /** Orders that bind intervals 0 and 1 already. */
  readonly orders?: readonly CurtailmentOrder[];
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
 * Runs the street: every measured consumer draws what it desires or what its order allows.
 *
 * @param weather supply and desires
 * @param rule which orders follow an outcome
 * @returns every interval from 0
 */
export function runStreet(
  weather: Weather,
  rule: OrderRule = (outcome) => outcome.orders,
): readonly StreetInterval[] {
  const street: StreetInterval[] = [];
  let orders: readonly CurtailmentOrder[] = weather.orders ?? [];
  for (let k = 0; k < weather.intervals; k += 1) {
    const standing = orders.filter((order) => order.interval === k);
    const input = inputOf(weather, k, standing);
    const outcome = balance(input);
    const given = rule(outcome);
    orders = [...orders.filter((order) => order.interval > k), ...given];
    street.push({ input, outcome, given });
  }
  return street;
}

/** @param orders any @returns what they say, without the interval they bind: equal texts are equal orders */
export function ordersText(orders: readonly CurtailmentOrder[]): string {
  return orders.map((order) => `${order.member} ${order.maxDeficit}/${order.wanted}`).join(", ");
}

function inputOf(weather: Weather, k: number, standing: readonly CurtailmentOrder[]): BalanceInput {
  const consumers = weather.desired(k).map((desired, index) => {
    const member = testMember(index + 1);
    const order = standing.find((one) => one.member === member);
    if (desired === null) return { member, drawn: null };
    return { member, drawn: order !== undefined && order.maxDeficit < desired ? order.maxDeficit : desired };
  });
  return {
    interval: intervalIndex(k),
    mode: "islanded",
    positions: [
      measured(testMember(0), weather.supply(k), 0n),
      ...consumers.flatMap(({ member, drawn }) => (drawn === null ? [] : [measured(member, 0n, drawn)])),
    ],
    missing: consumers
      .filter(({ drawn }) => drawn === null)
      .map(({ member }) => ({ member, reason: "silent" })),
    tieOrder: [testMember(0), ...consumers.map(({ member }) => member)],
    standingOrders: standing,
    ineligible: new Set(),
  };
}
