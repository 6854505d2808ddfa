import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterRole } from "../../../../../agent/core/membership/enrolment.ts";
import { unixMs, watts, wh } from "../../../../../agent/core/units.ts";
import {
  limitPermille,
  otherSideW,
  type SampledMeter,
  usedWh,
} from "../../../../../agent/services/curtailment/curtailmentBudget.ts";

const budget = suite("power budget of an order");

/** [Wh left, ms left, time-lapse, W of the other side, rated W, thousandths], by hand. */
const LIMITS: readonly (readonly [number, number, number, number, number, number])[] = [
  [250, 900_000, 1, 0, 10_000, 100],
  [250, 450_000, 1, 0, 10_000, 200],
  [250, 5_000, 180, 0, 10_000, 100],
  [0, 900_000, 1, 0, 10_000, 0],
  [-20, 900_000, 1, 0, 10_000, 0],
  [0, 900_000, 1, 4_000, 10_000, 200],
  [-250, 900_000, 1, 4_000, 10_000, 100],
  [249, 900_000, 1, 0, 10_000, 99],
  [5_000, 900_000, 1, 0, 10_000, 1000],
];

for (const [leftWh, leftMs, timeLapse, otherW, ratedW, permille] of LIMITS)
  budget(
    `of ${leftWh} Wh for ${leftMs} ms at pace ${timeLapse} with ${otherW} W beside is ${permille} ‰`,
    () => {
      assert.is(limitPermille({ leftWh, leftMs, timeLapse, otherSideW: otherW, ratedW }), permille);
    },
  );

/** Meters as [role, import, export, W]; null for a register that the meter has not got. */
type Row = readonly [MeterRole, bigint | null, bigint | null, number | null];

const BOTH: readonly Row[] = [
  ["generation", 0n, 100n, -900],
  ["consumption", 50n, 0n, 400],
];
const AFTER: readonly Row[] = [
  ["generation", 0n, 107n, -800],
  ["consumption", 80n, 0n, 500],
];
const GRID: readonly Row[] = [
  ["grid", 50n, 100n, 300],
  ["generation", 0n, 20n, -700],
];

budget("counts what was drawn or given so far, by every set of meters", () => {
  assert.is(usedWh("consumption", sampled(BOTH), sampled(AFTER)), 23);
  assert.is(usedWh("generation", sampled(BOTH), sampled(AFTER)), -23);
  const later: readonly Row[] = [
    ["grid", 60n, 101n, 0],
    ["generation", 0n, 22n, 0],
  ];
  assert.is(usedWh("consumption", sampled(GRID), sampled(later)), 9);
  assert.is(usedWh("consumption", sampled(GRID.slice(0, 1)), sampled(later.slice(0, 1))), 9);
});

budget("knows nothing of meters that were not read, have no such register, or have fallen", () => {
  assert.is(usedWh("consumption", [], sampled(AFTER)), null);
  assert.is(usedWh("consumption", sampled(AFTER), sampled(BOTH)), null);
  assert.is(usedWh("consumption", sampled(BOTH), sampled([["generation", 0n, null, 0], AFTER[1]!])), null);
  assert.is(usedWh("consumption", [], []), null);
});

budget("counts on the side that is not limited, as far as a meter tells", () => {
  assert.is(otherSideW("consumption", sampled(BOTH)), 900);
  assert.is(otherSideW("generation", sampled(BOTH)), 400);
  assert.is(otherSideW("generation", sampled(GRID)), 1_000);
  assert.is(otherSideW("consumption", sampled([["consumption", 0n, 0n, 400]])), 0);
  assert.is(otherSideW("generation", sampled([["generation", 0n, 0n, -900]])), 0);
  assert.is(otherSideW("consumption", sampled([["generation", 0n, 0n, null]])), 0);
});

budget.run();

function sampled(rows: readonly Row[]): readonly SampledMeter[] {
  return rows.map(([role, imported, exported, powerW]) => ({
    role,
    sample: {
      takenAtMs: unixMs(0),
      activeEnergyImport: imported === null ? null : wh(imported),
      activeEnergyExport: exported === null ? null : wh(exported),
      activePower: powerW === null ? null : watts(powerW),
      resolutionMilliWh: 1,
      frames: [],
    },
  }));
}
