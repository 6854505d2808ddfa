/**
 * Campaigns add up: each chunk of seeds is one line of a file, with the digest of the sources it ran on. A campaign
 * that is started again runs what the file lacks for the sources as they are.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Chunk, ChunkResult } from "./chunk.ts";
import type { Mode } from "./scenario.ts";
import { mergedTallies, type Tally, tallyLines } from "./tally.ts";

/** One line of the file. */
export type CampaignLine = ChunkResult & { readonly sources: string };

/** Seeds of one line. */
export const CHUNK_SEEDS = 50;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = ["agent/core", "agent/services", "test/sim"];

/** @param folders from the root of the repository @returns digest of everything that a run depends on */
export function sourcesDigest(folders: readonly string[] = SOURCES): string {
  const digest = createHash("sha256");
  for (const folder of folders)
    for (const file of sourceFiles(join(ROOT, folder)))
      digest.update(file.slice(ROOT.length)).update(readFileSync(file));
  return digest.digest("hex").slice(0, 12);
}

/** @param file of a campaign @returns its lines; none when there is no file; a torn last line is passed over */
export function readCampaign(file: string): readonly CampaignLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as CampaignLine];
      } catch {
        return [];
      }
    });
}

/** @param file to append to @param line one chunk's outcome */
export function appendToCampaign(file: string, line: CampaignLine): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** @param wanted seeds @param lines done before @param sources as they are @returns the chunks still to run */
export function chunksLeft(wanted: Chunk, lines: readonly CampaignLine[], sources: string): readonly Chunk[] {
  const done = new Set<number>();
  for (const { chunk, sources: ranOn } of lines) {
    if (ranOn !== sources || !isSameKind(chunk, wanted)) continue;
    for (let seed = chunk.from; seed <= chunk.to; seed += 1) done.add(seed);
  }
  const chunks: Chunk[] = [];
  let from: number | null = null;
  for (let seed = wanted.from; seed <= wanted.to + 1; seed += 1) {
    const isOpen = seed <= wanted.to && !done.has(seed);
    const isFull = from !== null && seed - from >= CHUNK_SEEDS;
    if (from !== null && (!isOpen || isFull)) {
      chunks.push({ ...wanted, from, to: seed - 1 });
      from = null;
    }
    if (isOpen) from ??= seed;
  }
  return chunks;
}

/** @param lines of a campaign @returns totals by mode and members, failed seeds, and the rate per core */
export function reportLines(lines: readonly CampaignLine[]): readonly string[] {
  const tallies = mergedTallies(lines.flatMap((line) => line.tallies as Tally[]));
  const versions = new Set(lines.map((line) => line.sources));
  const modes = [...new Set(lines.map(({ chunk }) => chunk.mode))].map((mode: Mode) => {
    const ofMode = lines.filter(({ chunk }) => chunk.mode === mode);
    const seeds = ofMode.reduce((sum, { chunk }) => sum + chunk.to - chunk.from + 1, 0);
    const seconds = ofMode.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000;
    const failed = ofMode.reduce((sum, { failures }) => sum + failures.length, 0);
    const rate = (seeds / Math.max(seconds, 0.001)).toFixed(1);
    const sources = [...new Set(ofMode.map((line) => line.sources))];
    return `${mode}: ${seeds} seeds, ${failed} failed, ${rate} a second and worker, on sources ${sources.join(" ")}`;
  });
  const failures = lines.flatMap((line) =>
    line.failures.map(
      ({ mode, seed, members, faults }) => `failed: ${mode} n ${members} seed ${seed}: ${faults[0] ?? ""}`,
    ),
  );
  return [...tallyLines(tallies), ...modes, `${versions.size} versions of the sources`, ...failures];
}

function isSameKind(left: Chunk, right: Chunk): boolean {
  return left.mode === right.mode && left.members === right.members && left.byzantine === right.byzantine;
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
