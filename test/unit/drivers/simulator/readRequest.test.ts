import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withCrc } from "../../../../drivers/modbus/crc16.ts";
import { answerFrame, takeRequests } from "../../../../drivers/simulator/readRequest.ts";

const REQUEST = bytes("01040000000271cb");
const ANSWER = bytes("010404436633341b38");
const PARSED = { unitId: 1, functionCode: 4, read: { table: "input", address: 0, count: 2 } } as const;

const test = suite("drivers/simulator/readRequest");

test("a whole request is taken", () => {
  assert.equal(takeRequests(REQUEST), { requests: [PARSED], rest: new Uint8Array() });
});

test("a request in two parts is taken when it is whole", () => {
  const first = takeRequests(REQUEST.slice(0, 5));
  assert.equal(first.requests, []);
  const second = takeRequests(Uint8Array.from([...first.rest, ...REQUEST.slice(5)]));
  assert.equal(second.requests, [PARSED]);
});

test("noise before a request is skipped and nothing grows without bound", () => {
  assert.equal(takeRequests(Uint8Array.from([0, 0xff, 0x55, ...REQUEST])).requests, [PARSED]);
  assert.ok(takeRequests(new Uint8Array(10_000)).rest.length < 8);
});

test("a request with a failed check is no request", () => {
  assert.equal(takeRequests(bytes("01040000000271cc")).requests, []);
});

test("a function the meters do not have is taken, to be refused", () => {
  const discreteInputs = withCrc(bytes("010200000001"));
  assert.equal(takeRequests(discreteInputs).requests, [{ unitId: 1, functionCode: 2, read: null }]);
});

/** Modbus Application Protocol V1.1b3, example of section 6.12: 10 and 258 into registers 2 and 3; unit 1. */
test("a write of several registers is taken when its last byte has come, and not before", () => {
  const frame = withCrc(bytes("01100001000204000a0102"));
  for (let length = 0; length < frame.length; length++)
    assert.equal(takeRequests(frame.slice(0, length)).requests, []);
  const [request] = takeRequests(frame).requests;
  assert.equal(request?.write, { kind: "registers", address: 1, words: [10, 258] });
});

test("an answer is framed as the maker's example", () => {
  assert.equal(answerFrame(PARSED, { kind: "registers", words: [0x4366, 0x3334] }), ANSWER);
});

test("an exception is framed with the function's high bit", () => {
  assert.equal(answerFrame(PARSED, { kind: "exception", code: 2 }), withCrc(bytes("018402")));
});

test.run();

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
