/** `npm run sim -- --scale N --heights H`: the costs of a large street against their budgets. */
import { budgetFor, budgetLines } from "./scaleBudgets.ts";
import { type HeightCost, ScaleStreet } from "./scaleStreet.ts";

/** What a run came to, as plain data. */
export type ScaleResult = {
  readonly lines: readonly string[];
  readonly passed: number;
  readonly failed: number;
};

/** @param members of the street @param heights to commit @returns passed and failed figures, or one failed for a height that did not come */
export function runScale(members: number, heights: number): ScaleResult {
  const street = new ScaleStreet(members);
  const costs: HeightCost[] = [];
  const startMs = performance.now();
  try {
    street.run(heights, (cost) => costs.push(cost));
  } catch (error) {
    return { lines: [`n = ${members}: ${(error as Error).message}`], passed: 0, failed: 1 };
  }
  const budget = budgetFor(members);
  const { lines, over } = budgetLines(costs, budget);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  const figures = Object.keys(budget).length;
  return {
    lines: [
      `n = ${members}, ${costs.length} heights, ${seconds} s, ${street.faults.length} faults`,
      ...lines,
      ...over.map((figure) => `over budget: ${figure}`),
      ...street.faults.slice(0, 3),
    ],
    passed: figures - over.length,
    failed: over.length + street.faults.length,
  };
}
