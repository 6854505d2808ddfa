import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WireFrame } from "../../../agent/ports/commissioning.ts";
import { withCrc } from "../../../drivers/modbus/crc16.ts";
import { frameText, startWireLog } from "../../../drivers/wireLog.ts";

/** The maker's worked example: 230.2 V in two input registers of unit 1. */
const REQUEST = "01040000000271cb";
const ANSWER = "010404436633341b38";
/** By hand, with the check of another implementation (pymodbus). */
const EXCEPTION = "018402c2c1";

const test = suite("drivers/wireLog");

for (const [hex, text] of [
  [REQUEST, "unit 1 is asked for 2 input registers from 0"],
  [ANSWER, "unit 1 answers with 2 registers"],
  [EXCEPTION, "unit 1 refuses with exception 2"],
  [REQUEST + ANSWER, "unit 1 is asked for 2 input registers from 0; unit 1 answers with 2 registers"],
  [`${ANSWER}00ff`, "unit 1 answers with 2 registers; 2 bytes, no valid frame"],
  [`00${ANSWER}`, "10 bytes, no valid frame"],
  ["", "0 bytes, no valid frame"],
] as const)
  test(`${hex === "" ? "nothing" : hex}: ${text}`, () => {
    assert.is(frameText(bytes(hex)), text);
  });

test("bytes of one direction that come together are one frame", () => {
  const frames: WireFrame[] = [];
  const log = startWireLog((frame) => frames.push(frame), true);
  log.note({ direction: "sent", bytes: bytes(REQUEST) });
  log.note({ direction: "received", bytes: bytes(ANSWER.slice(0, 6)) });
  log.note({ direction: "received", bytes: bytes(ANSWER.slice(6)) });
  log.end();
  assert.equal(
    frames.map(({ direction, says }) => [direction, says]),
    [
      ["sent", "unit 1 is asked for 2 input registers from 0"],
      ["received", "unit 1 answers with 2 registers"],
    ],
  );
});

/** Modbus Application Protocol V1.1b3, examples of sections 6.1, 6.5, 6.6 and 6.12; unit 17, check added. */
for (const [pdu, text] of [
  ["0100130013", "unit 17 is asked for 19 coils from 19"],
  ["0103cd6b05", "unit 17 answers with 3 bytes of coils"],
  ["0500acff00", "unit 17: write of coil 172, value 65280"],
  ["0600010003", "unit 17: write of register 1, value 3"],
  ["100001000204000a0102", "unit 17: write of registers from 1, count 2"],
  ["1000010002", "unit 17: write of registers from 1, count 2"],
] as const)
  test(`the frame ${pdu} says: ${text}`, () => {
    assert.is(frameText(withCrc(bytes(`11${pdu}`))), text);
  });

test("whoever babbles is shown in pieces", () => {
  const frames: WireFrame[] = [];
  const log = startWireLog((frame) => frames.push(frame), true);
  for (let count = 0; count < 30; count++) log.note({ direction: "received", bytes: new Uint8Array(100) });
  log.end();
  assert.ok(frames.length > 1);
  assert.ok(frames.every((frame) => frame.bytes.length < 700));
  assert.is(
    frames.reduce((sum, frame) => sum + frame.bytes.length, 0),
    3_000,
  );
});

test("of frames with another header nothing is said", () => {
  const frames: WireFrame[] = [];
  const log = startWireLog((frame) => frames.push(frame), false);
  log.note({ direction: "sent", bytes: bytes(REQUEST) });
  log.end();
  assert.is(frames[0]?.says, null);
});

test.run();

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
