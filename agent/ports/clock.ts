/** Time as the services see it: wall clock for meaning, monotonic clock for waiting. */
import type { UnixMs } from "../core/units.ts";

/** Whether the wall clock may be signed with: disciplined by NTP, or not (yet). */
export type ClockTrust = "synchronised" | "unsynchronised";

/** Cancels what it was returned for; harmless when that has happened already. */
export type Cancel = () => void;

/** A source of time and of wake-ups. */
export interface Clock {
  /** @returns the wall clock */
  nowMs(): UnixMs;
  /** @returns milliseconds of a clock that never steps; only differences mean anything */
  monotonicMs(): number;
  /** @returns whether readings may be signed with the wall clock */
  trust(): ClockTrust;
  /**
   * Calls back once.
   *
   * @param delayMs ≥ 0, on the monotonic clock
   * @param callback what to run; a throw of it is a bug and ends the process
   */
  after(delayMs: number, callback: () => void): Cancel;
}
