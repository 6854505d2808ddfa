/** The outcome of a run, for people and as JSON. */

import type { UnsettledReadings } from "./judgeEvidence.ts";
import type { IntervalFigures } from "./judgeIntervals.ts";
import type { Complaint } from "./logSummary.ts";
import type { ProcessFigures } from "./processFigures.ts";

/** Most faults that are printed of one check. */
const FAULTS_SHOWN = 8;

/** One thing that had to hold. */
export type Check = {
  readonly name: string;
  readonly passed: boolean;
  /** Figures, or what was found. */
  readonly detail: string;
};

/** Memory and descriptors of one gateway. */
export type GatewayFigures = {
  readonly name: string;
  readonly starts: number;
  readonly begin: ProcessFigures | null;
  readonly end: ProcessFigures | null;
  /** How old the process was at the end, in s. */
  readonly endAgeSeconds: number;
};

/** Everything that is told of a run. */
export type ChaosReport = {
  readonly schema: "edso.chaos/1";
  readonly scenario: "kills" | "restart-together" | "month";
  readonly gateways: number;
  readonly seed: string;
  readonly intervalSeconds: number;
  readonly runSeconds: number;
  readonly dataDir: string;
  readonly kills: number;
  readonly killsOfAll: number;
  readonly restarts: number;
  readonly blocks: number;
  readonly readingsInBlocks: number;
  /** Gateways times intervals in blocks: one that is down at an end of an interval has no reading of it. */
  readonly readingsPossible: number;
  readonly intervals: IntervalFigures;
  readonly unsettled: UnsettledReadings;
  /** Times of the second scenario in ms; null when it was not reached. */
  readonly timesMs: Readonly<Record<string, number | null>>;
  readonly processes: readonly GatewayFigures[];
  readonly complaints: readonly Complaint[];
  readonly checks: readonly Check[];
  readonly passed: number;
  readonly failed: number;
};

/** @param name of the check @param faults found @param whenNone told when there are none @returns the check */
export function faultCheck(name: string, faults: readonly string[], whenNone: string): Check {
  if (faults.length === 0) return { name, passed: true, detail: whenNone };
  const shown = faults.slice(0, FAULTS_SHOWN).join("; ");
  const rest = faults.length > FAULTS_SHOWN ? `; and ${faults.length - FAULTS_SHOWN} more` : "";
  return { name, passed: false, detail: `${faults.length}: ${shown}${rest}` };
}

/** @param report of a run @returns it in words; the last line counts the checks */
export function reportText(report: ChaosReport): string {
  const { intervals, unsettled, processes, checks } = report;
  const lines = [
    `${report.scenario}: ${report.gateways} gateways, seed ${report.seed}, intervals of ${report.intervalSeconds} s, ${report.runSeconds} s`,
    `  processes killed ${report.kills}, ${report.killsOfAll} times all at once; restarts ${report.restarts}`,
    `  blocks ${report.blocks}, at most ${intervals.mostPerBlock} intervals in one; slowest commit ${seconds(intervals.longestMs)} after the interval`,
    `  readings in blocks ${report.readingsInBlocks} of ${report.readingsPossible} had nobody been down; in outboxes only: ${unsettled.late} of settled intervals, ${unsettled.open} of open ones`,
    ...Object.entries(report.timesMs).map(([what, ms]) => `  ${what}: ${seconds(ms)}`),
    ...processes.map(processLine),
    ...report.complaints.map(
      ({ what, count, gateways }) => `  log  ${count} × ${what} (${gateways.join(" ")})`,
    ),
    ...checks.map(({ name, passed, detail }) => `${passed ? "ok  " : "FAIL"} ${name}: ${detail}`),
    `${report.passed} passed, ${report.failed} failed`,
  ];
  return `${lines.join("\n")}\n`;
}

function processLine({ name, starts, begin, end, endAgeSeconds }: GatewayFigures): string {
  const figures = (of: ProcessFigures | null) =>
    of === null ? "–" : `${of.residentMiB} MiB, ${of.descriptors} descriptors`;
  return `  ${name}: started ${starts} times; begin ${figures(begin)}; end ${figures(end)}, ${endAgeSeconds} s old`;
}

function seconds(ms: number | null): string {
  return ms === null ? "never" : `${(ms / 1000).toFixed(1)} s`;
}
