/** How long the other gateways took to answer of late: what the completeness rule of round 0 grants an honest DSO. */
import { roundTripMs } from "../core/consensus/roundTrip.ts";

/** Round trips to the other gateways of the roster. */
export type RoundTrips = {
  /** @param peerId of the roster @param tookMs from request to answer */
  readonly note: (peerId: string, tookMs: number) => void;
  /** @returns a conservative round trip to the voters in ms */
  readonly estimateMs: () => number;
};

/** Round trips of a gateway that count: enough to hold a slow one for a while. */
const KEPT_OF_EACH = 8;

/** @param peerIds of the other voters @returns nothing measured yet */
export function roundTrips(peerIds: readonly string[]): RoundTrips {
  const measured = new Map<string, number[]>(peerIds.map((peerId) => [peerId, []]));
  return {
    note: (peerId, tookMs) => {
      const ofPeer = measured.get(peerId);
      if (ofPeer === undefined) return;
      ofPeer.push(tookMs);
      if (ofPeer.length > KEPT_OF_EACH) ofPeer.shift();
    },
    estimateMs: () =>
      roundTripMs(
        [...measured.values()].map((ofPeer) => (ofPeer.length === 0 ? null : Math.max(...ofPeer))),
        measured.size + 1,
      ),
  };
}
