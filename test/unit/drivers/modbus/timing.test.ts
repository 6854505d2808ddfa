import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type LineSettings,
  readDurationMs,
  silentIntervalMs,
  transmissionMs,
} from "../../../../drivers/modbus/timing.ts";

const test = suite("drivers/modbus/timing");

/** By hand: (8 + 5 + 120 + 8 + 5 + 40) characters of 10 bits, four silent intervals of 3.5 characters or 1.75 ms. */
const TWO_READS: readonly (readonly [baudRate: number, bareMs: number, withThinkMs: number])[] = [
  [2400, 833, 933],
  [9600, 208, 308],
  [19_200, 104, 204],
  [115_200, 23, 123],
];
for (const [baudRate, bareMs, withThinkMs] of TWO_READS)
  test(`60 + 20 registers at ${baudRate} baud take ${bareMs} ms, ${withThinkMs} ms with 50 ms of thinking each`, () => {
    const duration = (thinkMs: number): number =>
      readDurationMs(line(baudRate), 60, thinkMs) + readDurationMs(line(baudRate), 20, thinkMs);
    assert.is(Math.round(duration(0)), bareMs);
    assert.is(Math.round(duration(50)), withThinkMs);
  });

test("the silent interval is 3.5 characters up to 19200 baud and fixed above", () => {
  assert.is(silentIntervalMs(line(9600)), 3.5 * (10_000 / 9600));
  assert.is(silentIntervalMs(line(38_400)), 1.75);
});

test("a parity bit and a second stop bit lengthen a character", () => {
  assert.is(transmissionMs({ ...line(1000), parity: "even" }, 1), 11);
  assert.is(transmissionMs({ ...line(1000), stopBits: 2 }, 1), 11);
  assert.is(transmissionMs({ ...line(1000), dataBits: 7, parity: "odd" }, 1), 10);
});

test.run();

function line(baudRate: number): LineSettings {
  return { baudRate, parity: "none", dataBits: 8, stopBits: 1 };
}
