/** The real clock, for tests that wait on a real network. */
import { unixMs } from "../../agent/core/units.ts";
import type { Clock } from "../../agent/ports/clock.ts";

/** The machine's clock; it claims to be synchronised. */
export const liveClock: Clock = {
  nowMs: () => unixMs(Date.now()),
  monotonicMs: () => performance.now(),
  trust: () => "synchronised",
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
