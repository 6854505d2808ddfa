/** Whose reading has not come when the interval is about to be settled: they are asked for it themselves. */
import { graceMs } from "../../core/consensus/timing.ts";
import { contextOfNext, type LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { IntervalIndex, UnixMs } from "../../core/units.ts";
import { cutOffMs } from "../agreement/dso.ts";
import type { ReadingPool } from "../pools/readingPool.ts";

/** What is missing for one interval at one moment. */
export type SilentMembers = {
  readonly interval: IntervalIndex;
  /** Gateways to ask; none before half the grace has passed, nor once the interval may be settled. */
  readonly peerIds: readonly string[];
  /** Until it is time to ask, in ms; null when that is over. */
  readonly inMs: number | null;
};

/**
 * @param context of the epoch
 * @param state after the head
 * @param pool of readings
 * @param nowMs the present instant
 * @returns whom to ask for a reading of the oldest unsettled interval, and when
 */
export function silentMembers(
  context: LedgerContext,
  state: LedgerState,
  pool: ReadingPool,
  nowMs: UnixMs,
): SilentMembers {
  const interval = state.nextInterval;
  const endMs = cutOffMs(context, state);
  const askMs = endMs - Math.floor(graceMs(context.genesis.intervalMs) / 2);
  if (nowMs < askMs) return { interval, peerIds: [], inMs: askMs - nowMs };
  if (nowMs >= endMs) return { interval, peerIds: [], inMs: null };
  const held = pool.held().find((readings) => readings.interval === interval)?.members;
  const silent = contextOfNext(context, state).roster.members.filter(({ id }) => held?.has(id) !== true);
  return { interval, peerIds: silent.map(({ peerId }) => peerId), inMs: 0 };
}

/** @param context of the epoch @param members ids of some @param otherwise whom to ask if there are none @returns gateways, as they are asked */
export function peerIdsOf(
  { roster }: LedgerContext,
  members: ReadonlySet<string>,
  otherwise: ReadonlySet<string>,
): ReadonlySet<string> {
  if (members.size === 0) return otherwise;
  return new Set(roster.members.filter(({ id }) => members.has(id)).map(({ peerId }) => peerId));
}
