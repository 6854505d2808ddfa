/** How long things take in a running street, as a report tells it. */
import type { ChaosRun } from "./chaosRun.ts";
import type { Check } from "./report.ts";

/** Times in ms by what was waited for; null when it did not come in time. */
export type Times = Record<string, number | null>;

/** Longest wait in ms for anything that is measured, unless a scenario says otherwise. */
export const LIMIT_MS = 90_000;
/** Pause between two looks, in ms. */
const LOOK_EVERY_MS = 100;

/**
 * Waits, and notes how long it took.
 *
 * @param run that goes on
 * @param times takes the figure
 * @param what is waited for
 * @param sinceMs from when it counts, of the monotonic clock
 * @param holds asked again and again
 * @param limitMs when to give up
 */
export async function measure(
  run: ChaosRun,
  times: Times,
  what: string,
  sinceMs: number,
  holds: () => boolean | Promise<boolean>,
  limitMs = LIMIT_MS,
): Promise<void> {
  const ms = await elapsed(run, sinceMs, holds, limitMs);
  times[what] = ms;
  run.note(`${what}: ${ms === null ? "not in time" : `${(ms / 1000).toFixed(1)} s`}`);
}

/** @returns ms since then when it holds; null when it did not within the limit */
export async function elapsed(
  run: ChaosRun,
  sinceMs: number,
  holds: () => boolean | Promise<boolean>,
  limitMs = LIMIT_MS,
): Promise<number | null> {
  const deadlineMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) return null;
    await run.pause(LOOK_EVERY_MS);
    run.signal.throwIfAborted();
  }
  return Math.round(performance.now() - sinceMs);
}

/** @param times of a scenario @returns a check for each: it came */
export function checksOf(times: Times): readonly Check[] {
  return Object.entries(times).map(([name, ms]) => ({
    name,
    passed: ms !== null,
    detail: ms === null ? "not in time" : `${(ms / 1000).toFixed(1)} s`,
  }));
}
