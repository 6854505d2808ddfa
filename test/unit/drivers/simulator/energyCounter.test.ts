import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unixMs } from "../../../../agent/core/units.ts";
import { constantCurve, householdLoad, type PowerCurve } from "../../../../drivers/simulator/curve.ts";
import { createEnergyCounter, initialEnergies } from "../../../../drivers/simulator/energyCounter.ts";

const START_MS = 1_700_000_000_000;
const NONE = { importWh: 0n, exportWh: 0n };
const test = suite("drivers/simulator/energyCounter");

test("1 kW for an hour is 1 kWh, to the thousandth of a watt-hour", () => {
  const at = counter(constantCurve(1000), 1);
  assert.is(at(unixMs(START_MS + 3_600_000)).importMilliWh, 1_000_000n);
  assert.is(at(unixMs(START_MS + 3_600_000)).exportMilliWh, 0n);
});

test("time-lapse 180 makes a quarter of an hour of five seconds", () => {
  const at = counter(constantCurve(-2000), 180);
  const state = at(unixMs(START_MS + 5_000));
  assert.is(state.exportMilliWh, 500_000n);
  assert.is(state.importMilliWh, 0n);
  assert.is(state.virtualMinute, 615);
  assert.is(state.powerW, -2000);
});

test("import and export are counted apart, minute by minute", () => {
  const swinging: PowerCurve = { wattsInMinute: (minute) => (minute % 2 === 0 ? 600 : -300) };
  const state = counter(swinging, 60)(unixMs(START_MS + 4_000));
  assert.is(state.importMilliWh, 20_000n);
  assert.is(state.exportMilliWh, 10_000n);
});

test("a part of a minute counts in proportion", () => {
  assert.is(counter(constantCurve(3600), 1)(unixMs(START_MS + 1)).importMilliWh, 1n);
  assert.is(counter(constantCurve(3599), 1)(unixMs(START_MS + 1)).importMilliWh, 0n);
});

test("before its start nothing advances", () => {
  const at = counter(constantCurve(1000), 1);
  assert.is(at(unixMs(START_MS - 60_000)).importMilliWh, 0n);
});

test("an instant gives the same registers in whatever order instants are asked, and they never fall", () => {
  const property = fc.property(
    fc.integer(),
    fc.array(fc.nat(200_000), { minLength: 2, maxLength: 20 }),
    (seed, offsetsMs) => {
      const shared = counter(householdLoad({ seed }), 180);
      const inOrder = [...offsetsMs].sort((a, b) => a - b);
      const alone = inOrder.map((ms) => counter(householdLoad({ seed }), 180)(unixMs(START_MS + ms)));
      for (const ms of offsetsMs) {
        const index = inOrder.indexOf(ms);
        assert.equal(shared(unixMs(START_MS + ms)), alone[index]);
      }
      for (const [index, state] of alone.entries())
        assert.ok(index === 0 || state.importMilliWh >= (alone[index - 1]?.importMilliWh ?? 0n));
    },
  );
  fc.assert(property, { numRuns: 50 });
});

test("meters start with some thousand kWh in their direction, the same for the same seed", () => {
  for (let seed = 0; seed < 100; seed++) {
    const consumption = initialEnergies(seed, "consumption");
    const generation = initialEnergies(seed, "generation");
    assert.equal(consumption, initialEnergies(seed, "consumption"));
    assert.ok(consumption.importWh >= 2_000_000n && consumption.importWh < 9_000_000n);
    assert.is(consumption.exportWh, 0n);
    assert.ok(generation.exportWh >= 2_000_000n && generation.importWh < 40_000n);
  }
});

test.run();

function counter(curve: PowerCurve, timeLapse: number): ReturnType<typeof createEnergyCounter> {
  return createEnergyCounter({
    curve,
    startedAtMs: unixMs(START_MS),
    startMinute: 600,
    timeLapse,
    initial: NONE,
  });
}
