/**
 * `npm run corrupt`: damages files of a real gateway's data directory and starts the product on them.
 * docs/rigs.md says what is claimed; the exit code is 0 only when nothing was silent and nothing unclear.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sourcesDigest } from "../sim/campaign.ts";
import { appendCase, type Case, caseLines, readCases } from "./caseTable.ts";
import type { Done } from "./damage.ts";
import type { Judged } from "./judgeCourse.ts";
import { type CorruptOptions, readCorruptOptions, USAGE, UsageError } from "./options.ts";
import type { WorkOrder, WorkReport } from "./worker.ts";

/** @source sysexits(3), EX_USAGE */
const EXIT_USAGE = 64;
const WORKER_MODULE = join(import.meta.dirname, "worker.ts");
/** Lines of what an ended worker said that go into the report. */
const LAST_WORDS = 200;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let options: CorruptOptions;
  try {
    options = readCorruptOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`corrupt: ${error.message}\n${USAGE}\n`);
    return EXIT_USAGE;
  }
  const cases = options.isReport ? readCases(options.file ?? "") : await runCases(options);
  for (const line of caseLines(cases)) process.stdout.write(`${line}\n`);
  const isBad = cases.some(({ outcome }) => outcome === "silent" || outcome === "unclear");
  return cases.length > 0 && !isBad ? 0 : 1;
}

async function runCases(options: CorruptOptions): Promise<readonly Case[]> {
  const sources = sourcesDigest(["agent", "drivers", "test/corruption"]);
  const cases: Case[] = [];
  const take = (seed: number, done: Done, judged: Judged) => {
    const one = { seed, sources, ...done, ...judged };
    cases.push(one);
    if (options.file !== null) appendCase(options.file, one);
    process.stderr.write(`${seed} ${one.file} ${one.damage} ${one.where}: ${one.outcome} ${one.why}\n`);
  };
  let from = options.seed;
  while (cases.length < options.count) {
    const { seed: streetSeed, kind, damage } = options;
    const order = { streetSeed, from, count: options.count - cases.length, kind, damage };
    from = (await runWorker(order, take)) + 1;
  }
  return cases;
}

/** @returns the last seed that was done; a worker that ended in the middle of one counts as its outcome */
async function runWorker(
  order: WorkOrder,
  take: (seed: number, done: Done, judged: Judged) => void,
): Promise<number> {
  const worker = spawn(process.execPath, ["--import", "tsx", WORKER_MODULE, JSON.stringify(order)], {
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let last = order.from - 1;
  let open: { readonly seed: number; readonly done: Done } | null = null;
  let directory: string | null = null;
  let words = "";
  worker.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-LAST_WORDS);
  });
  worker.on("message", (report: WorkReport) => {
    if (report.kind === "built") {
      directory = report.directory;
      process.stderr.write(`${report.text}\n`);
    } else if (report.kind === "none") last = report.seed;
    else if (report.kind === "damaged") open = report;
    else if (open !== null) {
      last = open.seed;
      take(open.seed, open.done, report.judged);
      open = null;
    }
  });
  const [code, signal] = (await once(worker, "close")) as [number | null, string | null];
  if (directory !== null) await rm(directory, { recursive: true, force: true });
  const left = open as { readonly seed: number; readonly done: Done } | null;
  if (left !== null) {
    take(left.seed, left.done, {
      outcome: "unclear",
      why: `the process ended (${signal ?? code}): ${words.trim()}`,
    });
    return left.seed;
  }
  if (code !== 0) throw new Error(`the worker ended with ${signal ?? code}: ${words}`);
  return last;
}
