/** Every shape serialport and modbus-serial fail with, Errors and others, becomes a DriverError of a stable code. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DriverError, type DriverErrorCode } from "../../../../drivers/driverError.ts";
import {
  translateOpenFailure,
  translatePortLoss,
  translateRequestFailure,
} from "../../../../drivers/modbus/errors.ts";

const FACTS = { unitId: 3, functionCode: 4, address: 72, count: 2, timeoutMs: 500 };
const NOTHING = { strayBytes: new Uint8Array(), foreignUnitId: null };
const STRAY = { strayBytes: Uint8Array.from([1, 4, 0xff]), foreignUnitId: null };
const FOREIGN = { strayBytes: new Uint8Array(), foreignUnitId: 9 };
const TIMED_OUT = { name: "TransactionTimedOutError", message: "Timed out", errno: "ETIMEDOUT" };
const NOT_OPEN = { name: "PortNotOpenError", message: "Port Not Open", errno: "ECONNREFUSED" };
const PORT_ERROR = { name: "SerialPortError", message: null, errno: "ECONNREFUSED" };
const EXCEPTION = Object.assign(new Error("Modbus exception 2: Illegal data address"), { modbusCode: 2 });

const CASES: readonly (readonly [string, unknown, typeof NOTHING | typeof FOREIGN, DriverErrorCode])[] = [
  ["a timeout that is no Error", TIMED_OUT, NOTHING, "DRIVER_TIMEOUT"],
  ["a timeout with stray bytes", TIMED_OUT, STRAY, "DRIVER_CRC"],
  ["a timeout after another unit's frame", TIMED_OUT, FOREIGN, "DRIVER_WRONG_UNIT"],
  ["a failed check", new Error("CRC error"), STRAY, "DRIVER_CRC"],
  ["another length", new Error("Data length error, expected 9 got 8"), NOTHING, "DRIVER_BAD_ANSWER"],
  [
    "another unit",
    new Error("Unexpected data error, expected address 3 got 4"),
    NOTHING,
    "DRIVER_WRONG_UNIT",
  ],
  [
    "another function",
    new Error("Unexpected data error, expected code 4 got 3"),
    NOTHING,
    "DRIVER_BAD_ANSWER",
  ],
  ["an exception", EXCEPTION, NOTHING, "DRIVER_EXCEPTION"],
  ["a port that is not open, no Error", NOT_OPEN, NOTHING, "DRIVER_PORT_GONE"],
  ["a port that is not open", new Error("Port is not open"), NOTHING, "DRIVER_PORT_GONE"],
  ["a port error without message", PORT_ERROR, NOTHING, "DRIVER_PORT_GONE"],
  ["a text", "boom", NOTHING, "DRIVER_UNEXPECTED"],
  ["nothing at all", undefined, NOTHING, "DRIVER_UNEXPECTED"],
  ["an unknown Error", new RangeError("offset out of range"), NOTHING, "DRIVER_UNEXPECTED"],
];
const test = suite("drivers/modbus/errors");

for (const [name, cause, evidence, code] of CASES)
  test(`${name} becomes ${code}`, () => {
    const error = translateRequestFailure(cause, FACTS, evidence);
    assert.instance(error, DriverError);
    assert.is(error.code, code);
    assert.is(error.cause, cause);
    assert.is(error.detail.unitId, 3);
    assert.is(error.detail.address, 72);
    assert.type(error.detail.why, "string");
  });

test("a DriverError passes unchanged", () => {
  const error = new DriverError("DRIVER_CLOSED");
  assert.is(translateRequestFailure(error, FACTS, NOTHING), error);
});

test("an exception tells its code and meaning", () => {
  const { detail } = translateRequestFailure(EXCEPTION, FACTS, NOTHING);
  assert.is(detail.exceptionCode, 2);
  assert.is(detail.why, "address not supported");
});

test("stray bytes are shown, a bounded number of them", () => {
  assert.is(translateRequestFailure(TIMED_OUT, FACTS, STRAY).detail.receivedHex, "0104ff");
  const many = { ...STRAY, strayBytes: new Uint8Array(500) };
  assert.is(String(translateRequestFailure(TIMED_OUT, FACTS, many).detail.receivedHex).length, 64);
});

for (const [why, hint] of [
  ["Error: No such file or directory, cannot open /dev/x", /not plugged in/],
  ["Error: Permission denied, cannot open /dev/x", /dialout/],
  ["Error Resource temporarily unavailable Cannot lock port", /another process/],
  ["Error: Input/output error", /see why/],
] as const)
  test(`opening that fails with "${why}" hints what to do`, () => {
    const error = translateOpenFailure(new Error(why), "/dev/x");
    assert.is(error.code, "DRIVER_PORT_OPEN");
    assert.is(error.detail.path, "/dev/x");
    assert.match(String(error.detail.hint), hint);
  });

test("a port that closes without a reason is gone all the same", () => {
  for (const cause of [null, undefined, new Error("bad file descriptor")])
    assert.is(translatePortLoss(cause, "/dev/x").code, "DRIVER_PORT_GONE");
});

test.run();
