import { suite } from "uvu";
import * as assert from "uvu/assert";
import { awaitedAnswer, searchAnswer, shapeOf } from "../../../../drivers/modbus/answerSearch.ts";
import { withCrc } from "../../../../drivers/modbus/crc16.ts";

/** The maker's worked example: 230.2 V in two input registers of unit 1. */
const REQUEST = bytes("01040000000271cb");
const ANSWER = bytes("010404436633341b38");
const EXCEPTION = withCrc(bytes("018402"));
const OTHER_UNIT = withCrc(bytes("02040443663334"));
const OTHER_LENGTH = withCrc(bytes("0104084366333400000000"));
const OTHER_FUNCTION = withCrc(bytes("01030443663334"));
const AWAITED = awaitedAnswer(REQUEST);

const test = suite("drivers/modbus/answerSearch");

test("the awaited answer is read off the request", () => {
  assert.equal(AWAITED, { request: REQUEST, unitId: 1, functionCode: 4, count: 2 });
});

test("the answer is found whole", () => {
  assert.equal(search(ANSWER), { kind: "answer", frame: ANSWER });
});

test("an exception is an answer", () => {
  assert.equal(search(EXCEPTION), { kind: "answer", frame: EXCEPTION });
});

test("an exception has no shape of its own", () => {
  assert.is(shapeOf(EXCEPTION), null);
});

test("byte by byte it is incomplete until the last", () => {
  for (let length = 0; length < ANSWER.length; length++)
    assert.equal(search(ANSWER.slice(0, length)), { kind: "incomplete" });
});

test("noise before and bytes after do not hide the answer", () => {
  assert.equal(search(bytes("00ff55"), ANSWER, bytes("00ff")), { kind: "answer", frame: ANSWER });
});

test("an answer behind a late one is found", () => {
  assert.equal(search(OTHER_LENGTH, ANSWER), { kind: "answer", frame: ANSWER });
});

test("an echo of the request is stripped", () => {
  assert.equal(search(REQUEST, ANSWER), { kind: "echo", rest: ANSWER });
});

for (const [name, frame, shape] of [
  ["another unit", OTHER_UNIT, { table: "input", count: 2 }],
  ["another length", OTHER_LENGTH, { table: "input", count: 4 }],
  ["another function", OTHER_FUNCTION, { table: "holding", count: 2 }],
] as const)
  test(`a frame of ${name} is foreign, whatever it holds`, () => {
    assert.equal(search(frame, bytes("01")), { kind: "foreign", frame, rest: bytes("01") });
    assert.equal(shapeOf(frame), shape);
  });

test("an answer with a changed byte is spoiled", () => {
  for (let index = 0; index < ANSWER.length; index++) {
    const changed = ANSWER.map((byte, at) => (at === index ? byte ^ 0x01 : byte));
    assert.equal(search(changed), { kind: "spoiled" });
  }
});

test("as many bytes of noise as the answer has are spoiled", () => {
  assert.equal(search(new Uint8Array(9)), { kind: "spoiled" });
});

test.run();

function search(...parts: readonly Uint8Array[]): ReturnType<typeof searchAnswer> {
  return searchAnswer(Uint8Array.from(parts.flatMap((part) => [...part])), AWAITED);
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
