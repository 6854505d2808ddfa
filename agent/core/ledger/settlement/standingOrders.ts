/** Curtailment orders between the block that gives them and the one that settles their interval. */
import type { IntervalOutcome } from "../../market/balance.ts";
import { type ComplianceEntry, complianceOf } from "../../market/compliance.ts";
import type { StandingOrder } from "../../market/curtail.ts";
import type { MemberId } from "../../membership/address.ts";
import type { SignedReading } from "../../metering/reading.ts";
import type { IntervalIndex } from "../../units.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";

/**
 * @param context with the roster of the block
 * @param state before the interval
 * @param interval that is settled
 * @returns the orders that bind it; those of whoever has left bind nobody
 */
export function ordersBinding(
  { roster }: LedgerContext,
  { orders }: LedgerState,
  interval: IntervalIndex,
): readonly StandingOrder[] {
  return orders.filter((order) => order.interval === interval && roster.byId.has(order.member));
}

/**
 * @param state before the interval, at the height of the block
 * @param outcome of the interval
 * @returns the orders that bind later ones
 */
export function ordersAfter(
  { orders, height }: LedgerState,
  outcome: IntervalOutcome,
): readonly StandingOrder[] {
  return [
    ...orders.filter((order) => order.interval > outcome.interval),
    ...outcome.orders.map((order) => ({ ...order, acknowledged: false, givenAt: height })),
  ];
}

/**
 * @param state before the interval, at the height of the block
 * @param orders that bind it
 * @param outcome of the interval
 * @param readings that it was settled from
 * @returns what became of the orders
 */
export function complianceIn(
  { height }: LedgerState,
  orders: readonly StandingOrder[],
  { positions }: IntervalOutcome,
  readings: readonly SignedReading[],
): readonly ComplianceEntry[] {
  return complianceOf({ height, orders, positions, resolutions: resolutionsOf(readings) });
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
