/**
 * Whom to ask next: first who claims to be ahead, then whose reading is awaited, then who has just come back; nobody
 * who has just answered badly; and after a turn that took long, anybody else.
 */
import type { Height } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";

/** What is remembered of the other gateways. */
export type SyncPeers = {
  /**
   * Notes what a gateway says its head is, and, when it answers, the lowest block that it can give: hints of whom to
   * ask, nothing else. Passed over while it is avoided.
   */
  readonly claim: (peerId: string, head: Height, lowest?: Height) => void;
  /** @returns true when only a snapshot of that gateway leads on from this head */
  readonly lacksNext: (peerId: string, head: Height) => boolean;
  /** @param connected gateways at this moment @returns one that has not said what its head is, and may be asked */
  readonly unheard: (connected: readonly string[]) => string | null;
  /** That gateway gave no snapshot when asked; it is not asked for one for a while. */
  readonly noteNoSnapshot: (peerId: string, forMs: number) => void;
  readonly hasNoSnapshot: (peerId: string) => boolean;
  /** @returns how many gateways claim to be further on than that */
  readonly claimsAbove: (height: number) => number;
  /** @returns what that gateway last said its head is; null when it has not, or is avoided */
  readonly claimed: (peerId: string) => Height | null;
  /** Asks that gateway nothing for a while, and forgets what it claimed. */
  readonly avoid: (peerId: string, forMs: number) => void;
  /** @returns by how many heights others claim to be further on */
  readonly aheadBy: (head: Height) => number;
  /** Notes how long the turn took of the gateway that was chosen last. */
  readonly noteTurn: (tookMs: number) => void;
  /** @param connected gateways at this moment @param head of this gateway @param awaited whose readings are @returns one of the connected, or null */
  readonly choose: (
    connected: readonly string[],
    head: Height,
    awaited: ReadonlySet<string>,
  ) => string | null;
};

/** Turns that take longer are followed by one of anybody else: claims and comings alone keep nobody from the others. */
const SLOW_TURN_MS = 1_000;

/** @param clock times what is avoided @param random picks among equals @returns a memory of nobody; bounded by the roster */
export function syncPeers(clock: Pick<Clock, "monotonicMs">, random: Random): SyncPeers {
  const claims = new Map<string, Height>();
  const lowests = new Map<string, Height>();
  const avoidedUntilMs = new Map<string, number>();
  const snapshotlessUntilMs = new Map<string, number>();
  let lastConnected: ReadonlySet<string> = new Set();
  let last: string | null = null;
  let wasSlow = false;
  const isAvoided = (peerId: string) => (avoidedUntilMs.get(peerId) ?? 0) > clock.monotonicMs();
  const lacksNext = (peerId: string, head: Height) => (lowests.get(peerId) ?? 0) > head + 1;
  return {
    claim: (peerId, head, lowest) => {
      if (isAvoided(peerId)) return;
      claims.set(peerId, head);
      if (lowest !== undefined) lowests.set(peerId, lowest);
    },
    lacksNext,
    unheard: (connected) => connected.find((peerId) => !claims.has(peerId) && !isAvoided(peerId)) ?? null,
    noteNoSnapshot: (peerId, forMs) => {
      snapshotlessUntilMs.set(peerId, clock.monotonicMs() + forMs);
    },
    hasNoSnapshot: (peerId) => (snapshotlessUntilMs.get(peerId) ?? 0) > clock.monotonicMs(),
    claimsAbove: (height) => [...claims.values()].filter((claimed) => claimed > height).length,
    claimed: (peerId) => claims.get(peerId) ?? null,
    avoid: (peerId, forMs) => {
      claims.delete(peerId);
      lowests.delete(peerId);
      avoidedUntilMs.set(peerId, clock.monotonicMs() + forMs);
    },
    aheadBy: (head) => Math.max(0, ...[...claims.values()].map((claimed) => claimed - head)),
    noteTurn: (tookMs) => {
      wasSlow = tookMs > SLOW_TURN_MS;
    },
    choose: (connected, head, awaited) => {
      const open = connected.filter((peerId) => !isAvoided(peerId));
      const ahead = open.filter((peerId) => (claims.get(peerId) ?? 0) > head);
      const back = open.filter((peerId) => !lastConnected.has(peerId));
      lastConnected = new Set(connected);
      const late = open.filter((peerId) => awaited.has(peerId));
      const giving = ahead.filter((peerId) => !lacksNext(peerId, head));
      const others = wasSlow ? open.filter((peerId) => peerId !== last) : [];
      const best = [others, giving, ahead, late, back, open].find((peerIds) => peerIds.length > 0) ?? [];
      last = best[Math.floor(random() * best.length)] ?? null;
      return last;
    },
  };
}
