/**
 * From two boundary samples to what is stated about the interval between them.
 * A gap, a reset or a late sample makes the interval `missing` with its reason; nothing is estimated.
 */

import { joinBytes } from "../bytes.ts";
import { type Hash, hashBytes, hashOf } from "../hash.ts";
import type { MeterRole } from "../membership/enrolment.ts";
import type { IntervalIndex, UnixMs, Wh } from "../units.ts";
import { wh } from "../units.ts";
import { energyOf, hasFallen, type Registers } from "./energy.ts";
import { boundaryToleranceMs, intervalEndMs, intervalStartMs } from "./interval.ts";
import type { Measured, Missing, MissingReason } from "./reading.ts";

/** One meter at a boundary: its registers, or why there are none. */
export type BoundaryMeter =
  | {
      readonly kind: "sampled";
      readonly role: MeterRole;
      readonly takenAtMs: UnixMs;
      readonly registers: Registers;
      /** Whole watts at that moment, + is import; null when the meter does not say. Never stated, only looked at. */
      readonly activePowerW: number | null;
      readonly resolutionMilliWh: number;
      /** Raw answers that the registers were decoded from, in the order received. */
      readonly frames: readonly Uint8Array[];
    }
  | { readonly kind: "failed"; readonly role: MeterRole; readonly reason: MissingReason };

/** All meters of a gateway at one boundary, in the order of its enrolment. */
export type BoundarySample = readonly BoundaryMeter[];

/** What an interval of a household can hold. */
export type IntervalLimits = {
  readonly intervalMs: number;
  /** Metered seconds per second, 1 on real meters. */
  readonly timeLapse: number;
  /** The most that can pass the household's connection in one interval. */
  readonly boundWh: Wh;
};

type Sampled = Extract<BoundaryMeter, { kind: "sampled" }>;

/** Energy that must have passed by the power at both ends before a counter that stood still is called stuck. */
const STUCK_LEAST_WH = 10n;
/** The same in steps of the register, for a coarse one. */
const STUCK_LEAST_STEPS = 10n;

/**
 * States the interval between two boundary samples.
 *
 * @param interval which one
 * @param limits length of an interval, pace of the meters, and the most that can pass the household's connection in it
 * @param start sample at its beginning; null when the gateway was not running then
 * @param end sample at its end
 * @param carryIn what the previous measured reading carried, ≤ 0 Wh
 * @returns the content of the reading, and the carry for the next one
 */
export function stateInterval(
  interval: IntervalIndex,
  limits: IntervalLimits,
  start: BoundarySample | null,
  end: BoundarySample,
  carryIn: Wh,
): { readonly content: Measured | Missing; readonly carry: Wh } {
  const { intervalMs, boundWh } = limits;
  const missing = (reason: MissingReason, carry = carryIn) => ({
    content: { kind: "missing", reason } as const,
    carry,
  });
  if (start === null) return missing("no-start-sample");
  const failed = [...start, ...end].find((meter) => meter.kind === "failed");
  if (failed !== undefined) return missing(failed.reason);
  const starts = start as readonly Sampled[];
  const ends = end as readonly Sampled[];
  const startOffsetMs = worstOffset(starts, intervalStartMs(interval, intervalMs));
  const endOffsetMs = worstOffset(ends, intervalEndMs(interval, intervalMs));
  const toleranceMs = boundaryToleranceMs(intervalMs);
  if (Math.abs(startOffsetMs) > toleranceMs || Math.abs(endOffsetMs) > toleranceMs) {
    return missing("sample-off-boundary");
  }
  const spans = ends.map((meter, index) => ({
    role: meter.role,
    start: starts[index]?.registers ?? [],
    end: meter.registers,
  }));
  if (spans.some(hasFallen)) return missing("register-reset");
  if (starts.some((start, index) => isStuck(start, ends[index], limits))) return missing("counter-stuck");
  const { generated, consumed, carry } = energyOf(spans, carryIn);
  // Skew between two meters is small; this much is a meter wired the other way round, or one that jumped.
  if (carry < -boundWh) return missing("meters-disagree", wh(0n));
  return {
    content: {
      kind: "measured",
      startOffsetMs,
      endOffsetMs,
      meters: ends.map((meter, index) => ({
        meter: index,
        start: starts[index]?.registers ?? [],
        end: meter.registers,
        resolutionMilliWh: meter.resolutionMilliWh,
      })),
      carryIn,
      generated,
      consumed,
      position: wh(generated - consumed),
      framesHash: framesHashOf([...starts, ...ends].flatMap((meter) => meter.frames)),
    },
    carry,
  };
}

/** @param frames raw answers in order @returns SHA-256 over the SHA-256 of each: boundaries are part of the hash */
export function framesHashOf(frames: readonly Uint8Array[]): Hash {
  return hashOf(joinBytes(...frames.map((frame) => hashBytes(hashOf(frame)))));
}

/** Power flows at both ends, enough to show, and its counter stands still: what passed is unknown, not zero. */
function isStuck(
  start: Sampled,
  end: Sampled | undefined,
  { intervalMs, timeLapse }: IntervalLimits,
): boolean {
  if (end === undefined || start.activePowerW === null || end.activePowerW === null) return false;
  const isImport = start.activePowerW > 0;
  if (isImport !== end.activePowerW > 0) return false;
  const place = registerOf(start.role, isImport);
  if (place === null || start.registers[place] !== end.registers[place]) return false;
  const leastW = Math.min(Math.abs(start.activePowerW), Math.abs(end.activePowerW));
  const passedWh = (BigInt(leastW) * BigInt(intervalMs) * BigInt(timeLapse)) / 3_600_000n;
  const leastWh = (STUCK_LEAST_STEPS * BigInt(end.resolutionMilliWh)) / 1_000n;
  return passedWh >= (leastWh > STUCK_LEAST_WH ? leastWh : STUCK_LEAST_WH);
}

/** Which of a role's registers counts power of that direction; null when none does. */
function registerOf(role: MeterRole, isImport: boolean): number | null {
  switch (role) {
    case "grid":
      return isImport ? 0 : 1;
    case "consumption":
      return isImport ? 0 : null;
    case "generation":
      return isImport ? null : 0;
    default:
      return role satisfies never;
  }
}

function worstOffset(meters: readonly Sampled[], boundaryMs: UnixMs): number {
  const offsets = meters.map((meter) => meter.takenAtMs - boundaryMs);
  return offsets.reduce((worst, offset) => (Math.abs(offset) > Math.abs(worst) ? offset : worst), 0);
}
