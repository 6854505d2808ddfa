/** Since when a round runs, and how long the proposals of late took to come: what round timeouts follow from. */
import type { UnixMs } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";

/** Times of the rounds of one gateway. */
export type RoundClock = {
  /** A round begins now. */
  readonly restart: () => void;
  /** A height begins now, and its first round. */
  readonly restartHeight: () => void;
  /** @returns when the height began */
  readonly heightSinceMs: () => UnixMs;
  /** @returns when the round began */
  readonly sinceMs: () => UnixMs;
  /** A proposal is here now. */
  readonly noteProposal: () => void;
  /** @returns delays of the last proposals in ms, oldest first */
  readonly delaysMs: () => readonly number[];
};

/** Proposal delays that the round timeout is derived from. */
const DELAYS_KEPT = 64;

/** @param clock of the gateway @returns times of a round that begins now */
export function roundClock(clock: Clock): RoundClock {
  const delaysMs: number[] = [];
  let sinceMs = clock.nowMs();
  let sinceMonotonicMs = clock.monotonicMs();
  let heightSinceMs = sinceMs;
  const restart = () => {
    sinceMs = clock.nowMs();
    sinceMonotonicMs = clock.monotonicMs();
  };
  return {
    restart,
    restartHeight: () => {
      restart();
      heightSinceMs = sinceMs;
    },
    heightSinceMs: () => heightSinceMs,
    sinceMs: () => sinceMs,
    noteProposal: () => {
      delaysMs.push(Math.max(0, clock.monotonicMs() - sinceMonotonicMs));
      if (delaysMs.length > DELAYS_KEPT) delaysMs.shift();
    },
    delaysMs: () => delaysMs,
  };
}
