import { suite } from "uvu";
import * as assert from "uvu/assert";
import { crc16, hasValidCrc, withCrc } from "../../../../drivers/modbus/crc16.ts";
import { ABB_ABSENT_POWER_FACTOR, CAPTURED_FRAMES } from "../../../vectors/modbusFrames.ts";

const CAPTURED = [
  ...CAPTURED_FRAMES.flatMap(({ requestHex, responseHex }) => [requestHex ?? responseHex, responseHex]),
  ABB_ABSENT_POWER_FACTOR.requestHex,
  ABB_ABSENT_POWER_FACTOR.responseHex,
];
const test = suite("drivers/modbus/crc16");

test("the check of 123456789 is 0x4B37, as catalogued for CRC-16/MODBUS", () => {
  assert.is(crc16(new TextEncoder().encode("123456789")), 0x4b37);
});

for (const hex of new Set(CAPTURED))
  test(`captured frame ${hex} holds, and is what its body frames to`, () => {
    const frame = Uint8Array.from(Buffer.from(hex, "hex"));
    assert.ok(hasValidCrc(frame));
    assert.equal(withCrc(frame.slice(0, -2)), frame);
  });

test("any one changed bit breaks the check", () => {
  const frame = Uint8Array.from(Buffer.from("010404436633341b38", "hex"));
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const changed = frame.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    assert.not.ok(hasValidCrc(changed), `bit ${bit}`);
  }
});

test("nothing but a check is no frame", () => {
  assert.not.ok(hasValidCrc(Uint8Array.from([0xff, 0xff])));
  assert.not.ok(hasValidCrc(new Uint8Array()));
});

test.run();
