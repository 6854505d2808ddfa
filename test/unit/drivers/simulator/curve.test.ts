import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  householdLoad,
  MINUTES_PER_DAY,
  type PowerCurve,
  solarGeneration,
  windGeneration,
} from "../../../../drivers/simulator/curve.ts";

const SEEDS = [0, 1, 2, 7, 42, 2_147_483_647];
const test = suite("drivers/simulator/curve");

test("the same seed gives the same day, whatever was asked before", () => {
  for (const seed of SEEDS) {
    const asked = householdLoad({ seed });
    asked.wattsInMinute(5 * MINUTES_PER_DAY);
    assert.equal(day(asked, 1), day(householdLoad({ seed }), 1));
    assert.equal(
      day(solarGeneration({ seed, peakW: 4000 }), 2),
      day(solarGeneration({ seed, peakW: 4000 }), 2),
    );
  }
});

test("other seeds and other days give other curves", () => {
  assert.not.equal(day(householdLoad({ seed: 1 }), 0), day(householdLoad({ seed: 2 }), 0));
  assert.not.equal(day(householdLoad({ seed: 1 }), 0), day(householdLoad({ seed: 1 }), 1));
  const roof = solarGeneration({ seed: 1, peakW: 4000 });
  assert.not.equal(day(roof, 0), day(roof, 1));
});

test("a household always imports, whole watts, and uses 8 to 60 kWh a day, heat pump included", () => {
  for (const seed of SEEDS)
    for (const dayIndex of [0, 1, 2]) {
      const watts = day(householdLoad({ seed }), dayIndex);
      assert.ok(watts.every((power) => Number.isInteger(power) && power > 0));
      const kwh = sum(watts) / 60_000;
      assert.ok(kwh > 8 && kwh < 60, `seed ${seed}, day ${dayIndex}: ${kwh} kWh`);
    }
});

test("evenings are heavier than nights", () => {
  const night = SEEDS.map((seed) => sum(day(householdLoad({ seed }), 0).slice(120, 300)));
  const evening = SEEDS.map((seed) => sum(day(householdLoad({ seed }), 0).slice(1080, 1260)));
  assert.ok(sum(evening) > 1.4 * sum(night));
});

test("a solar roof exports by day only, never above its peak, most around noon", () => {
  for (const seed of SEEDS) {
    const watts = day(solarGeneration({ seed, peakW: 5000 }), 0);
    assert.ok(watts.every((power) => power <= 0 && power >= -5000));
    assert.ok([...watts.slice(0, 361), ...watts.slice(1200)].every((power) => power === 0));
    assert.ok(sum(watts.slice(660, 840)) < sum(watts.slice(361, 541)));
    assert.ok(-sum(watts) / 60_000 > 5, "a 5 kW roof yields more than 5 kWh");
  }
});

test("a turbine never imports and stays within its rating", () => {
  for (const seed of SEEDS) {
    const watts = day(windGeneration({ seed, ratedW: 3000 }), 0);
    assert.ok(watts.every((power) => power <= 0 && power >= -3000));
  }
});

test("no power is ever minus zero", () => {
  const watts = day(solarGeneration({ seed: 1, peakW: 0 }), 0);
  assert.ok(watts.every((power) => Object.is(power, 0)));
});

test.run();

function day(curve: PowerCurve, index: number): readonly number[] {
  return Array.from({ length: MINUTES_PER_DAY }, (_, minute) =>
    curve.wattsInMinute(index * MINUTES_PER_DAY + minute),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
