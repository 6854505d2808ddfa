/** `edso demo`: a whole street on one machine, each gateway a process of its own, on simulated meters. */
import { randomInt } from "node:crypto";
import { Command } from "commander";
import { usageError } from "./cliError.ts";
import type { DemoDependencies } from "./demoDependencies.ts";
import { DemoError } from "./demoGateways.ts";
import { callOf } from "./demoReport.ts";
import { type DemoOptions, runDemo } from "./demoRun.ts";
import { allowedIntervalSeconds, DEMO_GATEWAYS, householdName, USUAL_STREET } from "./demoStreet.ts";
import { wholeNumber } from "./wholeNumber.ts";

const DEFAULT_GATEWAYS = 4;
const DEFAULT_INTERVAL_SECONDS = 5;
const MAX_INTERVALS = 1_000_000;
const MAX_SEED_CHARACTERS = 64;
/** Generation of a street that is short of energy, in percent of the usual. */
const SCARCE_PERCENT = 20;
/** Seeds that the demo draws itself are short enough to be read out. */
const DRAWN_SEEDS = 1_000_000;

/** Options as the command line gives them. */
export type DemoFlags = {
  readonly gateways?: string;
  readonly intervals?: string;
  readonly intervalSeconds?: string;
  readonly seed?: string;
  readonly gridTied?: boolean;
  readonly scarce?: boolean;
  readonly defiant?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
};

/** @param dependencies of the composition root @returns the command */
export function demoCommand(dependencies: DemoDependencies): Command {
  const { min, max } = DEMO_GATEWAYS;
  return new Command("demo")
    .description("run a street of gateways on simulated meters, in time-lapse, on this machine")
    .option("--gateways <number>", `gateways, ${min} to ${max}`, String(DEFAULT_GATEWAYS))
    .option("--intervals <number>", "end after that many intervals (default: run until Ctrl-C)")
    .option("--interval-seconds <s>", "length of an interval", String(DEFAULT_INTERVAL_SECONDS))
    .option("--seed <text>", "the same seed gives the same meters (default: drawn and printed)")
    .option("--grid-tied", "with a base-load supplier (default: islanded)")
    .option("--scarce", "with a fifth of the generation: orders to consume less (default: as usual)")
    .option("--defiant <name>", "household whose loads ignore every limit (default: all obey)")
    .option("--data <dir>", "empty directory for keys and ledgers (default: a temporary one, kept)")
    .option("--json", "one line of JSON per interval on stdout")
    .option("--verbose", "pass the gateways' warnings on to stderr")
    .allowExcessArguments(false)
    .action(async (flags: DemoFlags) => {
      await runUntilStopped(readDemoFlags(flags), dependencies);
    });
}

/**
 * @param flags as given
 * @returns what the demo is asked for
 * @throws CliError `CLI_USAGE`, naming what is allowed
 */
export function readDemoFlags(flags: DemoFlags): DemoOptions {
  const { intervals, seed } = flags;
  const { min, max } = DEMO_GATEWAYS;
  const gateways = wholeNumber("--gateways", flags.gateways ?? String(DEFAULT_GATEWAYS), min, max);
  const generationPercent = flags.scarce === true ? SCARCE_PERCENT : USUAL_STREET.generationPercent;
  return {
    gateways,
    plan: { generationPercent, defiant: readDefiant(flags.defiant, gateways) },
    intervals: intervals === undefined ? null : wholeNumber("--intervals", intervals, 1, MAX_INTERVALS),
    intervalSeconds: readIntervalSeconds(flags.intervalSeconds ?? String(DEFAULT_INTERVAL_SECONDS)),
    seed: seed === undefined ? String(randomInt(DRAWN_SEEDS)) : readSeed(seed),
    mode: flags.gridTied === true ? "grid-tied" : "islanded",
    dataDir: flags.data ?? null,
    isJson: flags.json === true,
    isVerbose: flags.verbose === true,
  };
}

/**
 * @param error whatever ended the demo
 * @returns the exit code of sysexits for a {@link DemoError}, undefined for any other
 * @source sysexits(3)
 */
export function demoExitCode(error: unknown): number | undefined {
  if (!(error instanceof DemoError)) return undefined;
  switch (error.code) {
    case "DEMO_DATA_NOT_EMPTY":
    case "DEMO_DATA_UNWRITABLE":
      return 73;
    case "DEMO_GATEWAY_FAILED":
    case "DEMO_GATEWAY_SILENT":
    case "DEMO_NO_GATEWAY_LEFT":
      return 70;
    default:
      return error.code satisfies never;
  }
}

/**
 * Signals are taken until everything is down: a second Ctrl-C must not leave half a street behind.
 * A reader that has gone, as in `edso demo | head`, stops the street too; whoever else would end the
 * process for it has to wait.
 */
async function runUntilStopped(options: DemoOptions, dependencies: DemoDependencies): Promise<void> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) stream.removeAllListeners("error").on("error", stop);
  const script = process.argv[1] ?? "";
  const program = {
    executable: process.execPath,
    args: [...process.execArgv, script],
    calledAs: callOf(script, process.cwd()),
    signal: stopped.signal,
  };
  try {
    await runDemo(options, program, dependencies);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

function readDefiant(name: string | undefined, gateways: number): string | null {
  if (name === undefined) return null;
  const names = Array.from({ length: gateways }, (_, index) => householdName(index));
  if (names.includes(name)) return name;
  throw usageError(`--defiant is ${JSON.stringify(name)}`, `name a household: one of ${names.join(", ")}`);
}

/** Others would not make a whole number of metered seconds per second. */
function readIntervalSeconds(text: string): number {
  const allowed = allowedIntervalSeconds();
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (allowed.includes(value)) return value;
  throw usageError(
    `--interval-seconds is ${JSON.stringify(text)}`,
    `give a length that divides a quarter of an hour: one of ${allowed.join(", ")}`,
  );
}

function readSeed(text: string): string {
  if (text.length > 0 && text.length <= MAX_SEED_CHARACTERS) return text;
  throw usageError(`--seed has ${text.length} characters`, `give 1 to ${MAX_SEED_CHARACTERS}`);
}
