/** How long the other gateways took to answer of late: what the completeness rule of round 0 grants an honest DSO. */
import { roundTripMs } from "../../core/consensus/roundTrip.ts";
import type { RosterMember } from "../../core/membership/roster.ts";
import type { Clock } from "../../ports/clock.ts";

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

/** @param membersNow at the next height @param self this gateway @returns nothing measured yet */
export function roundTrips(
  membersNow: () => readonly Pick<RosterMember, "peerId" | "isVoter">[],
  self: string,
): RoundTrips {
  const measured = new Map<string, readonly number[]>();
  const note = (peerId: string, tookMs: number) => {
    const present = new Set(membersNow().map((member) => member.peerId));
    for (const known of measured.keys()) if (!present.has(known)) measured.delete(known);
    if (!present.has(peerId)) return;
    measured.set(peerId, [...(measured.get(peerId) ?? []), tookMs].slice(-KEPT_OF_EACH));
  };
  const longestMs = (peerId: string) => {
    const ofPeer = measured.get(peerId);
    return ofPeer === undefined ? null : Math.max(...ofPeer);
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
    estimateMs: () => {
      const others = membersNow().filter(({ isVoter, peerId }) => isVoter && peerId !== self);
      return roundTripMs(
        others.map(({ peerId }) => longestMs(peerId)),
        others.length + 1,
      );
    },
  };
}
