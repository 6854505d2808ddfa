/** What campaigns came to, kept in the repository: `campaigns.json`, and the table in docs/simulator.md made from it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CampaignLine } from "./campaign.ts";
import { MODES, type Mode } from "./scenario.ts";

/** Seeds of one mode on one version of the sources. */
export type Recorded = {
  readonly mode: Mode;
  /** Digest of the sources they ran on. */
  readonly sources: string;
  /** Day of the last of them, YYYY-MM-DD. */
  readonly date: string;
  readonly seeds: number;
  readonly failed: number;
  readonly heights: number;
  readonly settledReadings: number;
  readonly coreSeconds: number;
};

/** The file in the repository. */
export const RECORDED_FILE = fileURLToPath(new URL("campaigns.json", import.meta.url));

/** @param lines of a campaign @param date of today @returns one record for each mode and version of the sources */
export function recordsOf(lines: readonly CampaignLine[], date: string): readonly Recorded[] {
  const records = new Map<string, Recorded>();
  for (const { chunk, sources, tallies, tookMs } of lines) {
    const key = `${chunk.mode}/${sources}`;
    const none = { seeds: 0, failed: 0, heights: 0, settledReadings: 0, coreSeconds: 0 };
    const before = records.get(key) ?? none;
    const sum = (figure: "failed" | "heights" | "settledReadings") =>
      tallies.reduce((total, tally) => total + tally[figure], before[figure]);
    records.set(key, {
      mode: chunk.mode,
      sources,
      date,
      seeds: before.seeds + chunk.to - chunk.from + 1,
      failed: sum("failed"),
      heights: sum("heights"),
      settledReadings: sum("settledReadings"),
      coreSeconds: before.coreSeconds + tookMs / 1_000,
    });
  }
  return [...records.values()];
}

/** @param known records @param found newer ones @returns both; of the same mode and sources the one with more seeds */
export function mergedRecords(known: readonly Recorded[], found: readonly Recorded[]): readonly Recorded[] {
  const merged = new Map(known.map((record) => [`${record.mode}/${record.sources}`, record]));
  for (const record of found) {
    const key = `${record.mode}/${record.sources}`;
    if ((merged.get(key)?.seeds ?? 0) <= record.seeds) merged.set(key, record);
  }
  return [...merged.values()];
}

/** @param file to read @returns its records; none when there is no file */
export function readRecords(file: string = RECORDED_FILE): readonly Recorded[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as readonly Recorded[]) : [];
}

/** @param records to write @param file to replace */
export function writeRecords(records: readonly Recorded[], file: string = RECORDED_FILE): void {
  const rounded = records.map((record) => ({ ...record, coreSeconds: Math.round(record.coreSeconds) }));
  writeFileSync(file, `${JSON.stringify(rounded, null, 2)}\n`);
}

/** @param records of all campaigns @returns the table of docs/simulator.md: a row for each mode, all versions added up */
export function recordedTable(records: readonly Recorded[]): readonly string[] {
  const rows = MODES.flatMap((mode) => {
    const ofMode = records.filter((record) => record.mode === mode);
    if (ofMode.length === 0) return [];
    const sum = (figure: "seeds" | "failed" | "heights" | "settledReadings" | "coreSeconds") =>
      ofMode.reduce((total, record) => total + record[figure], 0);
    const rate = (sum("seeds") / Math.max(1, sum("coreSeconds"))).toFixed(1);
    const last = ofMode
      .map(({ date }) => date)
      .sort()
      .at(-1);
    const counted = [sum("seeds"), sum("failed"), sum("heights"), sum("settledReadings")].map(grouped);
    return [`| ${[mode, ...counted, rate, ofMode.length, last].join(" | ")} |`];
  });
  return [
    "| Mode | Seeds | Failed | Heights | Readings settled | Seeds a second by the clock and worker | Versions of the sources | Last |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
  ];
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
