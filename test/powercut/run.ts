/**
 * `npm run powercut`: cuts the power of a street of real gateways again and again, at every moment of its disk.
 * docs/rigs.md says what is claimed; the exit code is 0 only when every cut passed, or for a plant, when it was found.
 */
import "../../agent/compat.ts";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checkers } from "./checkerProcess.ts";
import { appendCuts, type CutLine, cutReport, cutSources, readCuts } from "./cutCampaign.ts";
import { cutStreet } from "./cutStreet.ts";
import { whyNot } from "./machine.ts";
import { type PowercutOptions, readPowercutOptions, USAGE, UsageError } from "./options.ts";
import { buildProgram, PRODUCT } from "./program.ts";

/** @source sysexits(3), EX_USAGE */
const EXIT_USAGE = 64;
/** A machine that cannot run it has passed nothing. @source Automake manual, "Parallel test harness": skipped */
const EXIT_LEFT_OUT = 77;
/** Cuts of one street: its chain is verified at every cut, so it must not grow long. */
const CUTS_PER_STREET = 60;
/** Where images are cheap. */
const MEMORY_DIRECTORY = "/dev/shm";

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let options: PowercutOptions;
  try {
    options = readPowercutOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`powercut: ${error.message}\n${USAGE}\n`);
    return EXIT_USAGE;
  }
  if (options.isReport && options.file !== null) {
    print(cutReport(readCuts(options.file).filter(({ program }) => program === PRODUCT)));
    return 0;
  }
  const lack = whyNot();
  if (lack !== null) {
    process.stdout.write(`left out: power cuts: ${lack}\n`);
    return options.isCi ? 0 : EXIT_LEFT_OUT;
  }
  return runCuts(options);
}

async function runCuts(options: PowercutOptions): Promise<number> {
  const sources = cutSources();
  const done =
    options.file === null ? [] : readCuts(options.file).filter((line) => isOf(line, options, sources));
  const doneCuts = done.reduce((total, line) => total + line.cuts, 0);
  const lines: CutLine[] = [];
  const program = await buildProgram(options.plant);
  const checkers = new Checkers();
  const aborter = new AbortController();
  const abort = () => aborter.abort(new Error("the run was ended by a signal"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, abort);
  try {
    let seed = Math.max(options.seed - 1, ...done.map((line) => line.seed)) + 1;
    for (let left = options.cuts - doneCuts; left > 0; seed += 1) {
      const line = await oneStreet(
        options,
        { seed, cuts: Math.min(left, CUTS_PER_STREET), sources },
        program.path,
        checkers,
        aborter.signal,
      );
      lines.push(line);
      if (options.file !== null) appendCuts(options.file, line);
      left -= line.cuts;
      if (line.faults.length > 0) break;
    }
  } finally {
    await checkers.stop();
    await program.remove();
  }
  return verdict(options, [...done, ...lines]);
}

async function oneStreet(
  { plant, isQuiet }: PowercutOptions,
  { seed, cuts, sources }: { readonly seed: number; readonly cuts: number; readonly sources: string },
  program: string,
  checkers: Checkers,
  signal: AbortSignal,
): Promise<CutLine> {
  const startedMs = performance.now();
  const parent = existsSync(MEMORY_DIRECTORY) ? MEMORY_DIRECTORY : tmpdir();
  const directory = await mkdtemp(join(parent, "edso-powercut-"));
  const note = (text: string) => {
    if (!isQuiet) process.stderr.write(`${text}\n`);
  };
  const result = await cutStreet({ seed, cuts, program, directory, checkers, signal, note });
  if (result.faults.length === 0 || plant !== PRODUCT) await rm(directory, { recursive: true, force: true });
  else process.stderr.write(`kept: ${directory}\n`);
  return { sources, program: plant, seed, tookMs: Math.round(performance.now() - startedMs), ...result };
}

function verdict({ plant, cuts }: PowercutOptions, lines: readonly CutLine[]): number {
  const made = lines.reduce((total, line) => total + line.cuts, 0);
  const faults = lines.flatMap((line) => line.faults);
  print(cutReport(lines));
  if (plant !== PRODUCT) {
    print([
      faults.length > 0 ? `found: ${plant}, after ${made} cuts` : `not found: ${plant}, in ${made} cuts`,
    ]);
    return faults.length > 0 ? 0 : 1;
  }
  const bad = lines.filter((line) => line.faults.length > 0).length;
  print([`${made - bad} cuts passed, ${bad} failed`]);
  return made >= cuts && bad === 0 ? 0 : 1;
}

function isOf(line: CutLine, { plant, seed }: PowercutOptions, sources: string): boolean {
  return line.sources === sources && line.program === plant && line.seed >= seed;
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
