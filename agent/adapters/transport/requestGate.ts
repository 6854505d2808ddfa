/** How often one gateway may ask another: a burst to catch up with, then a steady pace. */
import type { Clock } from "../../ports/clock.ts";

/** Requests at once from a gateway that has been quiet. */
export const REQUEST_BURST = 64;
/** Requests a second that are answered for good. */
export const REQUESTS_PER_SECOND = 16;

/** Decides about requests, by who asks. */
export type RequestGate = {
  /** @returns false when that gateway has asked too often; the request is then refused unread */
  readonly admits: (peerId: string) => boolean;
};

/** @param clock refills @returns a gate that nobody has passed; it remembers one entry per PeerId, so only those of the roster may reach it */
export function requestGate(clock: Pick<Clock, "monotonicMs">): RequestGate {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    admits: (peerId) => {
      const nowMs = clock.monotonicMs();
      const before = buckets.get(peerId) ?? { tokens: REQUEST_BURST, atMs: nowMs };
      const refilled = before.tokens + ((nowMs - before.atMs) / 1000) * REQUESTS_PER_SECOND;
      const tokens = Math.min(REQUEST_BURST, refilled);
      const isAdmitted = tokens >= 1;
      buckets.set(peerId, { tokens: isAdmitted ? tokens - 1 : tokens, atMs: nowMs });
      return isAdmitted;
    },
  };
}
