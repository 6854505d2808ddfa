/** A simulated line from a plan in plain data: which meters, which curves, which seeds. */
import type { UnixMs } from "../../agent/core/units.ts";
import { meterDefinition } from "../registry.ts";
import { constantCurve, householdLoad, type PowerCurve, solarGeneration, windGeneration } from "./curve.ts";
import { initialEnergies } from "./energyCounter.ts";
import { type LimiterOptions, simulatedLimiter } from "./limiter.ts";
import { type SimulatedLine, startSimulatedLine } from "./simulatedLine.ts";
import type { SimulatedMeterOptions, VirtualTime } from "./simulatedMeter.ts";

/** How a meter's power runs over the day; powers in W, never negative. */
export type PlannedCurve =
  | { readonly kind: "household"; readonly seed: number }
  | { readonly kind: "solar" | "wind"; readonly seed: number; readonly ratedW: number }
  | { readonly kind: "steady"; readonly ratedW: number };

/** One meter of a plan. */
export type PlannedMeter = {
  readonly role: "generation" | "consumption";
  /** Identifier of its definition. */
  readonly definition: string;
  readonly unitId: number;
  /** Digits. */
  readonly serial: string;
  readonly curve: PlannedCurve;
  /** Draws what the registers show before the start. */
  readonly registerSeed: number;
  /** A limiter at the meter's own unit, of what the meter measures; null for none. */
  readonly limiter: LimiterOptions | null;
};

/** A line of a plan, 8N1. */
export type PlannedLine = {
  readonly baudRate: number;
  readonly meters: readonly PlannedMeter[];
  readonly timeLapse: number;
  readonly startedAtMs: UnixMs;
  /** Virtual minute of the day at that instant, 0 … 1439. */
  readonly startMinute: number;
};

/** How long a planned meter thinks before it answers. */
const THINK_TIME_MS = 20;

/**
 * Starts the line of a plan, at the pace of a wire.
 *
 * @param plan meters, curves and virtual time
 * @param nowMs wall clock
 * @returns the line, answering
 * @throws DriverError `DRIVER_UNKNOWN_METER`
 */
export function startPlannedLine(plan: PlannedLine, nowMs: () => UnixMs): Promise<SimulatedLine> {
  const { baudRate, timeLapse, startedAtMs, startMinute } = plan;
  return startSimulatedLine({
    settings: { baudRate, parity: "none", dataBits: 8, stopBits: 1 },
    meters: plan.meters.map((meter) => plannedMeter(meter, { timeLapse, startedAtMs, startMinute })),
    nowMs,
    startedAtMs,
    startMinute,
    timeLapse,
    thinkTimeMs: THINK_TIME_MS,
    hasWireTime: true,
  });
}

/** @param meter of a plan @param time virtual time of its line @returns what a simulated meter is made of @throws DriverError `DRIVER_UNKNOWN_METER` */
export function plannedMeter(meter: PlannedMeter, time: VirtualTime): SimulatedMeterOptions {
  const { definition, unitId, serial, registerSeed, role } = meter;
  const limiter = meter.limiter === null ? null : simulatedLimiter(meter.limiter, time);
  const curve = curveOf(meter.curve);
  return {
    definition: meterDefinition(definition),
    unitId,
    serial: Number(serial),
    curve: limiter?.limited(curve) ?? curve,
    initial: initialEnergies(registerSeed, role),
    ...(limiter === null ? {} : { writable: limiter.space }),
  };
}

function curveOf(plan: PlannedCurve): PowerCurve {
  switch (plan.kind) {
    case "household":
      return householdLoad({ seed: plan.seed });
    case "solar":
      return solarGeneration({ seed: plan.seed, peakW: plan.ratedW });
    case "wind":
      return windGeneration({ seed: plan.seed, ratedW: plan.ratedW });
    case "steady":
      // A generator exports, and export is negative.
      return constantCurve(-plan.ratedW);
    default:
      return plan satisfies never;
  }
}
