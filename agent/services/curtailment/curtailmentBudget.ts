/**
 * How hard an actuator is to limit so that a household stays within an order: what the order leaves for the rest of the
 * interval, and what the household's other side makes up for. Power limits are no facts: nothing here is signed or settled.
 *
 * @source docs/market.md, "Acting"
 */
import type { OrderKind } from "../../core/market/curtail.ts";
import type { MeterRole } from "../../core/membership/enrolment.ts";
import { energyOf, hasFallen, type MeterSpan } from "../../core/metering/energy.ts";
import { wh } from "../../core/units.ts";
import type { MeterSample } from "../../ports/meter.ts";
import { registersOf } from "../metering/meterRegisters.ts";

/** What is left of an order, and what there is to keep it with. */
export type PowerBudget = {
  /** Deficit or excess that may still come, in Wh; below 0 when the order is exceeded already. */
  readonly leftWh: number;
  /** Real time that it has to last for, in ms, > 0. */
  readonly leftMs: number;
  /** Metered seconds per second, 1 on real meters. */
  readonly timeLapse: number;
  /** Power of the side that is not limited, in W, ≥ 0: own generation under an order of consumption, or the reverse. */
  readonly otherSideW: number;
  /** What the actuator limits, in W, > 0. */
  readonly ratedW: number;
};

/** One meter of the household, as last read. */
export type SampledMeter = { readonly role: MeterRole; readonly sample: MeterSample };

const MS_PER_HOUR = 3_600_000;
const UNLIMITED_PERMILLE = 1000;
/** What of the other side's power is counted on: a cloud may take the rest before the next look. */
const TRUSTED_SHARE = 0.5;

/** @param budget of an order @returns the limit in thousandths of the rated power, rounded down; 0 … 1000 */
export function limitPermille({ leftWh, leftMs, timeLapse, otherSideW, ratedW }: PowerBudget): number {
  const allowedW = (leftWh * MS_PER_HOUR) / (leftMs * timeLapse) + otherSideW * TRUSTED_SHARE;
  const permille = Math.floor((allowedW * UNLIMITED_PERMILLE) / ratedW);
  return Math.min(UNLIMITED_PERMILLE, Math.max(0, permille));
}

/**
 * @param kind of the order
 * @param start meters at the beginning of the interval
 * @param now the same meters in the same order
 * @returns deficit or excess so far in Wh, below 0 for the opposite; null when a register is missing or has fallen
 */
export function usedWh(
  kind: OrderKind,
  start: readonly SampledMeter[],
  now: readonly SampledMeter[],
): number | null {
  const spans: MeterSpan[] = [];
  for (const [index, { role, sample }] of now.entries()) {
    const before = start[index];
    const from = before === undefined ? null : registersOf(role, before.sample);
    const to = registersOf(role, sample);
    if (from === null || to === null) return null;
    spans.push({ role, start: from, end: to });
  }
  if (spans.length === 0 || spans.some(hasFallen)) return null;
  const { generated, consumed, carry } = energyOf(spans, wh(0n));
  const deficit = Number(consumed + carry - generated);
  return kind === "consumption" ? deficit : -deficit;
}

/**
 * @param kind of the order
 * @param now the household's meters
 * @returns power in W, ≥ 0, of the side that the order does not limit; 0 where no meter tells
 */
export function otherSideW(kind: OrderKind, now: readonly SampledMeter[]): number {
  const powerOf = (wanted: MeterRole) => now.find(({ role }) => role === wanted)?.sample.activePower ?? null;
  const generated = Math.max(0, -(powerOf("generation") ?? 0));
  if (kind === "consumption") return generated;
  const consumed = powerOf("consumption");
  if (consumed !== null) return Math.max(0, consumed);
  const grid = powerOf("grid");
  return grid === null ? 0 : Math.max(0, generated + grid);
}
