import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withCrc } from "../../../../drivers/modbus/crc16.ts";
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

test("a late exception closes nothing, since it may answer any of them", () => {
  const open = new OpenReads();
  open.noteSent(1, TWO, 100);
  assert.ok(open.noteLate(1, EXCEPTION, 0));
  assert.ok(open.isAmbiguous(1, TWO, 0));
});

test("an exception closes the only open read, and none of several", () => {
  const open = new OpenReads();
  open.noteSent(1, TWO, 100);
  open.noteException(1);
  assert.not.ok(open.isAmbiguous(1, TWO, 0));
  open.noteSent(1, TWO, 100);
  open.noteSent(1, FOUR, 100);
  open.noteException(1);
  assert.ok(open.isAmbiguous(1, TWO, 0));
});

test.run();
