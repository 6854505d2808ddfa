/**
 * Which meters of a line are defective: one that failed several times in a row costs the others a time limit at every
 * read. It is asked once and not again, after everybody else, and what can wait is refused for ever longer pauses.
 */
import type { DriverErrorCode } from "../driverError.ts";

/** When a meter is defective, and how long it rests. */
export type RestTuning = {
  /** Reads that failed in a row. */
  readonly restAfterFailures: number;
  /** First pause; it doubles with every failure up to the most. */
  readonly restFirstMs: number;
  readonly restMostMs: number;
};

/** What is known of one unit. */
export type UnitHealth = {
  readonly failures: number;
  /** Monotonic; until then what can wait is refused. */
  readonly restsUntilMs: number;
};

/** A meter in order, or one that was never asked. */
export const HEALTHY: UnitHealth = { failures: 0, restsUntilMs: 0 };

/** An exception is an answer, and a port that vanished is no fault of the meter. */
const FAILURES: readonly DriverErrorCode[] = [
  "DRIVER_TIMEOUT",
  "DRIVER_CRC",
  "DRIVER_WRONG_UNIT",
  "DRIVER_BAD_ANSWER",
];

/**
 * @param health before a read
 * @param code with which it failed
 * @param nowMs monotonic
 * @param tuning of the line
 * @returns health after it
 */
export function afterFailure(
  health: UnitHealth,
  code: DriverErrorCode,
  nowMs: number,
  tuning: RestTuning,
): UnitHealth {
  if (!FAILURES.includes(code)) return health;
  const failures = health.failures + 1;
  const doublings = failures - tuning.restAfterFailures;
  if (doublings < 0) return { failures, restsUntilMs: 0 };
  return { failures, restsUntilMs: nowMs + Math.min(tuning.restFirstMs * 2 ** doublings, tuning.restMostMs) };
}

/** @param health of a unit @param tuning of the line @returns true when it failed too often in a row */
export function isDefective(health: UnitHealth, tuning: RestTuning): boolean {
  return health.failures >= tuning.restAfterFailures;
}
