/** `npm run sim`: seeds, campaigns, twins and planted bugs; closes with `N passed, N failed`. */
import { withPlantedBug } from "../support/plantedBug.ts";
import { runBugs } from "./bugRunner.ts";
import {
  appendToCampaign,
  CHUNK_SEEDS,
  chunksLeft,
  readCampaign,
  reportLines,
  sourcesDigest,
} from "./campaign.ts";
import type { Chunk, ChunkResult } from "./chunk.ts";
import { parseCommand, type SimCommand, USAGE } from "./options.ts";
import { mergedRecords, readRecords, recordedTable, recordsOf, writeRecords } from "./recorded.ts";
import { playSeed } from "./runSeed.ts";
import type { runScale as RunScale } from "./scale.ts";
import type { Mode } from "./scenario.ts";
import { sharedWorkPlugin } from "./sharedWorkPlugin.ts";
import { type Failure, mergedTallies, tallyLines } from "./tally.ts";
import { runTwins } from "./twins.ts";
import { runChunks } from "./workers.ts";

/** Seeds of a commit's run. */
const CI_SEEDS = {
  safety: 3_000,
  liveness: 500,
  liar: 500,
  straggler: 200,
  censor: 200,
  recovery: 40,
  suspension: 2,
} as const satisfies Record<Mode, number>;
const FAILURES_SHOWN = 3;
const LINES_SHOWN = 60;

type Outcome = { readonly passed: number; readonly failed: number };

const print = (line: string): void => console.log(line);
process.exitCode = await main();

async function main(): Promise<number> {
  let command: SimCommand;
  try {
    command = parseCommand(process.argv.slice(2));
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const { passed, failed } = await run(command);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

async function run(command: SimCommand): Promise<Outcome> {
  switch (command.kind) {
    case "seeds":
      return runAll(chunked(command.chunk), command.workers, command.lines);
    case "ci":
      return runAll(
        Object.entries(CI_SEEDS).flatMap(([mode, seeds]) => ciChunks(mode as Mode, seeds)),
        command.workers,
      );
    case "campaign":
      return runCampaign(command);
    case "report":
      return report(command.file);
    case "record":
      return record(command.file);
    case "twins":
      return runTwins(command.rounds, command.sampled, print);
    case "scale":
      return scale(command.members, command.heights);
    case "bugs":
      return runBugs(command.pattern, command.seeds, print);
    default:
      return command satisfies never;
  }
}

async function scale(members: number, heights: number): Promise<Outcome> {
  const { lines, ...outcome } = await withPlantedBug(
    "test/sim/scale.ts",
    [],
    ({ runScale }: { readonly runScale: typeof RunScale }) => runScale(members, heights, console.error),
    [sharedWorkPlugin()],
  );
  for (const line of lines) print(line);
  return outcome;
}

async function runAll(chunks: readonly Chunk[], workers: number, lines = LINES_SHOWN): Promise<Outcome> {
  const results: ChunkResult[] = [];
  const startMs = performance.now();
  await runChunks(chunks, workers, (result) => results.push(result));
  const tallies = mergedTallies(results.flatMap((result) => result.tallies));
  for (const line of tallyLines(tallies)) print(line);
  print(`${((performance.now() - startMs) / 1_000).toFixed(1)} s with ${workers} workers`);
  showFailures(
    results.flatMap((result) => result.failures),
    lines,
  );
  return outcomeOf(results);
}

async function runCampaign({
  chunk,
  file,
  workers,
}: Extract<SimCommand, { kind: "campaign" }>): Promise<Outcome> {
  const sources = sourcesDigest();
  const chunks = chunksLeft(chunk, readCampaign(file), sources);
  print(`${chunks.length} chunks to run on sources ${sources}`);
  const results: ChunkResult[] = [];
  await runChunks(chunks, workers, (result) => {
    results.push(result);
    appendToCampaign(file, { ...result, sources });
  });
  showFailures(
    results.flatMap((result) => result.failures),
    LINES_SHOWN,
  );
  return report(file);
}

function report(file: string): Outcome {
  const lines = readCampaign(file);
  for (const line of reportLines(lines)) print(line);
  return outcomeOf(lines);
}

/** Adds what a campaign came to to the file that the document's table is made from. */
function record(file: string): Outcome {
  const lines = readCampaign(file);
  const today = new Date().toISOString().slice(0, "YYYY-MM-DD".length);
  const records = mergedRecords(readRecords(), recordsOf(lines, today));
  writeRecords(records);
  for (const line of recordedTable(records)) print(line);
  return outcomeOf(lines);
}

function showFailures(failures: readonly Failure[], lines: number): void {
  for (const { mode, seed, members, byzantine, faults } of failures.slice(0, FAILURES_SHOWN)) {
    print(`\n${mode}, seed ${seed}:`);
    for (const fault of faults.slice(0, FAILURES_SHOWN)) print(`  ${fault}`);
    const liars = byzantine === null ? "" : ` --byzantine ${byzantine}`;
    print(`replay: npm run sim -- --mode ${mode} --seed ${seed} --n ${members}${liars}`);
    const { world } = playSeed({ mode, seed, members, byzantine });
    for (const line of world.timeline.lines(lines)) print(line);
  }
  if (failures.length > FAILURES_SHOWN) print(`\nand ${failures.length - FAILURES_SHOWN} more`);
}

function outcomeOf(results: readonly ChunkResult[]): Outcome {
  const tallies = results.flatMap((result) => result.tallies);
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
  };
}

function ciChunks(mode: Mode, seeds: number): readonly Chunk[] {
  return chunked({ mode, from: 0, to: seeds - 1, members: null, byzantine: null });
}

function chunked(chunk: Chunk): readonly Chunk[] {
  const count = Math.ceil((chunk.to - chunk.from + 1) / CHUNK_SEEDS);
  return Array.from({ length: count }, (_, index) => {
    const from = chunk.from + index * CHUNK_SEEDS;
    return { ...chunk, from, to: Math.min(chunk.to, from + CHUNK_SEEDS - 1) };
  });
}
