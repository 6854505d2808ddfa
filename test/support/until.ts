/** Waiting in integration tests: for a statement to hold, never for a time to pass. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 10;

/**
 * @param what the statement in words, for the failure
 * @param holds asked every 10 ms
 * @param limitMs when to give up
 * @throws Error when it does not hold in time
 */
export async function until(what: string, holds: () => boolean, limitMs = 30_000): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`after ${limitMs} ms still not so: ${what}`);
    await sleep(POLL_MS);
  }
}
