/** An instant on the command line: a day, an instant in UTC, or the number of an interval. */
import { intervalAt } from "../core/metering/interval.ts";
import { type IntervalIndex, intervalIndex, unixMs } from "../core/units.ts";
import { usageError } from "./cliError.ts";

/** A day, or an instant to the second or finer. @source RFC 3339 */
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;
const NUMBER = /^\d{1,12}$/;

/**
 * @param option its name, for the error
 * @param text as given
 * @param intervalMs length of an interval
 * @returns the interval with that number, or the first that begins at or after the instant
 * @throws CliError `CLI_USAGE`
 */
export function intervalOption(option: string, text: string, intervalMs: number): IntervalIndex {
  if (NUMBER.test(text)) return intervalIndex(Number(text));
  const atMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(atMs) || atMs < 0) {
    const fix =
      "write a day (2026-11-26), an instant in UTC (2026-11-26T09:30:00Z) or the number of an interval";
    throw usageError(`${option} ${text} is no instant`, fix);
  }
  return intervalAt(unixMs(atMs + intervalMs - 1), intervalMs);
}
