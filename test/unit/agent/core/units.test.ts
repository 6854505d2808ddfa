/** Units refuse what they cannot hold. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { height, intervalIndex, round, term, unixMs, watts, wh } from "../../../../agent/core/units.ts";
import { failsWith } from "../../../support/failure.ts";

const units = suite("units");
const COUNTS = { unixMs, intervalIndex, height, round, term };

for (const [name, make] of Object.entries(COUNTS)) {
  units(`${name} takes 0 and the greatest safe integer`, () => {
    assert.is(make(0), 0);
    assert.is(make(2 ** 53 - 1), 2 ** 53 - 1);
  });

  units(`${name} refuses fractions, NaN and infinities as no integer`, async () => {
    for (const value of [0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      await failsWith(() => make(value), "UNIT_NOT_INTEGER");
  });

  units(`${name} refuses integers below 0 and beyond 2^53 − 1 as out of range`, async () => {
    for (const value of [-1, -(2 ** 53), 2 ** 53, 1e300]) {
      const { detail } = await failsWith(() => make(value), "UNIT_OUT_OF_RANGE");
      assert.is(String(detail.unit).toLowerCase(), name.toLowerCase());
    }
  });
}

units("watts may be negative and fractional, but are finite", async () => {
  assert.is(watts(-3.5), -3.5);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    await failsWith(() => watts(value), "UNIT_OUT_OF_RANGE");
});

units("watt-hours are any integer, exact beyond 2^53", () => {
  assert.is(wh(2n ** 70n + 1n) - wh(2n ** 70n), 1n);
  assert.is(wh(-1n), -1n);
});

units.run();
