/** What the onlooker notes, and what it calls a contradiction. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hashOf } from "../../../agent/core/hash.ts";
import { Acknowledged, type ToldBlock } from "../../powercut/acknowledged.ts";

const acknowledged = suite("acknowledged");

const block = (height: number, content: number): ToldBlock => {
  return { kind: "block", member: "dep1", height, blockHash: hashOf(Uint8Array.of(content)) };
};
const now = () => process.hrtime.bigint();

acknowledged("a cut is judged by what was told before it", () => {
  const told = new Acknowledged();
  told.note(block(1, 1));
  const atNs = now();
  told.note(block(2, 2));
  assert.equal(told.before(atNs), [block(1, 1)]);
});

acknowledged("the same again is nothing new; another block at that height contradicts", () => {
  const told = new Acknowledged();
  told.note(block(1, 1));
  told.note(block(1, 1));
  assert.equal([told.before(now()).length, told.contradictions.length], [1, 0]);
  told.note(block(1, 2));
  assert.is(told.contradictions.length, 1);
});

acknowledged("what was told after the cut that the street goes on from may be told differently", () => {
  const told = new Acknowledged();
  told.note(block(1, 1));
  const atNs = now();
  told.note(block(2, 2));
  told.forgetAfter(atNs);
  told.note(block(2, 3));
  told.note(block(1, 9));
  assert.equal(
    told.contradictions.map((text) => text.slice(0, 7)),
    ["block 1"],
  );
  assert.is(told.heightOf("dep1"), 2);
});
acknowledged.run();
