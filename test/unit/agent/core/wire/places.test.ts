import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cborPlaces, placesDecoder } from "../../../../../agent/core/wire/places.ts";
import { failsWith } from "../../../../support/failure.ts";

const test = suite("places");

const NINE = Array.from({ length: 9 }, (_, place) => ({ id: `m${place}` }));

test("the lowest place is the lowest bit of the first byte", () => {
  assert.equal(cborPlaces(new Set(["m0", "m3", "m8"]), NINE), Uint8Array.of(0b0000_1001, 0b0000_0001));
  assert.equal(placesDecoder(NINE)(Uint8Array.of(0b0000_1001, 1)), new Set(["m0", "m3", "m8"]));
});

test("who has no place is left out", () => {
  assert.equal(cborPlaces(new Set(["stranger"]), NINE), Uint8Array.of(0, 0));
});

test("a bitmap of another length, or with a bit beyond the last place, is refused", async () => {
  for (const bad of [new Uint8Array(1), new Uint8Array(3), Uint8Array.of(0, 2), [], "00", null]) {
    await failsWith(() => placesDecoder(NINE)(bad), "CODEC_SHAPE");
  }
});

test.run();
