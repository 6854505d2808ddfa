/** What became of the requests to each unit of a line. */
import type { DeviceCounters } from "../../agent/ports/meter.ts";
import type { DriverError } from "../driverError.ts";

/** Name of one count. */
export type CounterName = keyof DeviceCounters;
/** Counts by unit; at most one entry for each of the 247 units. */
export type Counters = Map<number, DeviceCounters>;

const ZERO: DeviceCounters = { ok: 0, timeout: 0, crc: 0, wrongUnit: 0, exception: 0, late: 0, echo: 0 };

/** @param counters of a line @param unitId of a meter @returns its counts */
export function countersOf(counters: Counters, unitId: number): DeviceCounters {
  return counters.get(unitId) ?? ZERO;
}

/** @param counters of a line, changed in place @param unitId of a meter @param name what to count once more */
export function countFor(counters: Counters, unitId: number, name: CounterName): void {
  const before = countersOf(counters, unitId);
  counters.set(unitId, { ...before, [name]: before[name] + 1 });
}

/** @param error of a request @returns where it is counted, or null */
export function counterOfError(error: DriverError): CounterName | null {
  switch (error.code) {
    case "DRIVER_TIMEOUT":
      return "timeout";
    case "DRIVER_CRC":
    case "DRIVER_BAD_ANSWER":
      return "crc";
    case "DRIVER_WRONG_UNIT":
      return "wrongUnit";
    case "DRIVER_EXCEPTION":
      return "exception";
    default:
      return null;
  }
}
