import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withCrc } from "../../../../drivers/modbus/crc16.ts";
import { shapeOfRequest } from "../../../../drivers/modbus/lineRequest.ts";
import { OpenReads } from "../../../../drivers/modbus/openReads.ts";

const TWO = { table: "input", count: 2 } as const;
const FOUR = { table: "input", count: 4 } as const;
const ANSWER_OF_TWO = withCrc(Uint8Array.from([1, 4, 4, 0, 0, 0, 0]));
const EXCEPTION = withCrc(Uint8Array.from([1, 0x84, 2]));

const test = suite("drivers/modbus/openReads");

test("units do not answer for each other", () => {
  const open = new OpenReads();
  open.noteSent(1, TWO, 100);
  assert.ok(open.isAmbiguous(1, TWO, 0));
  assert.not.ok(open.isAmbiguous(2, TWO, 0));
});

test("an answered read is open no more, and one without hope neither", () => {
  const open = new OpenReads();
  open.noteSent(1, TWO, 100);
  open.noteAnswered(1, TWO);
  assert.not.ok(open.isAmbiguous(1, TWO, 0));
  open.noteSent(1, TWO, 100);
  assert.not.ok(open.isAmbiguous(1, TWO, 100));
});

test("a frame nobody waits for is late when its unit has an open read, which it closes", () => {
  const open = new OpenReads();
  assert.not.ok(open.noteLate(1, ANSWER_OF_TWO, 0));
  open.noteSent(1, TWO, 100);
  assert.ok(open.noteLate(1, ANSWER_OF_TWO, 0));
  assert.not.ok(open.isAmbiguous(1, TWO, 0));
});

test("an exception, late or not, answers the oldest open read or a later one: the oldest is over", () => {
  const open = new OpenReads();
  open.noteSent(1, TWO, 100);
  open.noteSent(1, TWO, 100);
  open.noteSent(1, FOUR, 100);
  assert.ok(open.noteLate(1, EXCEPTION, 0));
  assert.ok(open.isAmbiguous(1, TWO, 0));
  open.noteException(1);
  assert.not.ok(open.isAmbiguous(1, TWO, 0));
  assert.ok(open.isAmbiguous(1, FOUR, 0));
  open.noteException(1);
  open.noteException(1);
  assert.not.ok(open.isAmbiguous(1, FOUR, 0));
});

test("a probe has a count that no open read has, as long as there is one", () => {
  const open = new OpenReads();
  const next = { ...FOUR, address: 0 };
  const counts = Array.from({ length: 6 }, () => {
    const probe = open.probeBefore(1, next, 60);
    if (probe !== null) open.noteSent(1, probe, 100);
    return probe?.count;
  });
  assert.equal(counts, [2, 6, 8, 10, 12, 2]);
});

test("an open write is ambiguous for the same write alone, and read back before it", () => {
  const open = new OpenReads();
  const on = { kind: "coil", address: 7, isOn: true } as const;
  const back = { table: "coil", address: 7, count: 1 } as const;
  open.noteSent(1, shapeOfRequest(on), 100);
  assert.ok(open.isAmbiguous(1, shapeOfRequest(on), 0));
  assert.not.ok(open.isAmbiguous(1, shapeOfRequest({ ...on, isOn: false }), 0));
  assert.not.ok(open.isAmbiguous(1, shapeOfRequest({ ...on, address: 8 }), 0));
  assert.equal(open.probeBefore(1, on, 125), back);
  open.noteSent(1, shapeOfRequest(back), 100);
  assert.equal(open.probeBefore(1, on, 125), { ...back, count: 16 });
  open.noteAnswered(1, shapeOfRequest(back));
  assert.not.ok(open.isAmbiguous(1, shapeOfRequest(on), 0));
});

test("a late acknowledgement closes its write", () => {
  const open = new OpenReads();
  open.noteSent(1, shapeOfRequest({ kind: "registers", address: 1, words: [10, 258] }), 100);
  const acknowledged = withCrc(Uint8Array.from([1, 16, 0, 1, 0, 2]));
  assert.ok(open.noteLate(1, acknowledged, 0));
  assert.not.ok(open.noteLate(1, acknowledged, 0));
});

test.run();
