/** The encoder of messages writes the same bytes as the dag-cbor library, or leaves the value to it. */
import * as dagCbor from "@ipld/dag-cbor";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeCbor } from "../../../../agent/core/cbor.ts";

const cbor = suite("cbor");

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, -0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32),
    fc.maxSafeInteger(),
    fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n),
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.array(tie("value"), { maxLength: 30 }),
  ),
}));

cbor("writes what the library writes", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assert.equal(encodeCbor(value), new Uint8Array(dagCbor.encode(value)));
    }),
    { numRuns: 3_000 },
  );
});

for (const [name, hex, value] of [
  // RFC 8949, Appendix A
  ["1000000000000", "1b000000e8d4a51000", 1_000_000_000_000],
  ["18446744073709551615", "1bffffffffffffffff", 2n ** 64n - 1n],
  ["-18446744073709551616", "3bffffffffffffffff", -(2n ** 64n)],
  ["-1000", "3903e7", -1_000],
  ["h'01020304'", "4401020304", Uint8Array.of(1, 2, 3, 4)],
  ["water", "63e6b0b4", "水"],
  ["a pair of surrogates", "64f0908591", "𐅑"],
  ["[1, [2, 3], [4, 5]]", "8301820203820405", [1, [2, 3], [4, 5]]],
] as const)
  cbor(`writes ${name} as RFC 8949 does`, () =>
    assert.is(Buffer.from(encodeCbor(value) ?? []).toString("hex"), hex),
  );

for (const [name, value] of [
  ["a float", 1.5],
  ["not a number", Number.NaN],
  ["a number beyond the safe ones", 2 ** 53],
  ["a big number", 2n ** 64n],
  ["a map", { a: 1 }],
  ["undefined", undefined],
] as const)
  cbor(`leaves ${name} to the library, inside a list, too`, () => {
    assert.is(encodeCbor(value), undefined);
    assert.is(encodeCbor([1, [value]]), undefined);
  });

cbor.run();
