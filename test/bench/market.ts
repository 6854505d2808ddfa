/**
 * `npm run bench [-- --rounds 21 --stdout]`: what the contracts of the market cost for 200 and 10,000 members, as multiples
 * of sorting the members' positions in the same rounds, and how balancing grows. Writes BENCHMARKS.md.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { BALANCE, balanceSubjects, marketSubjects, SORT, SPLIT } from "./marketSubjects.ts";
import {
  costTable,
  exponentOf,
  factTable,
  goalTable,
  growthTable,
  type RunFacts,
  ratioOf,
  type SizeSamples,
} from "./report.ts";
import { type Subject, timed } from "./timing.ts";

const FILE = "BENCHMARKS.md";
const COST_SIZES = [200, 10_000];
const GROWTH_SIZES = [1_000, 3_000, 10_000, 30_000, 100_000];
const GOAL_SIZE = 10_000;
const MOST_RATIO = 1;
const MOST_EXPONENT = 1.15;
const LEAST_SAMPLE_MS = 2;
const WARM_UP_MS = 200;
const SOURCES = ["agent", "drivers", "test/bench"];

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "21" }, stdout: { type: "boolean", default: false } },
});
main(Number(values.rounds), values.stdout);

function main(rounds: number, isStdoutOnly: boolean): void {
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError("--rounds is a count from 1");
  const loadBefore = loadNow();
  const costs = COST_SIZES.map((members) => measured(members, marketSubjects, rounds));
  const growth = GROWTH_SIZES.map((members) => measured(members, balanceSubjects, rounds));
  const facts = { ...factsOf(rounds), load: [loadBefore, loadNow()] } as const;
  const text = textOf(facts, costs, growth);
  console.log(text);
  if (!isStdoutOnly) writeFileSync(FILE, text);
}

function measured(
  members: number,
  subjectsOf: (members: number) => readonly Subject[],
  rounds: number,
): SizeSamples {
  console.error(`${members} members`);
  const options = { rounds, leastMs: LEAST_SAMPLE_MS, warmUpMs: WARM_UP_MS, nowMs: () => performance.now() };
  return { members, samples: timed(subjectsOf(members), options) };
}

function factsOf(rounds: number): Omit<RunFacts, "load"> {
  const git = (...args: readonly string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  const isChanged = git("status", "--porcelain", "--", ...SOURCES) !== "";
  return {
    commit: `${git("rev-parse", "--short=12", "HEAD")}${isChanged ? ", with changes" : ""}`,
    command: `npm run bench -- --rounds ${rounds}`,
    machine: `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? "an unknown kind"}`,
    runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    rounds,
  };
}

function loadNow(): number {
  return loadavg()[0] ?? Number.NaN;
}

function textOf(facts: RunFacts, costs: readonly SizeSamples[], growth: readonly SizeSamples[]): string {
  const atGoal = growth.find(({ members }) => members === GOAL_SIZE);
  if (atGoal === undefined) throw new RangeError(`${GOAL_SIZE} members were not timed`);
  const goals = [SPLIT, BALANCE].flatMap((name) => [
    { what: `${name}, 10,000 members, × sort`, most: MOST_RATIO, found: ratioOf(atGoal.samples, name, SORT) },
    { what: `${name}, exponent of growth`, most: MOST_EXPONENT, found: exponentOf(growth, name) },
  ]);
  return `# Benchmarks

Written by \`npm run bench\`; not by hand.

${factTable(facts)}

Every figure is the median of the rounds. In each round everything is timed once, one after the other, and a multiple is taken
within its round: on a shared machine the multiples hold, the milliseconds do not. A street on paper: half of it sells, half
buys, readings from a fixed seed, no signatures. The bound of 200 members is the genesis's; the rules know none.

- **sort the positions**: the members' positions as \`bigint\`, by \`Array.prototype.sort\` with a comparison
- **split and pair**: who sells and buys how much, ties broken, and with whom
- **balance**: the same with the roster checked, signal, orders, residuals and every list in its order
- **whole interval**: from readings to the state after them, money, fuels and totals of each member included

## Goals

${goalTable(goals)}

## The contracts

${costTable(costs, SORT)}

## Growth

${growthTable(growth, [SORT, SPLIT, BALANCE], SORT)}

## Elsewhere

- the bus, faults on it, an adapter pulled: [docs/drivers.md](docs/drivers.md)
- the campaign of the market, chaos, the whole suite: [TESTING.md](TESTING.md)
- a gateway that catches up a month: [docs/protocol.md](docs/protocol.md)
- the simulator: [docs/simulator.md](docs/simulator.md); power cuts and corruption: [docs/rigs.md](docs/rigs.md)

Nothing was measured on a Raspberry Pi.
`;
}
