/**
 * E_G and E_C of an interval from cumulative registers at its two ends.
 * Energy is always a difference of registers, never integrated power.
 *
 * @source docs/market.md, "Quantities"
 */
import type { EnrolmentBody, MeterRole } from "../membership/enrolment.ts";
import { type Wh, wh } from "../units.ts";

/** Cumulative registers of one meter at one instant: export for generation, import for consumption, both for grid. */
export type Registers = readonly Wh[];

/** One meter over an interval. */
export type MeterSpan = {
  readonly role: MeterRole;
  readonly start: Registers;
  readonly end: Registers;
};

/**
 * What a household generated and consumed. `carry` is consumption that came out negative because two meters
 * are not read at the very same instant; it is taken off the next reading, never dropped.
 */
export type IntervalEnergy = { readonly generated: Wh; readonly consumed: Wh; readonly carry: Wh };

/**
 * @param member of the roster
 * @param measured a reading that carries exactly its enrolled meters
 * @returns each meter with its role
 */
export function spansOf(
  member: Pick<EnrolmentBody, "meters">,
  measured: { readonly meters: readonly Pick<MeterSpan, "start" | "end">[] },
): readonly MeterSpan[] {
  return member.meters.map(({ role }, index) => {
    const { start, end } = measured.meters[index] ?? { start: [], end: [] };
    return { role, start, end };
  });
}

/** @param role of a meter @returns how many registers a reading of it carries */
export function registerCount(role: MeterRole): 1 | 2 {
  return role === "grid" ? 2 : 1;
}

/** @param span one meter over an interval @returns true when any register is lower at the end: reset or rollover */
export function hasFallen(span: MeterSpan): boolean {
  return span.end.some((value, index) => value < (span.start[index] ?? 0n));
}

/** @param span one meter over an interval, no register of it fallen @returns the most that any of its registers advanced */
export function largestAdvance({ start, end }: MeterSpan): Wh {
  let most = 0n;
  for (const [index, value] of end.entries()) {
    const advance = value - (start[index] ?? 0n);
    if (advance > most) most = advance;
  }
  return wh(most);
}

/**
 * Computes the energies from the meters present.
 *
 * @param spans one per meter; the roles form one of the role sets, no register has fallen
 * @param carryIn what the previous reading of this member carried, ≤ 0
 * @returns E_G ≥ 0, E_C ≥ 0 and the carry ≤ 0 for the next reading
 */
export function energyOf(spans: readonly MeterSpan[], carryIn: Wh): IntervalEnergy {
  const generation = spans.find((span) => span.role === "generation");
  const consumption = spans.find((span) => span.role === "consumption");
  const grid = spans.find((span) => span.role === "grid");
  const generated = generation === undefined ? 0n : delta(generation, 0);
  if (grid === undefined) {
    return {
      generated: wh(generated),
      consumed: wh(consumption === undefined ? 0n : delta(consumption, 0)),
      carry: carryIn,
    };
  }
  const imported = delta(grid, 0);
  const exported = delta(grid, 1);
  if (generation === undefined) return { generated: wh(exported), consumed: wh(imported), carry: carryIn };
  const consumed = generated - (exported - imported) + carryIn;
  return consumed < 0n
    ? { generated: wh(generated), consumed: wh(0n), carry: wh(consumed) }
    : { generated: wh(generated), consumed: wh(consumed), carry: wh(0n) };
}

/**
 * Computes what passed between two boundaries that are settled already. Nothing is clamped: what the readings around
 * it took off or carried is made up for here, so that all together give what the registers say.
 *
 * @param spans one per meter; no register has fallen
 * @param before carry of the reading before, ≤ 0
 * @param after carry that the reading after began with, ≤ 0
 * @returns E_G ≥ 0 and E_C, which may be below 0 by a little
 */
export function spannedEnergy(
  spans: readonly MeterSpan[],
  before: Wh,
  after: Wh,
): { readonly generated: Wh; readonly consumed: Wh } {
  const { generated, consumed, carry } = energyOf(spans, before);
  return { generated, consumed: wh(consumed + carry - after) };
}

/** @param spans one per meter @returns true when their skew can make consumption negative: only then is there a carry */
export function canCarry(spans: readonly MeterSpan[]): boolean {
  return spans.some(({ role }) => role === "grid") && spans.some(({ role }) => role === "generation");
}

/**
 * The most energy that can have passed the household's connection.
 *
 * @param ratingW of the connection
 * @param intervalMs length of the interval
 * @param timeLapse metered seconds per second, 1 on real meters
 * @returns Wh, rounded up
 */
export function plausibleWh(ratingW: number, intervalMs: number, timeLapse: number): Wh {
  const wattMs = BigInt(ratingW) * BigInt(intervalMs) * BigInt(timeLapse);
  return wh((wattMs + 3_599_999n) / 3_600_000n);
}

function delta(span: MeterSpan, register: number): bigint {
  return (span.end[register] ?? 0n) - (span.start[register] ?? 0n);
}
