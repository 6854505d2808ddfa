/** What `npm run bench` found, as the text of BENCHMARKS.md: the same figures, the same text. */
import { growthExponent, median, medianRatio, type Samples } from "./timing.ts";

/** What was timed for one number of members; every name of a table is in each of its sizes. */
export type SizeSamples = { readonly members: number; readonly samples: Samples };

/** Of what, where and how was measured. */
export type RunFacts = {
  readonly commit: string;
  readonly command: string;
  readonly machine: string;
  readonly runtime: string;
  /** Of the last minute, before and after. */
  readonly load: readonly [number, number];
  readonly rounds: number;
};

/** A figure with what it is to be at most. */
export type Goal = { readonly what: string; readonly most: number; readonly found: number };

/**
 * @param sizes at least one
 * @param baseline what the others are multiples of
 * @returns a table with one row for each thing timed, and for each number of members its median ms and its multiple
 */
export function costTable(sizes: readonly SizeSamples[], baseline: string): string {
  const names = [...(sizes[0]?.samples.keys() ?? [])];
  const head = ["", ...sizes.flatMap(({ members }) => [`${counted(members)} members, ms`, "× sort"])];
  const rows = names.map((name) => [
    name,
    ...sizes.flatMap(({ samples }) => [
      millis(median(valuesOf(samples, name))),
      figure(ratioOf(samples, name, baseline)),
    ]),
  ]);
  return tableOf([head, ...rows]);
}

/**
 * @param sizes at least two
 * @param names of what is compared
 * @param baseline what the others are multiples of
 * @returns a table with one row for each number of members, and the exponents of growth in its last
 */
export function growthTable(
  sizes: readonly SizeSamples[],
  names: readonly string[],
  baseline: string,
): string {
  const head = ["members", ...names.flatMap((name) => [`${name}, ms`, "× sort"])];
  const rows = sizes.map(({ members, samples }) => [
    counted(members),
    ...names.flatMap((name) => [
      millis(median(valuesOf(samples, name))),
      figure(ratioOf(samples, name, baseline)),
    ]),
  ]);
  const exponents = ["exponent", ...names.flatMap((name) => [figure(exponentOf(sizes, name)), ""])];
  return tableOf([head, ...rows, exponents]);
}

/** @param samples of one size @param name of a subject @param baseline of another @returns how many times as long the first takes */
export function ratioOf(samples: Samples, name: string, baseline: string): number {
  return medianRatio(valuesOf(samples, name), valuesOf(samples, baseline));
}

/** @param sizes at least two @param name of a subject @returns the exponent that its medians grow with */
export function exponentOf(sizes: readonly SizeSamples[], name: string): number {
  return growthExponent(
    sizes.map(({ members, samples }) => ({ size: members, cost: median(valuesOf(samples, name)) })),
  );
}

/** @param goals any @returns a table of them that says which are reached */
export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ what, most, found }) => [
    what,
    `≤ ${figure(most)}`,
    figure(found),
    found <= most ? "reached" : "not reached",
  ]);
  return tableOf([["", "wanted", "found", ""], ...rows]);
}

/** @param facts of the run @returns a table of them */
export function factTable({ commit, command, machine, runtime, load, rounds }: RunFacts): string {
  return tableOf([
    ["", ""],
    ["command", `\`${command}\``],
    ["commit", commit],
    ["machine", machine],
    ["runtime", runtime],
    ["load before and after", load.map((value) => value.toFixed(1)).join(", ")],
    ["rounds", String(rounds)],
  ]);
}

function valuesOf(samples: Samples, name: string): readonly number[] {
  const values = samples.get(name);
  if (values === undefined) throw new RangeError(`${name} was not timed`);
  return values;
}

function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** With a comma between the thousands. */
function counted(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

function millis(value: number): string {
  return value < 1 ? value.toFixed(3) : value.toFixed(1);
}

function figure(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0);
}
