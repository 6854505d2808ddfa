import { suite } from "uvu";
import * as assert from "uvu/assert";
import { awaitedAnswer } from "../../../../drivers/modbus/answerSearch.ts";
import { withCrc } from "../../../../drivers/modbus/crc16.ts";
import { tcpFraming } from "../../../../drivers/modbus/tcpFraming.ts";

/** A read of two input registers of unit 1, as RTU; by hand as Modbus TCP from the guide's section 3.1.3. */
const REQUEST = bytes("01040000000271cb");
const ANSWER = bytes("010404436633341b38");
const AWAITED = awaitedAnswer(REQUEST);

const test = suite("drivers/modbus/tcpFraming");

test("requests are numbered and lose their check", () => {
  const framing = tcpFraming();
  assert.is(hex(framing.wrap(REQUEST)), "000100000006010400000002");
  assert.is(hex(framing.wrap(REQUEST)), "000200000006010400000002");
});

test("numbers begin again after 65535", () => {
  const framing = tcpFraming();
  for (let count = 0; count < 0xffff; count++) framing.wrap(REQUEST);
  assert.is(hex(framing.wrap(REQUEST)).slice(0, 4), "0000");
});

test("the answer of the same number and unit is handed over as an RTU frame, with what follows it apart", () => {
  const framing = asked();
  assert.equal(framing.search(bytes("00010000000701040443663334", "0002"), AWAITED), {
    kind: "answer",
    frame: ANSWER,
    rest: bytes("0002"),
  });
});

test("an exception is an answer", () => {
  const found = asked().search(bytes("000100000003018402"), AWAITED);
  assert.equal(found, { kind: "answer", frame: withCrc(bytes("018402")), rest: new Uint8Array() });
});

test("an answer of another number is a late one, though it looks exactly alike", () => {
  const framing = asked();
  framing.wrap(REQUEST);
  const found = framing.search(bytes("00010000000701040443663334"), AWAITED);
  assert.equal(found, { kind: "foreign", frame: ANSWER, rest: new Uint8Array() });
});

test("an answer of another unit is foreign", () => {
  assert.is(asked().search(bytes("00010000000702040443663334"), AWAITED).kind, "foreign");
});

test("part of a message is incomplete until the last byte", () => {
  const whole = bytes("00010000000701040443663334");
  for (let length = 0; length < whole.length; length++)
    assert.equal(asked().search(whole.slice(0, length), AWAITED), { kind: "incomplete" });
});

for (const [what, header] of [
  ["another protocol", "000100010007"],
  ["no room for a function", "000100000002"],
  ["more than a message holds", "0001000000ff"],
] as const)
  test(`a header with ${what} breaks the connection`, () => {
    assert.equal(asked().search(bytes(header), AWAITED), { kind: "broken" });
  });

test("what comes unasked is taken message by message", () => {
  const leading = asked().leading(bytes("00010000000701040443663334", "0009"));
  assert.equal(leading?.frame, ANSWER);
  assert.equal(leading?.rest, bytes("0009"));
  assert.is(asked().leading(bytes("0001")), null);
});

test.run();

function asked(): ReturnType<typeof tcpFraming> {
  const framing = tcpFraming();
  framing.wrap(REQUEST);
  return framing;
}

function bytes(...hexes: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(hexes.join(""), "hex"));
}

function hex(sent: Uint8Array): string {
  return Buffer.from(sent).toString("hex");
}
