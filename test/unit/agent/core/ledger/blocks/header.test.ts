import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encode } from "../../../../../../agent/core/codec.ts";
import { blockHash, encodeBlock } from "../../../../../../agent/core/ledger/blocks/block.ts";
import { readHeader } from "../../../../../../agent/core/ledger/blocks/header.ts";
import { good, goodRecall } from "../../../../../support/nextBlock.ts";
import { propertySeed } from "../../../../../support/propertySeed.ts";

const test = suite("header");
const codeOf = (bytes: Uint8Array) => {
  const read = readHeader(bytes);
  return read.kind === "accept" ? "accept" : read.code;
};

test("is the same as the whole block's, with the same hash", () => {
  for (const block of [good, goodRecall]) {
    const read = readHeader(encodeBlock(block));
    if (read.kind !== "accept") return assert.unreachable(read.code);
    assert.equal(read.value.header, block.header);
    assert.is(read.value.blockHash, blockHash(block.header));
  }
});

test("is read without what stands behind it", () => {
  const encoded = encodeBlock(good);
  const altered = encoded.with(encoded.length - 1, 255);
  assert.is(codeOf(altered), "accept");
});

test("what is no header is refused", () => {
  for (const bytes of [
    new Uint8Array(),
    Uint8Array.of(0x82),
    encode([1, 2]),
    encode([[1, [2]], []]),
    encode([Array(30).fill(1), []]),
    encodeBlock(good).subarray(0, 50),
  ])
    assert.is(codeOf(bytes), "NOT_CBOR");
  assert.is(codeOf(encode([[1, 2, 3], []])), "BAD_SHAPE");
});

test("no bytes make it throw", () => {
  const right = encodeBlock(good);
  const flipped = fc
    .tuple(fc.nat(300), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => right.map((byte, index) => (index === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), flipped), (bytes) => {
      assert.type(codeOf(bytes), "string");
    }),
    { seed: propertySeed("header.test.ts"), numRuns: 1_000 },
  );
});

test.run();
