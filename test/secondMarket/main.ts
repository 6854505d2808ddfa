/**
 * `npm run market:second [-- --intervals 10000 --seed 1 --plant unrotated-ties]`: both markets settle the same random
 * intervals, and as many late readings and sellers' fuels; each disagreement is printed with the interval and both readings of it.
 */
import { parseArgs } from "node:util";
import { closingLine } from "../support/runTests.ts";
import { caseOf, caseOfLate, claimCases, compare, drawIntervals, drawLate } from "./compare.ts";
import { lackingForSecond, PLANTED_FAULTS } from "./settleSecond.ts";
import { whatWasSeen, whatWasSeenLate } from "./whatWasSeen.ts";

/** Intervals of one process of the second market. */
const BATCH = 500;
/** Intervals, late readings and sellers. */
const KINDS = 3;
/** Disagreements that are printed; the others are counted. */
const MOST_PRINTED = 5;

const { values } = parseArgs({
  options: {
    intervals: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    plant: { type: "string" },
  },
});
const lacking = lackingForSecond();
if (lacking === null) {
  process.exitCode = main(Number(values.intervals), Number(values.seed)) ? 0 : 1;
} else {
  console.log(`left out: the second market: ${lacking}`);
  process.exitCode = process.env.CI === "true" ? 1 : 0;
}

function main(count: number, seed: number): boolean {
  const plant = PLANTED_FAULTS.find((fault) => fault === values.plant);
  console.log(
    `market:second: ${count} intervals, as many late readings and sellers' fuels, --seed ${seed}${plant === undefined ? "" : `, planted ${plant}`}`,
  );
  const seen = new Map<string, number>();
  let failed = 0;
  for (let first = 0; first < count; first += BATCH) {
    const size = Math.min(BATCH, count - first);
    const [intervals, late] = [drawIntervals(size, seed + first), drawLate(size, seed + first)];
    const claims = claimCases(size, seed + first);
    const found = compare([...intervals.map(caseOf), ...late.map(caseOfLate), ...claims], plant);
    for (const text of found.slice(0, Math.max(0, MOST_PRINTED - failed)))
      console.log(`disagreement\n${text}`);
    failed += found.length;
    for (const [name, times] of [...whatWasSeen(intervals), ...whatWasSeenLate(late)])
      seen.set(name, (seen.get(name) ?? 0) + times);
  }
  for (const [name, times] of seen) console.log(`${String(times).padStart(7)}  ${name}`);
  console.log(closingLine({ passed: KINDS * count - failed, failed }));
  return failed === 0 && count > 0;
}
