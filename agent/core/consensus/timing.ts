/**
 * How long a gateway waits: for late readings after an interval, and for a DSO in a round.
 * Durations in milliseconds of the monotonic clock; the service keeps the timers.
 *
 * @source docs/protocol.md, "Timers"
 */
import type { Round } from "../units.ts";
import { ConsensusError } from "./consensusError.ts";

const GRACE_SHARE = 1 / 10;
const MIN_GRACE_MS = 500;
const MAX_GRACE_MS = 30_000;

const BASE_TIMEOUT_SHARE = 1 / 5;
const MIN_BASE_TIMEOUT_MS = 1_000;
const MAX_BASE_TIMEOUT_MS = 3_000;
/** How far above the slow end of recent proposals the first timeout lies. */
const DELAY_MARGIN = 4;
const SLOW_END = 0.99;
const GROWTH_PER_ROUND = 1.5;
/** Longest round: doubling without a cap was seen to reach more than an hour. @source hyperledger/besu#7642 */
export const MAX_ROUND_MS = 60_000;

/** What the length of a round depends on. */
export type RoundTiming = {
  /** Length of an interval in ms, > 0. */
  readonly intervalMs: number;
  /** From 0. */
  readonly round: Round;
  /** How long recent proposals took from the begin of their round, in ms; may be empty. */
  readonly recentProposalDelaysMs: readonly number[];
};

/**
 * @param intervalMs length of an interval in ms, > 0
 * @returns how long after an interval's end its readings are awaited: a tenth of it, within 0.5 s and 30 s
 * @throws ConsensusError `CONSENSUS_OUT_OF_RANGE`
 */
export function graceMs(intervalMs: number): number {
  return Math.round(clamp(checkedDuration(intervalMs) * GRACE_SHARE, MIN_GRACE_MS, MAX_GRACE_MS));
}

/**
 * @param timing interval, round and what was observed
 * @returns how long the round lasts: half as long again with each round, at most 60 s and at most an interval
 * @throws ConsensusError `CONSENSUS_OUT_OF_RANGE`
 */
export function roundTimeoutMs(timing: RoundTiming): number {
  const intervalMs = checkedDuration(timing.intervalMs);
  const fromInterval = clamp(intervalMs * BASE_TIMEOUT_SHARE, MIN_BASE_TIMEOUT_MS, MAX_BASE_TIMEOUT_MS);
  const baseMs = Math.max(fromInterval, DELAY_MARGIN * slowEndMs(timing.recentProposalDelaysMs));
  const capMs = Math.min(MAX_ROUND_MS, intervalMs);
  return Math.round(Math.min(baseMs * GROWTH_PER_ROUND ** timing.round, capMs));
}

function slowEndMs(delaysMs: readonly number[]): number {
  if (delaysMs.length === 0) return 0;
  const ascending = delaysMs.map(checkedDelay).sort((left, right) => left - right);
  return ascending[Math.ceil(SLOW_END * ascending.length) - 1] ?? 0;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

function checkedDuration(valueMs: number): number {
  if (!(valueMs > 0) || !Number.isFinite(valueMs)) throw outOfRange(valueMs);
  return valueMs;
}

function checkedDelay(valueMs: number): number {
  if (!(valueMs >= 0) || !Number.isFinite(valueMs)) throw outOfRange(valueMs);
  return valueMs;
}

function outOfRange(valueMs: number): ConsensusError {
  return new ConsensusError("CONSENSUS_OUT_OF_RANGE", { valueMs: String(valueMs) });
}
