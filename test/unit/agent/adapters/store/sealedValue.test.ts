import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openValue, sealValue } from "../../../../../agent/adapters/store/sealedValue.ts";

const key = Uint8Array.of(1, 2, 3);
const value = Uint8Array.of(10, 20, 30, 40);
const test = suite("sealedValue");

test("what was sealed opens, the empty value too", () => {
  assert.equal(openValue(key, sealValue(key, value)), value);
  assert.equal(openValue(key, sealValue(key, new Uint8Array())), new Uint8Array());
});

test("any changed bit, seal or value, is noticed", () => {
  const sealed = sealValue(key, value);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const altered = Uint8Array.from(sealed);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    assert.is(openValue(key, altered), null, `bit ${bit}`);
  }
});

test("a value under another key, cut short or prolonged is noticed", () => {
  const sealed = sealValue(key, value);
  assert.is(openValue(Uint8Array.of(1, 2, 4), sealed), null);
  assert.is(openValue(Uint8Array.of(1, 2), sealed), null);
  for (let length = 0; length < sealed.length; length += 1)
    assert.is(openValue(key, sealed.subarray(0, length)), null);
  assert.is(openValue(key, Uint8Array.of(...sealed, 0)), null);
});

test("a byte cannot wander from the key into the value", () => {
  const sealed = sealValue(Uint8Array.of(1, 2), Uint8Array.of(3, 4));
  const wandered = Uint8Array.of(...sealed.subarray(0, 8), 2, 3, 4);
  assert.is(openValue(Uint8Array.of(1), wandered), null);
});

test.run();
