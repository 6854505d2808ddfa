/** Frames of the examples of the Modbus Application Protocol V1.1b3, sections 6.1, 6.5, 6.6 and 6.12; unit 17, check added. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type AwaitedAnswer,
  awaitedAnswer,
  searchAnswer,
  shapeOf,
} from "../../../../drivers/modbus/answerSearch.ts";
import { crc16, withCrc } from "../../../../drivers/modbus/crc16.ts";
import {
  functionCodeOf,
  isShown,
  type LineRequest,
  readBackOf,
  shapeOfRequest,
} from "../../../../drivers/modbus/lineRequest.ts";

type Example = { name: string; asked: LineRequest; request: Uint8Array; answer: Uint8Array };

const COILS: Example = {
  name: "6.1, coils 20 to 38",
  asked: { table: "coil", address: 0x13, count: 0x13 },
  request: frame("0100130013"),
  answer: frame("0103cd6b05"),
};
const COIL: Example = {
  name: "6.5, coil 173 on",
  asked: { kind: "coil", address: 0xac, isOn: true },
  request: frame("0500acff00"),
  answer: frame("0500acff00"),
};
const REGISTER: Example = {
  name: "6.6, register 2 to 3",
  asked: { kind: "registers", address: 1, words: [3] },
  request: frame("0600010003"),
  answer: frame("0600010003"),
};
const REGISTERS: Example = {
  name: "6.12, two registers from 2",
  asked: { kind: "registers", address: 1, words: [10, 258] },
  request: frame("100001000204000a0102"),
  answer: frame("1000010002"),
};
const EXAMPLES = [COILS, COIL, REGISTER, REGISTERS];

const test = suite("drivers/modbus/lineRequest");

for (const { name, asked, request, answer } of EXAMPLES) {
  test(`example ${name}: the answer is found and known as the request's`, () => {
    assert.is(functionCodeOf(asked), request[1]);
    assert.equal(searchAnswer(answer, awaitedAnswer(request)), { kind: "answer", frame: answer });
    assert.equal(shapeOf(answer), shapeOfRequest(asked));
  });

  test(`example ${name}: until its last byte the answer is incomplete`, () => {
    for (let length = 0; length < answer.length; length++)
      assert.equal(searchAnswer(answer.slice(0, length), awaitedAnswer(request)), { kind: "incomplete" });
  });

  test(`example ${name}: on an echoing line the first copy is the echo and the second answers`, () => {
    const both = Uint8Array.from([...request, ...answer]);
    const awaited: AwaitedAnswer = { ...awaitedAnswer(request), isEchoDue: true };
    assert.equal(searchAnswer(both, awaited), { kind: "echo", rest: answer });
    assert.equal(searchAnswer(answer, { ...awaited, isEchoDue: false }), { kind: "answer", frame: answer });
  });
}

test("an exception is an answer even where an echo is due", () => {
  const refusal = frame("8502");
  const awaited = { ...awaitedAnswer(COIL.request), isEchoDue: true };
  assert.equal(searchAnswer(refusal, awaited), { kind: "answer", frame: refusal });
});

for (const [name, example, other] of [
  ["another coil", COIL, frame("0500adff00")],
  ["the other state", COIL, frame("0500ac0000")],
  ["another value", REGISTER, frame("0600010004")],
  ["another quantity", REGISTERS, frame("1000010001")],
  ["another address", REGISTERS, frame("1000020002")],
] as const)
  test(`an acknowledgement of ${name} is foreign`, () => {
    const found = searchAnswer(other, awaitedAnswer(example.request));
    assert.equal(found, { kind: "foreign", frame: other, rest: new Uint8Array() });
    assert.not.equal(shapeOf(other), shapeOfRequest(example.asked));
  });

test("the echo of a long write never passes for its answer, though its beginning may look like one", () => {
  const head = Array.from({ length: 0x10000 }, (_, at) => [17, 16, at >> 8, at & 0xff, 0, 2]).find(
    (bytes) => (crc16(Uint8Array.from(bytes)) & 0xff) === 4,
  );
  const looksAnswered = withCrc(Uint8Array.from(head ?? []));
  const request = withCrc(Uint8Array.from([...looksAnswered, 0, 0, 0]));
  assert.is(looksAnswered[6], 4, "the check stands where the count of bytes does");
  for (let length = 1; length < request.length; length++)
    assert.equal(searchAnswer(request.slice(0, length), awaitedAnswer(request)), { kind: "incomplete" });
  assert.is(searchAnswer(request, awaitedAnswer(request)).kind, "echo");
});

test("what was written is shown by the same words at the same place, and by nothing else", () => {
  assert.equal(readBackOf({ kind: "coil", address: 7, isOn: true }), { table: "coil", address: 7, count: 1 });
  assert.ok(isShown({ kind: "coil", address: 7, isOn: false }, [0]));
  assert.not.ok(isShown({ kind: "coil", address: 7, isOn: false }, [1]));
  const write = { kind: "registers", address: 1, words: [10, 258] } as const;
  assert.equal(readBackOf(write), { table: "holding", address: 1, count: 2 });
  assert.ok(isShown(write, [10, 258]));
  assert.not.ok(isShown(write, [10]));
  assert.not.ok(isShown(write, [10, 259]));
});

test.run();

function frame(pduHex: string): Uint8Array {
  return withCrc(Uint8Array.from(Buffer.from(`11${pduHex}`, "hex")));
}
