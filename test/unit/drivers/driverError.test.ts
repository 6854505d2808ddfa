import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DriverError, type DriverErrorCode, isWorthRetrying } from "../../../drivers/driverError.ts";

const CODES: readonly (readonly [DriverErrorCode, boolean])[] = [
  ["DRIVER_TIMEOUT", true],
  ["DRIVER_CRC", true],
  ["DRIVER_WRONG_UNIT", true],
  ["DRIVER_BAD_ANSWER", true],
  ["DRIVER_PORT_GONE", false],
  ["DRIVER_CLOSED", false],
  ["DRIVER_QUEUE_FULL", false],
  ["DRIVER_BAD_VALUE", false],
  ["DRIVER_UNEXPECTED", false],
];
const test = suite("drivers/driverError");

for (const [code, isRetried] of CODES)
  test(`${code} is ${isRetried ? "" : "not "}tried again`, () => {
    assert.is(isWorthRetrying(new DriverError(code)), isRetried);
  });

test("a busy meter is asked again, one that refuses is not", () => {
  for (const [exceptionCode, isRetried] of [
    [1, false],
    [2, false],
    [3, false],
    [4, false],
    [5, true],
    [6, true],
  ] as const)
    assert.is(isWorthRetrying(new DriverError("DRIVER_EXCEPTION", { exceptionCode })), isRetried);
});

test.run();
