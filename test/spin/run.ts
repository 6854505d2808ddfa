/**
 * `npm run spin [-- PART…]`: searches the models of the voting rules, prints a line per search and closes with
 * `N passed, N failed`. Without Spin or a C compiler it says so and runs nothing; with CI=true that is a failure.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closingLine } from "../support/runTests.ts";
import { CONFIGURATIONS, type Configuration, type Expected } from "./configurations.ts";
import { type Outcome, readPanReport } from "./panReport.ts";

/** What it means that a claim is broken; the claims of agreement.pml and rejoin.pml have no name and mean a fork. */
const BROKEN_CLAIMS: ReadonlyMap<string, Expected> = new Map<string, Expected>([
  ["canBuild", "stall"],
  ["isIncluded", "omission"],
  ["staysInOffice", "recall"],
  ["canJudge", "refusal"],
  ["isOneChain", "fork"],
]);
/** Memory of one search in MB; one that needs more is incomplete and fails. */
const MEMORY_MB = 6_000;
/** Longest search, more than ten times the slowest seen. */
const TIME_LIMIT_MS = 600_000;
/** Deepest path that is followed; a longer one makes the search incomplete. */
const MAX_DEPTH = 1_000_000;
/** Every state is stored whole: nothing that could pass over a state. */
const EXHAUSTIVE = ["-DSAFETY", "-DNOREDUCE", `-DMEMLIM=${MEMORY_MB}`] as const;
/** Most searches end sooner than a better optimised pan is compiled. */
const THOROUGH = "-O1";
/** What is to be found is found with the fewest steps. */
const SHORTEST = "-DBFS";

process.exitCode = main(process.argv.slice(2));

function main(parts: readonly string[]): number {
  const missing = ["spin", "gcc"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
  if (missing.length > 0) {
    console.log(`left out: Spin model: ${missing.join(" and ")} not installed (apt-get install spin gcc)`);
    return process.env.CI === "true" ? 1 : 0;
  }
  const chosen = CONFIGURATIONS.filter(
    ({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)),
  );
  const models = new Set(chosen.map(({ model }) => model));
  console.log(`${chosen.length} searches of ${[...models].join(", ")}`);
  console.log(row(["search", "states", "depth", "time", "found", "expected", ""]));
  const passed = chosen.filter((configuration) => isAsExpected(configuration)).length;
  const counts = { passed, failed: chosen.length === 0 ? 1 : chosen.length - passed };
  console.log(closingLine(counts));
  return counts.failed === 0 ? 0 : 1;
}

function isAsExpected(configuration: Configuration): boolean {
  const begunMs = performance.now();
  const outcome = search(configuration);
  const seconds = ((performance.now() - begunMs) / 1_000).toFixed(1);
  const found = foundBy(outcome, configuration.expected);
  const isExpected = found === configuration.expected;
  const size = outcome.kind === "incomplete" ? ["–", "–"] : [`${outcome.states}`, `${outcome.depth}`];
  const verdict = isExpected ? "ok" : "FAILED";
  console.log(row([configuration.name, ...size, `${seconds} s`, found, configuration.expected, verdict]));
  return isExpected;
}

function foundBy(outcome: Outcome, expected: Expected): string {
  switch (outcome.kind) {
    case "exhausted":
      return "holds";
    case "violated":
      return BROKEN_CLAIMS.get(outcome.claim) ?? (expected === "reached" ? "reached" : "fork");
    case "incomplete":
      return `incomplete (${outcome.reason})`;
    default:
      return outcome satisfies never;
  }
}

function search({ model, switches, expected }: Configuration): Outcome {
  const source = fileURLToPath(new URL(model, import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "edso-spin-"));
  const run = (command: string, args: readonly string[]) =>
    spawnSync(command, args, { cwd: folder, encoding: "utf8", timeout: TIME_LIMIT_MS });
  try {
    const generated = run("spin", [...switches.map((name) => `-D${name}`), "-a", source]);
    if (generated.status !== 0) return { kind: "incomplete", reason: `spin: ${generated.stdout}` };
    const options = [...EXHAUSTIVE, expected === "holds" ? THOROUGH : SHORTEST];
    const compiled = run("gcc", [...options, "-o", "pan", "pan.c"]);
    if (compiled.status !== 0) return { kind: "incomplete", reason: `gcc: ${compiled.stderr}` };
    const searched = run("./pan", [`-m${MAX_DEPTH}`, "-n"]);
    if (searched.status === null) return { kind: "incomplete", reason: `ended by ${searched.signal}` };
    return readPanReport(searched.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function row([name = "", states = "", depth = "", time = "", ...rest]: readonly string[]): string {
  return [name.padEnd(60), states.padStart(10), depth.padStart(7), time.padStart(9), "", ...rest].join("  ");
}
