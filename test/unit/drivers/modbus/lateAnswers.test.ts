import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  isAmbiguous,
  probeBefore,
  remember,
  stillPossible,
  type UnansweredRead,
  type UnansweredReads,
} from "../../../../drivers/modbus/lateAnswers.ts";
import type { RegisterRead } from "../../../../drivers/plan.ts";

const NEXT: RegisterRead = { table: "input", address: 72, count: 4 };
const LATE: UnansweredRead = { table: "input", count: 4, untilMs: 100 };

const test = suite("drivers/modbus/lateAnswers");

test("a read is ambiguous when an unanswered one had its table and count, whatever its address", () => {
  assert.ok(isAmbiguous([LATE], NEXT));
  assert.not.ok(isAmbiguous([LATE], { ...NEXT, count: 2 }));
  assert.not.ok(isAmbiguous([LATE], { ...NEXT, table: "holding" }));
  assert.not.ok(isAmbiguous([], NEXT));
});

test("the probe asks the same place for a count that no late answer has", () => {
  assert.equal(probeBefore([LATE], NEXT, 60), { table: "input", address: 72, count: 2 });
  const more = remember([LATE], { ...LATE, count: 2 });
  assert.equal(probeBefore(more, NEXT, 60), { table: "input", address: 72, count: 6 });
});

test("the probe stays within the meter's limit and the address space", () => {
  assert.is(probeBefore([LATE, { ...LATE, count: 2 }], NEXT, 4), null);
  assert.is(probeBefore([{ ...LATE, count: 2 }], { table: "input", address: 0xfffe, count: 2 }, 60), null);
});

test("when every count is taken there is no probe", () => {
  let reads: UnansweredReads = [];
  for (let count = 2; count <= 16; count += 2) reads = remember(reads, { ...LATE, count });
  assert.is(probeBefore(reads, NEXT, 60), null);
});

test("what is remembered twice is held once, until the later time", () => {
  assert.equal(remember([LATE], { ...LATE, untilMs: 200 }), [{ ...LATE, untilMs: 200 }]);
});

test("after its time an answer is no longer believed to come", () => {
  assert.equal(stillPossible([LATE], 99), [LATE]);
  assert.equal(stillPossible([LATE], 100), []);
});

test.run();
