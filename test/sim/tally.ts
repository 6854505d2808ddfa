/** What many seeds came to, by mode and number of members; tallies add up. */

import type { Counts } from "./counts.ts";
import type { SeedResult } from "./runSeed.ts";
import type { Mode } from "./scenario.ts";

/** A seed that failed. */
export type Failure = {
  readonly mode: Mode;
  readonly seed: number;
  readonly members: number;
  readonly byzantine: number | null;
  readonly faults: readonly string[];
};

/** Sums over seeds of one mode and one number of members. */
export type Tally = {
  readonly mode: Mode;
  readonly members: number;
  passed: number;
  failed: number;
  heights: number;
  settledReadings: number;
  counts: Counts;
};

/** @param results in any order @returns one tally per mode and number of members */
export function tallyOf(results: readonly SeedResult[]): readonly Tally[] {
  return mergedTallies(
    results.map(({ spec: { mode, members }, faults, heights, settledReadings, counts }) => ({
      mode,
      members,
      passed: faults.length === 0 ? 1 : 0,
      failed: faults.length === 0 ? 0 : 1,
      heights,
      settledReadings,
      counts,
    })),
  );
}

/** @param tallies of anything @returns them added up, by mode and members */
export function mergedTallies(tallies: readonly Tally[]): readonly Tally[] {
  const merged = new Map<string, Tally>();
  for (const tally of tallies) {
    const key = `${tally.mode}/${String(tally.members).padStart(3)}`;
    const sum = merged.get(key);
    if (sum === undefined) merged.set(key, { ...tally, counts: { ...tally.counts } });
    else addTo(sum, tally);
  }
  return [...merged].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, tally]) => tally);
}

/** @param tallies to print @returns a table with a line each */
export function tallyLines(tallies: readonly Tally[]): readonly string[] {
  const head = [
    "mode",
    "n",
    "passed",
    "failed",
    "heights",
    "readings",
    "messages",
    "recalls",
    "restarts",
    "again",
    "equivocations",
  ];
  const rows = tallies.map((tally) => [
    tally.mode,
    tally.members,
    tally.passed,
    tally.failed,
    tally.heights,
    tally.settledReadings,
    tally.counts.messages,
    tally.counts.recalls,
    tally.counts.restarts,
    tally.counts.proposedAgain,
    tally.counts.equivocations,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => String(row[column]).length)),
  );
  return [head, ...rows].map((row) =>
    row.map((cell, column) => String(cell).padStart(widths[column]!)).join("  "),
  );
}

function addTo(sum: Tally, tally: Tally): void {
  sum.passed += tally.passed;
  sum.failed += tally.failed;
  sum.heights += tally.heights;
  sum.settledReadings += tally.settledReadings;
  for (const key of Object.keys(sum.counts) as (keyof Counts)[])
    sum.counts[key] =
      key === "highestRound"
        ? Math.max(sum.counts[key], tally.counts[key])
        : sum.counts[key] + tally.counts[key];
}
