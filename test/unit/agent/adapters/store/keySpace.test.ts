import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  BLOCK_RANGE,
  blockKey,
  certificateKey,
  changeKey,
  changesAbove,
  decodeHeight,
  encodeHeight,
  FORMAT_KEY,
  HEAD_KEY,
  heightOfHashKey,
  heightOfKey,
} from "../../../../../agent/adapters/store/keySpace.ts";
import { toHex } from "../../../../../agent/core/bytes.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { height } from "../../../../../agent/core/units.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const seed = propertySeed("keySpace");
const test = suite("keySpace");

test("keys are a prefix and a fixed width", () => {
  const hash = hashOf(Uint8Array.of(1));
  assert.is(toHex(FORMAT_KEY), "00");
  assert.is(toHex(HEAD_KEY), "01");
  assert.is(toHex(blockKey(height(0x0102))), "100000000000000102");
  assert.is(toHex(certificateKey(height(0x0102))), "110000000000000102");
  assert.is(toHex(changeKey(height(0x0102))), "130000000000000102");
  assert.is(toHex(heightOfHashKey(hash)), `20${hash}`);
});

test("entries of the trail above a height are those of higher ones only, up to the last", () => {
  const isIn = (above: number, at: number) => {
    const [{ gte, lt }, key] = [changesAbove(height(above)), changeKey(height(at))];
    return Buffer.compare(gte, key) <= 0 && Buffer.compare(key, lt) < 0;
  };
  assert.equal(
    [6, 7, 8, Number.MAX_SAFE_INTEGER].map((at) => isIn(7, at)),
    [false, false, true, true],
  );
  assert.is(isIn(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), false);
});

test("block keys sort by height, inside their range and out of any other", () => {
  const anyHeight = fc.maxSafeNat();
  fc.assert(
    fc.property(anyHeight, anyHeight, (left, right) => {
      const keys = [blockKey(height(left)), blockKey(height(right))] as const;
      assert.is(Math.sign(Buffer.compare(...keys)), Math.sign(left - right));
      for (const key of keys) {
        assert.ok(Buffer.compare(BLOCK_RANGE.gte, key) < 0 && Buffer.compare(key, BLOCK_RANGE.lt) < 0);
        assert.ok(Buffer.compare(certificateKey(height(left)), BLOCK_RANGE.lt) >= 0);
      }
    }),
    { seed },
  );
});

test("a height survives its key", () => {
  for (const at of [0, 1, 255, 256, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    assert.is(heightOfKey(blockKey(height(at))), at);
    assert.is(decodeHeight(encodeHeight(height(at))), at);
  }
});

test("what is no height is refused", () => {
  assert.throws(() => decodeHeight(new Uint8Array(7)), /8 bytes/);
  assert.throws(() => decodeHeight(new Uint8Array(8).fill(255)), /UNIT_OUT_OF_RANGE/);
  assert.throws(() => heightOfKey(new Uint8Array(8)), /9 bytes/);
});

test.run();
