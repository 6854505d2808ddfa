/**
 * A clock that goes by the other gateways while no time server has set its own: by a quorum of voters whose clocks are
 * trusted and agree, never before the end of the last interval that the ledger has closed.
 *
 * @source docs/protocol.md, "Time"
 */
import { quorum } from "../../core/consensus/quorum.ts";
import { agreedOffset } from "../../core/metering/peerTime.ts";
import { unixMs } from "../../core/units.ts";
import type { Clock, StreetTime } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";

/** An answer that took longer says too little about the moment it was given. */
const MOST_ROUND_TRIP_MS = 1_000;
/** What was heard longer ago does not count: a crystal drifts by some 30 ms in that time. */
const FRESH_MS = 600_000;
/** The clock is not set anew for less: every setting moves boundaries. */
const LEAST_STEP_MS = 200;

/** @param own clock of the system @param logger told when the street's time is taken @returns a clock that has heard nobody yet */
export function peerTime(own: Clock, logger: Logger): Clock {
  const heardOf = new Map<string, { readonly offsetMs: number; readonly atMs: number }>();
  /** Ahead of the own monotonic clock; once agreed on it stands until the next boot, as one that NTP has set does. */
  let offsetMs: number | null = null;
  const isByPeers = () => offsetMs !== null && own.trust() === "unsynchronised";
  const settle = ({ voters, notBeforeMs }: StreetTime) => {
    const nowMs = own.monotonicMs();
    const fresh = voters
      .flatMap((peerId) => heardOf.get(peerId) ?? [])
      .filter(({ atMs }) => nowMs - atMs <= FRESH_MS);
    const agreed = agreedOffset(
      fresh.map((heard) => heard.offsetMs),
      quorum(voters.length),
    );
    if (agreed === null || nowMs + agreed < notBeforeMs) return;
    if (offsetMs !== null && Math.abs(agreed - offsetMs) < LEAST_STEP_MS) return;
    const isFirst = offsetMs === null;
    offsetMs = agreed;
    if (isFirst)
      logger.info("clock.by-peers", {
        aheadMs: Math.round(nowMs + agreed - own.nowMs()),
        gateways: fresh.length,
      });
  };
  return {
    nowMs: () => (isByPeers() ? unixMs(Math.round(own.monotonicMs() + (offsetMs ?? 0))) : own.nowMs()),
    monotonicMs: () => own.monotonicMs(),
    trust: () => (isByPeers() ? "peers" : own.trust()),
    after: (delayMs, callback) => own.after(delayMs, callback),
    hear: ({ peerId, nowMs, tookMs }, street) => {
      if (own.trust() !== "unsynchronised" || !street.voters.includes(peerId)) return;
      if (nowMs === null) heardOf.delete(peerId);
      else if (tookMs <= MOST_ROUND_TRIP_MS) {
        const atMs = own.monotonicMs();
        heardOf.set(peerId, { offsetMs: nowMs - (atMs - tookMs / 2), atMs });
      }
      for (const known of heardOf.keys()) if (!street.voters.includes(known)) heardOf.delete(known);
      settle(street);
    },
  };
}
