/** Runs test files side by side or one after another, prints a line for each, and closes with the counts. */
import { availableParallelism } from "node:os";
import { type FileResult, type RunOptions, runTestFile } from "./runTestFile.ts";

/**
 * What to run. Files that start processes themselves, and mostly wait for them, are in `serial`: each of its lists is
 * run one file at a time, beside the others and beside one file of `parallel`.
 */
export type TestPlan = {
  readonly parallel: readonly string[];
  readonly serial: readonly (readonly string[])[];
};

/** Counted tests; a fault of a file as a whole is one failure. */
export type Totals = { readonly passed: number; readonly failed: number };

/** With one core everything runs one after another. */
const IS_ONE_LANE = availableParallelism() === 1;

/** @param plan files @param options of each @param print takes whole lines; the last is `N passed, N failed` @returns totals */
export async function runTests(
  plan: TestPlan,
  options: RunOptions,
  print: (line: string) => void,
): Promise<Totals> {
  const run = async (file: string): Promise<FileResult> => {
    const result = await runTestFile(file, options);
    print(describe(result));
    return result;
  };
  const results = await runLanes(plan, run, options.signal);
  const unrun = plan.parallel.length + plan.serial.flat().length - results.length;
  if (unrun > 0) print(`interrupted: ${unrun} files did not run`);
  return close(results, unrun, print);
}

/** @param totals of a run @returns true when something passed and nothing failed */
export function isPassed(totals: Totals): boolean {
  return totals.passed > 0 && totals.failed === 0;
}

/** @param totals of a run @returns the closing line */
export function closingLine(totals: Totals): string {
  return `${totals.passed} passed, ${totals.failed} failed`;
}

function close(results: readonly FileResult[], unrun: number, print: (line: string) => void): Totals {
  const failing = results.filter((result) => result.failed > 0);
  for (const result of failing) print(`failed: ${result.file}\n${reasons(result)}`);
  const sum = (count: (result: FileResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  const counted = { passed: sum((result) => result.passed), failed: sum((result) => result.failed) + unrun };
  const isEmpty = counted.passed + counted.failed === 0;
  const totals = isEmpty ? { passed: 0, failed: 1 } : counted;
  if (isEmpty) print("no test ran");
  print(closingLine(totals));
  return totals;
}

/** A lane takes the files of its own list, then helps with the parallel ones. */
async function runLanes(
  plan: TestPlan,
  run: (file: string) => Promise<FileResult>,
  signal: AbortSignal | undefined,
): Promise<readonly FileResult[]> {
  const parallel = [...plan.parallel];
  const results: FileResult[] = [];
  const lane = async (own: readonly string[]): Promise<void> => {
    const files = [...own];
    const next = () => files.shift() ?? parallel.shift();
    for (let file = next(); file !== undefined && signal?.aborted !== true; file = next())
      results.push(await run(file));
  };
  await Promise.all((IS_ONE_LANE ? [plan.serial.flat()] : [[], ...plan.serial]).map(lane));
  return results;
}

function describe(result: FileResult): string {
  const seconds = (result.durationMs / 1000).toFixed(1);
  const leftOut = result.leftOut.map((what) => `      left out: ${what}`);
  if (result.failed === 0)
    return [`ok    ${result.file}  ${result.passed} passed  ${seconds} s`, ...leftOut].join("\n");
  const head = `FAIL  ${result.file}  ${result.passed} passed, ${result.failed} failed  ${seconds} s`;
  return [head, reasons(result), ...leftOut, result.output.trimEnd()]
    .filter((part) => part !== "")
    .join("\n");
}

function reasons(result: FileResult): string {
  const tests = result.failedTests.map((name) => `      failed: "${name}"`);
  return [...tests, ...result.problems.map((problem) => `      ${problem}`)].join("\n");
}
