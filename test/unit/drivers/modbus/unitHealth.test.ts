import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  afterFailure,
  HEALTHY,
  isDefective,
  type UnitHealth,
} from "../../../../drivers/modbus/unitHealth.ts";

const TUNING = { restAfterFailures: 3, restFirstMs: 1_000, restMostMs: 10_000 };

const test = suite("drivers/modbus/unitHealth");

test("a meter rests from its third failure in a row, ever longer, up to the most", () => {
  let health: UnitHealth = HEALTHY;
  const pausesMs = Array.from({ length: 8 }, () => {
    health = afterFailure(health, "DRIVER_TIMEOUT", 500, TUNING);
    return Math.max(0, health.restsUntilMs - 500);
  });
  assert.equal(pausesMs, [0, 0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test("it is defective from the same failure on", () => {
  assert.not.ok(isDefective({ failures: 2, restsUntilMs: 0 }, TUNING));
  assert.ok(isDefective({ failures: 3, restsUntilMs: 0 }, TUNING));
});

test("after years of failures the pause is still a number", () => {
  const health = afterFailure({ failures: 100_000, restsUntilMs: 0 }, "DRIVER_CRC", 0, TUNING);
  assert.is(health.restsUntilMs, 10_000);
});

for (const code of ["DRIVER_TIMEOUT", "DRIVER_CRC", "DRIVER_WRONG_UNIT", "DRIVER_BAD_ANSWER"] as const)
  test(`${code} counts against the meter`, () => {
    assert.is(afterFailure(HEALTHY, code, 0, TUNING).failures, 1);
  });

for (const code of ["DRIVER_EXCEPTION", "DRIVER_PORT_GONE", "DRIVER_PORT_LENT", "DRIVER_CLOSED"] as const)
  test(`${code} does not`, () => {
    assert.is(afterFailure(HEALTHY, code, 0, TUNING), HEALTHY);
  });

test.run();
