/** Cuts add up: each street is one line of a file, with the digest of the sources it ran on. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { sourcesDigest } from "../sim/campaign.ts";
import type { StreetResult } from "./cutStreet.ts";

/** One line of the file. */
export type CutLine = StreetResult & {
  readonly sources: string;
  /** `product`, or what was planted. */
  readonly program: string;
  readonly seed: number;
  readonly tookMs: number;
};

/** @returns digest of the product and the rig */
export function cutSources(): string {
  return sourcesDigest(["agent", "drivers", "test/powercut"]);
}

/** @param file of a campaign @returns its lines; none when there is no file; a torn last line is passed over */
export function readCuts(file: string): readonly CutLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as CutLine];
      } catch {
        return [];
      }
    });
}

/** @param file to append to @param line one street's outcome */
export function appendCuts(file: string, line: CutLine): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** @param lines of the product @returns totals, and every fault */
export function cutReport(lines: readonly CutLine[]): readonly string[] {
  const sum = (of: (line: CutLine) => number) => lines.reduce((total, line) => total + of(line), 0);
  const cuts = sum((line) => line.cuts);
  const models = Object.keys(lines[0]?.cutsByModel ?? {}) as (keyof CutLine["cutsByModel"])[];
  const seconds = sum((line) => line.tookMs) / 1_000;
  return [
    `${cuts} cuts in ${lines.length} streets, ${sum((line) => line.cutsInFlight)} of them with a write in flight; ${sum((line) => line.restarts)} restarts of the whole street as processes`,
    `looked for after cuts: ${sum((line) => line.looked.vote)} votes, ${sum((line) => line.looked.reading)} readings, ${sum((line) => line.looked.transaction ?? 0)} transactions, ${sum((line) => line.looked.block)} blocks`,
    `what became of unflushed writes: ${models.map((model) => `${model} ${sum((line) => line.cutsByModel[model])}`).join(", ")}`,
    `${(seconds / Math.max(1, cuts)).toFixed(2)} s a cut, ${(sum((line) => line.checkMs) / 1_000 / Math.max(1, cuts)).toFixed(2)} s of it to look; ${new Set(lines.map((line) => line.sources)).size} versions of the sources`,
    ...lines.flatMap((line) => line.faults.map((fault) => `fault: ${fault}`)),
  ];
}
