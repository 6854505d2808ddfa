/** Which intervals were committed soon after they had ended. Pure. */
import type { FoundBlock } from "./evidence.ts";

/** Intervals within which a commit is in time. @source requirement: ≥ 80 % within three intervals */
export const IN_TIME_INTERVALS = 3;

/** What became of the intervals. */
export type IntervalFigures = {
  /** Those that had ended early enough to be judged. */
  readonly judged: number;
  readonly inTime: number;
  /** Longest time in ms from the end of an interval to its commit; null when none was committed. */
  readonly longestMs: number | null;
  /** Most intervals that one block settled. */
  readonly mostPerBlock: number;
};

/** What the intervals are judged by. */
export type IntervalFacts = {
  readonly chain: readonly FoundBlock[];
  /** When the first gateway told each height, Unix ms. */
  readonly heardAtMs: ReadonlyMap<number, number>;
  readonly intervalMs: number;
  readonly firstInterval: number;
  /** When watching ended, Unix ms. */
  readonly untilMs: number;
};

/** @param facts of a run @returns the share of intervals in time, of those that ended three intervals before the end */
export function intervalFigures(facts: IntervalFacts): IntervalFigures {
  const { chain, heardAtMs, intervalMs, firstInterval, untilMs } = facts;
  const graceMs = IN_TIME_INTERVALS * intervalMs;
  const lastJudged = Math.floor((untilMs - graceMs) / intervalMs) - 1;
  const committedAtMs = new Map<number, number>();
  for (const { height, from, to } of chain) {
    const at = heardAtMs.get(height);
    for (let interval = from; interval <= to && at !== undefined; interval += 1)
      committedAtMs.set(interval, at);
  }
  let inTime = 0;
  let longestMs: number | null = null;
  for (let interval = firstInterval; interval <= lastJudged; interval += 1) {
    const at = committedAtMs.get(interval);
    if (at === undefined) continue;
    const delayMs = at - (interval + 1) * intervalMs;
    if (delayMs <= graceMs) inTime += 1;
    longestMs = Math.max(longestMs ?? 0, delayMs);
  }
  return {
    judged: Math.max(0, lastJudged - firstInterval + 1),
    inTime,
    longestMs,
    mostPerBlock: Math.max(0, ...chain.map(({ from, to }) => to - from + 1)),
  };
}
