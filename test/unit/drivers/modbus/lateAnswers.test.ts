import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  isAmbiguous,
  type OpenReadList,
  probeBefore,
  stillOpen,
  withAnswered,
  withSent,
} from "../../../../drivers/modbus/lateAnswers.ts";
import type { AnswerShape } from "../../../../drivers/modbus/lineRequest.ts";
import type { RegisterRead } from "../../../../drivers/plan.ts";

const NEXT: RegisterRead = { table: "input", address: 72, count: 4 };
const FOUR: AnswerShape = { table: "input", count: 4 };
const TWO: AnswerShape = { table: "input", count: 2 };

const test = suite("drivers/modbus/lateAnswers");

test("a read is ambiguous when an open one has its table and count, whatever its address", () => {
  const open = sent(FOUR);
  assert.ok(isAmbiguous(open, NEXT));
  assert.not.ok(isAmbiguous(open, { ...NEXT, count: 2 }));
  assert.not.ok(isAmbiguous(open, { ...NEXT, table: "holding" }));
  assert.not.ok(isAmbiguous([], NEXT));
});

test("the probe asks the same place for another count, a smaller one if there is", () => {
  assert.equal(probeBefore(NEXT, 60), { table: "input", address: 72, count: 2 });
  assert.equal(probeBefore({ ...NEXT, count: 2 }, 60), { table: "input", address: 72, count: 4 });
});

test("there is no probe beyond the meter's limit or the address space", () => {
  assert.is(probeBefore({ ...NEXT, count: 2 }, 2), null);
  assert.is(probeBefore({ table: "input", address: 0xfffe, count: 2 }, 60), null);
});

test("an answered probe proves that what was sent before it is over", () => {
  assert.equal(withAnswered(sent(FOUR, TWO), TWO), []);
});

test("an answer of a shape sent twice may be the first one's", () => {
  const open = withAnswered(sent(FOUR, TWO, TWO), TWO);
  assert.not.ok(isAmbiguous(open, FOUR));
  assert.ok(isAmbiguous(open, TWO));
});

test("a read sent between two probes of one shape stays open when one of them is answered", () => {
  assert.ok(isAmbiguous(withAnswered(sent(TWO, FOUR, TWO), TWO), FOUR));
});

test("a frame that answers no open read changes nothing", () => {
  const open = sent(FOUR);
  assert.is(withAnswered(open, TWO), open);
});

test("repeated probes of a silent meter take no more room", () => {
  const shapes = [FOUR, ...new Array<AnswerShape>(1000).fill(TWO)];
  assert.is(sent(...shapes).length, 2);
});

test("after its time a read is no longer open", () => {
  const open = withSent([], FOUR, 100);
  assert.equal(stillOpen(open, 99), open);
  assert.equal(stillOpen(open, 100), []);
});

/** A server that answers in order, loses some requests, and whose answers come at any time. */
test("a read sent while not ambiguous never gets another's answer, whatever is lost or late", () => {
  const steps = fc.array(fc.record({ isTwo: fc.boolean(), isLost: fc.boolean(), delivered: fc.nat(3) }), {
    maxLength: 40,
  });
  const property = fc.property(steps, (sequence) => {
    let open: OpenReadList = [];
    const onTheWay: { readonly id: number; readonly shape: AnswerShape }[] = [];
    for (const [id, { isTwo, isLost, delivered }] of sequence.entries()) {
      const shape = isTwo ? TWO : FOUR;
      const mayBeTrusted = !isAmbiguous(open, shape);
      open = withSent(open, shape, 1);
      if (!isLost) onTheWay.push({ id, shape });
      for (const frame of onTheWay.splice(0, delivered)) {
        const looksAwaited = frame.shape.count === shape.count;
        if (looksAwaited && mayBeTrusted) assert.is(frame.id, id);
        open = withAnswered(open, frame.shape);
        if (looksAwaited) break;
      }
    }
  });
  fc.assert(property, { numRuns: 2000 });
});

test.run();

function sent(...shapes: readonly AnswerShape[]): OpenReadList {
  return shapes.reduce<OpenReadList>((open, shape) => withSent(open, shape, 1), []);
}
