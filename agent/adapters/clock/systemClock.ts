/**
 * The clocks of the operating system, and whether its wall clock was ever set by NTP since the system started.
 *
 * Node cannot ask the kernel (adjtimex), and a child process per question is too dear, so the answer is read from
 * marker files that live in memory and vanish with the boot. systemd-timesyncd writes one. chronyd writes none: its
 * installation adds a unit ordered after time-sync.target that touches one of our own. Once set, a clock counts as
 * synchronised until the next boot, also when NTP falls silent: a crystal drifts by seconds a day, not by intervals.
 *
 * @source systemd-timesyncd.service(8), FILES: /run/systemd/timesync/synchronized; systemd.special(7): time-sync.target
 */
import { statSync } from "node:fs";
import { unixMs } from "../../core/units.ts";
import type { Cancel, Clock, ClockTrust } from "../../ports/clock.ts";

/** Files of which any shows that the clock was set since boot. */
const NTP_MARKERS: readonly string[] = ["/run/systemd/timesync/synchronized", "/run/edso/clock-synchronised"];
/** How long an answer about NTP stands. */
const TRUST_POLL_MS = 10_000;
/** The longest delay a Node timer takes; above it fires at once. @source https://nodejs.org/docs/latest-v20.x/api/timers.html */
const MAX_TIMER_MS = 2_147_483_647;

/** How the wall clock is judged. */
export type SystemClockOptions = {
  /** `ntp` asks the marker files; `assume` trusts it, for simulations and where another service keeps it. */
  readonly trust: "ntp" | "assume";
  /** Marker files instead of the usual ones. */
  readonly markers?: readonly string[];
  /** How long an answer about NTP stands, in ms. */
  readonly trustPollMs?: number;
};

/** @param options how the wall clock is judged @returns the clock of this process */
export function systemClock(options: SystemClockOptions): Clock {
  const { trust, markers = NTP_MARKERS, trustPollMs = TRUST_POLL_MS } = options;
  return {
    nowMs: () => unixMs(Date.now()),
    monotonicMs,
    trust: trust === "assume" ? () => "synchronised" : markerTrust(markers, trustPollMs),
    after: callAfter,
  };
}

function monotonicMs(): number {
  return performance.now();
}

function markerTrust(markers: readonly string[], pollMs: number): () => ClockTrust {
  let known: ClockTrust = "unsynchronised";
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (monotonicMs() - askedAtMs >= pollMs) {
      known = markers.some(isFile) ? "synchronised" : "unsynchronised";
      askedAtMs = monotonicMs();
    }
    return known;
  };
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

/** Node fires up to a millisecond early and cannot wait 25 days: what is left is waited for again. */
function callAfter(delayMs: number, callback: () => void): Cancel {
  if (!(delayMs >= 0)) throw new RangeError(`a delay is at least 0 ms, not ${delayMs}`);
  const dueMs = monotonicMs() + delayMs;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const leftMs = dueMs - monotonicMs();
    if (leftMs <= 0) callback();
    else timer = setTimeout(wait, Math.min(Math.ceil(leftMs), MAX_TIMER_MS));
  };
  timer = setTimeout(wait, Math.min(Math.ceil(delayMs), MAX_TIMER_MS));
  return () => clearTimeout(timer);
}
