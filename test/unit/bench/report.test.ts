import { suite } from "uvu";
import * as assert from "uvu/assert";
import { costTable, goalTable, growthTable } from "../../bench/report.ts";

const of = (sort: readonly number[], balance: readonly number[]) =>
  new Map([
    ["sort", sort],
    ["balance", balance],
  ]);
const SIZES = [
  { members: 1_000, samples: of([0.5, 0.25, 1], [1, 0.75, 2]) },
  { members: 100_000, samples: of([50, 25, 100], [10_000, 7_500, 20_000]) },
];

const report = suite("report of a bench");

report("has a row for each thing timed, and medians and multiples for each size", () => {
  assert.equal(costTable(SIZES, "sort").split("\n"), [
    "|  | 1,000 members, ms | × sort | 100,000 members, ms | × sort |",
    "| --- | --- | --- | --- | --- |",
    "| sort | 0.500 | 1.00 | 50.0 | 1.00 |",
    "| balance | 1.0 | 2.00 | 10000.0 | 200 |",
  ]);
});

report("ends the table of growth with the exponents", () => {
  assert.is(
    growthTable(SIZES, ["sort", "balance"], "sort").split("\n").at(-1),
    "| exponent | 1.00 |  | 2.00 |  |",
  );
});

report("calls a goal reached at exactly what is wanted, and not above", () => {
  const goals = [
    { what: "at", most: 1, found: 1 },
    { what: "above", most: 1, found: 1.01 },
  ];
  assert.equal(goalTable(goals).split("\n").slice(2), [
    "| at | ≤ 1.00 | 1.00 | reached |",
    "| above | ≤ 1.00 | 1.01 | not reached |",
  ]);
});

report("refuses a name that was not timed", () => {
  assert.throws(() => growthTable(SIZES, ["settle"], "sort"), RangeError);
});

report.run();
