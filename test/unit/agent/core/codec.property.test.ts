/** Random values and random bytes: what was encoded comes back, and nothing throws. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  bytes,
  type Cbor,
  count,
  type Decoder,
  decode,
  encode,
  hash,
  integer,
  list,
  nullable,
  oneOf,
  text,
  tuple,
} from "../../../../agent/core/codec.ts";
import { propertySeed } from "../../../support/propertySeed.ts";

const seed = propertySeed("codec.property");
const MAX_BYTES = 2_000_000;
const anything: Decoder<unknown> = (value) => value;

const DECODERS: Readonly<Record<string, Decoder<unknown>>> = {
  count: count(),
  integer: integer(-10n, 10n),
  bytes: bytes(0, 100),
  text: text(100),
  oneOf: oneOf(["a", 1, true, null]),
  list: list(count(), 100),
  tuple: tuple(count()),
  nullable: nullable(count()),
  hash,
};

const random = suite("codec, random bytes");

/** Values as messages are made of. */
const { value: anyCbor } = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 6 }),
  ),
}));

random("what was encoded decodes to itself", () => {
  const holds = (value: Cbor) =>
    assert.equal(decode(encode(value), anything, MAX_BYTES), { kind: "accept", value });
  fc.assert(fc.property(anyCbor, holds), { seed, numRuns: 2_000 });
});

random("any bytes are judged without a throw, and what is accepted is its own encoding", () => {
  const holds = (received: Uint8Array) => {
    for (const decoder of Object.values(DECODERS)) decode(received, decoder, 64);
    const verdict = decode(received, anything, 64);
    if (verdict.kind === "accept") assert.equal(encode(verdict.value as Cbor), received);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), holds), { seed, numRuns: 4_000 });
});

random("bytes made of CBOR heads are judged without a throw, too", () => {
  const head = fc.constantFrom(
    0x00,
    0x18,
    0x1b,
    0x3b,
    0x41,
    0x5f,
    0x62,
    0x80,
    0x81,
    0x82,
    0x9a,
    0xa1,
    0xd8,
    0xf6,
    0xf7,
    0xf9,
    0xfb,
    0xff,
  );
  const holds = (heads: readonly number[]) => {
    const verdict = decode(Uint8Array.from(heads), anything, MAX_BYTES);
    if (verdict.kind === "accept") assert.equal(encode(verdict.value as Cbor), Uint8Array.from(heads));
  };
  fc.assert(fc.property(fc.array(head, { maxLength: 40 }), holds), { seed, numRuns: 4_000 });
});

random("one flipped bit of an encoding decodes to another value or not at all", () => {
  const holds = (value: Cbor, pick: number) => {
    const encoded = encode(value);
    const bit = pick % (encoded.length * 8);
    encoded[bit >> 3] = (encoded[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const verdict = decode(encoded, anything, MAX_BYTES);
    if (verdict.kind === "accept") assert.not.equal(verdict.value, value);
  };
  fc.assert(fc.property(anyCbor, fc.nat(), holds), { seed, numRuns: 2_000 });
});

random.run();
