/** How long the other gateways took to answer of late: what the completeness rule of round 0 grants an honest DSO. */
import { roundTripMs } from "../core/consensus/roundTrip.ts";
import type { Roster } from "../core/membership/roster.ts";
import type { Clock } from "../ports/clock.ts";

/** Round trips to the other gateways of the roster. */
export type RoundTrips = {
  /** @param peerId of the roster @param tookMs from request to answer */
  readonly note: (peerId: string, tookMs: number) => void;
  /** @param peerId that is asked @param clock of the gateway @param answer under way @returns the answer, noted */
  readonly measured: <T>(peerId: string, clock: Pick<Clock, "monotonicMs">, answer: Promise<T>) => Promise<T>;
  /** @param peerId of the roster @returns how long its newest answer took, in ms; null before the first */
  readonly lastMs: (peerId: string) => number | null;
  /** @returns a conservative round trip to the voters in ms */
  readonly estimateMs: () => number;
};

/** Round trips of a gateway that count: enough to hold a slow one for a while. */
const KEPT_OF_EACH = 8;

/** @param roster of the microgrid @param self this gateway @returns nothing measured yet */
export function roundTrips(roster: Pick<Roster, "members">, self: string): RoundTrips {
  const others = roster.members.filter(({ peerId }) => peerId !== self);
  const measured = new Map<string, number[]>(others.map(({ peerId }) => [peerId, []]));
  const note = (peerId: string, tookMs: number) => {
    const ofPeer = measured.get(peerId);
    if (ofPeer === undefined) return;
    ofPeer.push(tookMs);
    if (ofPeer.length > KEPT_OF_EACH) ofPeer.shift();
  };
  return {
    note,
    measured: async (peerId, clock, answer) => {
      const fromMs = clock.monotonicMs();
      const answered = await answer;
      note(peerId, clock.monotonicMs() - fromMs);
      return answered;
    },
    lastMs: (peerId) => measured.get(peerId)?.at(-1) ?? null,
    estimateMs: () =>
      roundTripMs(
        [...measured.values()].map((ofPeer) => (ofPeer.length === 0 ? null : Math.max(...ofPeer))),
        measured.size + 1,
      ),
  };
}
