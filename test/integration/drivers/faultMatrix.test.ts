// time limit: 300 s
/** Each fault on one meter and on one of three: nothing wrong is accepted, nothing is lost once it is over. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterDefinition } from "../../../drivers/definition.ts";
import { faultCases } from "../../bench/faultCases.ts";
import { isHarmless, type MatrixOptions, runCase } from "../../bench/faultMatrix.ts";
import { THREE_MAKES } from "../../bench/threeMakes.ts";
import { QUICK_TUNING, systemNowMs } from "../../support/simulatedLine.ts";

const TIMEOUT_MS = 150;
const OPTIONS: MatrixOptions = {
  definitions: THREE_MAKES.map((definition) => ({
    ...definition,
    timing: { ...definition.timing, thinkTimeMs: 0, answerTimeoutMs: TIMEOUT_MS, gapMs: 5 },
  })),
  tuning: QUICK_TUNING,
  thinkTimeMs: 0,
  hasWireTime: false,
  faultyRounds: 3,
  nowMs: systemNowMs,
};

const test = suite("fault matrix");

for (const fault of faultCases({ lateByMs: 2 * TIMEOUT_MS }))
  for (const meters of [1, THREE_MAKES.length])
    test(`${fault.name}, ${meters} on the line: no wrong data, no reading lost after it`, async () => {
      const row = await runCase(fault, meters, OPTIONS);
      assert.ok(isHarmless(row), JSON.stringify(row));
    });

for (const [what, name] of [
  ["samples that the registers did not hold", "noise"],
  ["intervals with energy that never was", "stuck-counter"],
] as const)
  test(`the judge finds ${what}`, async () => {
    const fault = faultCases({ lateByMs: 0 }).find((candidate) => candidate.name === name);
    assert.ok(fault);
    const row = await runCase(fault, 1, { ...OPTIONS, readAs: doubled });
    assert.ok(row.wrong > 0, JSON.stringify(row));
    assert.not.ok(isHarmless(row));
  });

test.run();

/** A definition with a wrong scale. */
function doubled(definition: MeterDefinition): MeterDefinition {
  const registers = definition.registers.map((register) =>
    register.quantity === "activeEnergyImport" ? { ...register, toUnit: 2000 } : register,
  );
  return { ...definition, registers };
}
