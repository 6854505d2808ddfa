/** Time as the services see it: wall clock for meaning, monotonic clock for waiting. */
import type { UnixMs } from "../core/units.ts";

/** Whether the wall clock may be signed with: set by NTP, set by a quorum of the other gateways, or not (yet). */
export type ClockTrust = "synchronised" | "peers" | "unsynchronised";

/** What another gateway said its clock shows. */
export type HeardClock = {
  readonly peerId: string;
  /** Null while it does not trust it itself. */
  readonly nowMs: UnixMs | null;
  /** From the question to the answer. */
  readonly tookMs: number;
};

/** Who counts, and what time it is at least. */
export type StreetTime = {
  /** Peer ids of all voters, this gateway's own among them or not. */
  readonly voters: readonly string[];
  /** End of the last closed interval. */
  readonly notBeforeMs: UnixMs;
};

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
  /**
   * Takes what another gateway's clock shows; absent where only the own one counts.
   *
   * @param heard just now
   * @param street as the ledger has it
   */
  hear?(heard: HeardClock, street: StreetTime): void;
}
