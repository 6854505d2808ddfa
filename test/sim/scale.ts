/** `npm run sim -- --scale N --heights H`: the costs of a large street against their budgets. */
import { budgetFor, budgetLines } from "./scaleBudgets.ts";
import { type HeightCost, ScaleStreet } from "./scaleStreet.ts";

/** Heights after which the figures so far are told: a large street takes seconds a height. */
const PROGRESS_EVERY = 10;

/** What a run came to, as plain data. */
export type ScaleResult = {
  readonly lines: readonly string[];
  readonly passed: number;
  readonly failed: number;
};

/**
 * @param members of the street
 * @param heights to commit
 * @param note takes a line of progress now and then
 * @returns passed and failed figures, or one failed for a height that did not come
 */
export function runScale(members: number, heights: number, note: (line: string) => void): ScaleResult {
  const street = new ScaleStreet(members);
  const costs: HeightCost[] = [];
  const startMs = performance.now();
  const budget = budgetFor(members);
  const figures = () => budgetLines(costs, budget);
  try {
    street.run(heights, (cost) => {
      costs.push(cost);
      if (cost.height % PROGRESS_EVERY !== 0) return;
      for (const line of [`height ${cost.height}, ${secondsSince(startMs)} s`, ...figures().lines])
        note(line);
    });
  } catch (error) {
    return { lines: [`n = ${members}: ${(error as Error).message}`], passed: 0, failed: 1 };
  }
  const { lines, over } = figures();
  return {
    lines: [
      `n = ${members}, ${costs.length} heights, ${secondsSince(startMs)} s, ${street.faults.length} faults`,
      ...lines,
      ...over.map((figure) => `over budget: ${figure}`),
      ...street.faults.slice(0, 3),
    ],
    passed: Object.keys(budget).length - over.length,
    failed: over.length + street.faults.length,
  };
}

function secondsSince(startMs: number): string {
  return ((performance.now() - startMs) / 1_000).toFixed(1);
}
