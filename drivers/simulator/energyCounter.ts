/**
 * Cumulative energy of a power curve: the exact integral, in whole watt-milliseconds, since the curve is constant
 * within each virtual minute. Virtual time runs `timeLapse` times as fast as real time.
 */
import type { UnixMs } from "../../agent/core/units.ts";
import type { PowerCurve } from "./curve.ts";
import { between, seededRandom } from "./seededRandom.ts";

const MS_PER_MINUTE = 60_000;
const WATT_MS_PER_MILLI_WH = 3600n;
const MILLI_WH_PER_WH = 1000n;
const INITIAL_SEQUENCE = 5;

/** What a counter is started with. */
export type EnergyCounterOptions = {
  readonly curve: PowerCurve;
  /** Real instant at which virtual time starts to run; before it nothing advances. */
  readonly startedAtMs: UnixMs;
  /** Virtual minute of day 0 at that instant, 0 … 1439. */
  readonly startMinute: number;
  /** Virtual time for each unit of real time, > 0. */
  readonly timeLapse: number;
  readonly initial: InitialEnergies;
};

/** What the registers show before the simulation starts. */
export type InitialEnergies = { readonly importWh: bigint; readonly exportWh: bigint };

/** State of a counter at an instant. */
export type CounterState = {
  readonly virtualMinute: number;
  /** Positive is import. */
  readonly powerW: number;
  readonly importMilliWh: bigint;
  readonly exportMilliWh: bigint;
};

/** Whole minutes summed so far, so that a later instant need not start over. */
type Sum = {
  readonly minute: number;
  readonly importWattMinutes: number;
  readonly exportWattMinutes: number;
};

/**
 * Starts a counter.
 *
 * @param options curve, virtual time and initial registers
 * @returns its state at any real instant; instants in rising order cost least
 */
export function createEnergyCounter(options: EnergyCounterOptions): (nowMs: UnixMs) => CounterState {
  const { curve, startMinute, startedAtMs, timeLapse, initial } = options;
  const start: Sum = { minute: startMinute, importWattMinutes: 0, exportWattMinutes: 0 };
  let sum = start;
  return (nowMs) => {
    const elapsedMs = Math.max(0, Math.floor((nowMs - startedAtMs) * timeLapse));
    const virtualMinute = startMinute + Math.floor(elapsedMs / MS_PER_MINUTE);
    sum = advance(virtualMinute < sum.minute ? start : sum, virtualMinute, curve);
    const powerW = curve.wattsInMinute(virtualMinute);
    const restMs = elapsedMs % MS_PER_MINUTE;
    return {
      virtualMinute,
      powerW,
      importMilliWh: milliWh(initial.importWh, sum.importWattMinutes, Math.max(0, powerW) * restMs),
      exportMilliWh: milliWh(initial.exportWh, sum.exportWattMinutes, Math.max(0, -powerW) * restMs),
    };
  };
}

/**
 * What a meter that has served for some years may show.
 *
 * @param seed integer
 * @param role what the meter has been measuring
 * @returns some thousand kWh in the role's direction, little in the other
 */
export function initialEnergies(seed: number, role: "consumption" | "generation"): InitialEnergies {
  const random = seededRandom(seed, INITIAL_SEQUENCE);
  const main = BigInt(Math.floor(between(random, 2_000_000, 9_000_000)));
  const other = BigInt(Math.floor(between(random, 0, 40_000)));
  return role === "consumption" ? { importWh: main, exportWh: 0n } : { importWh: other, exportWh: main };
}

function advance(from: Sum, minute: number, curve: PowerCurve): Sum {
  let { importWattMinutes, exportWattMinutes } = from;
  for (let passed = from.minute; passed < minute; passed++) {
    const watts = curve.wattsInMinute(passed);
    importWattMinutes += Math.max(0, watts);
    exportWattMinutes += Math.max(0, -watts);
  }
  return { minute, importWattMinutes, exportWattMinutes };
}

function milliWh(initialWh: bigint, wattMinutes: number, restWattMs: number): bigint {
  const wattMs = BigInt(wattMinutes) * BigInt(MS_PER_MINUTE) + BigInt(Math.floor(restWattMs));
  return initialWh * MILLI_WH_PER_WH + wattMs / WATT_MS_PER_MILLI_WH;
}
