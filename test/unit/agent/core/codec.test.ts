/**
 * Untrusted bytes: one encoding per value, bounds of every decoder, refusal by value whatever comes.
 * Encodings are written by hand; RFC 8949 Appendix A is their source where it is named.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "../../../../agent/core/bytes.ts";
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

const MAX_BYTES = 2_000_000;
const anything: Decoder<unknown> = (value) => value;

function codeOf(encoded: string | Uint8Array, decoder: Decoder<unknown> = anything): string {
  const verdict = decode(typeof encoded === "string" ? fromHex(encoded) : encoded, decoder, MAX_BYTES);
  return verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.code}`;
}

const canonical = suite("codec, one encoding per value");

/** @source RFC 8949 Appendix A */
const EXAMPLES: readonly (readonly [Cbor, string])[] = [
  [0, "00"],
  [23, "17"],
  [24, "1818"],
  [1000, "1903e8"],
  [1_000_000, "1a000f4240"],
  [1_000_000_000_000, "1b000000e8d4a51000"],
  [18_446_744_073_709_551_615n, "1bffffffffffffffff"],
  [-1, "20"],
  [-1000, "3903e7"],
  [false, "f4"],
  [true, "f5"],
  [null, "f6"],
  [fromHex("01020304"), "4401020304"],
  ["IETF", "6449455446"],
  ["ü", "62c3bc"],
  [[], "80"],
  [[1, [2, 3], [4, 5]], "8301820203820405"],
];

canonical("values encode as RFC 8949 shows them, and decode to themselves", () => {
  for (const [value, encoded] of EXAMPLES) {
    assert.is(toHex(encode(value)), encoded);
    const verdict = decode(fromHex(encoded), anything, MAX_BYTES);
    assert.equal(verdict, { kind: "accept", value });
  }
});

canonical("a bigint in number range encodes as the number does", () => {
  assert.is(toHex(encode(1000n)), "1903e8");
  assert.is(toHex(encode(-1n)), "20");
});

canonical("bytes of every length are a plain byte array", () => {
  for (let length = 0; length < 600; length += 1)
    assert.is(encode([new Uint8Array(length)]).constructor, Uint8Array, `${length} bytes`);
  for (let length = 0; length < 600; length += 1)
    assert.is(encode(Array<number>(length).fill(1)).constructor, Uint8Array, `${length} items`);
});

const OTHER_ENCODINGS: readonly (readonly [name: string, encoded: string])[] = [
  ["0 in two bytes", "1800"],
  ["23 in two bytes", "1817"],
  ["255 in three bytes", "1900ff"],
  ["65 535 in five bytes", "1a0000ffff"],
  ["2^32 − 1 in nine bytes", "1b00000000ffffffff"],
  ["−1 in two bytes", "3800"],
  ["a length of 1 in two bytes", "580100"],
  ["a text length of 1 in two bytes", "780161"],
  ["an array length of 1 in two bytes", "980100"],
  ["5 as a half float", "f94500"],
  ["5 as a single float", "fa40a00000"],
  ["5 as a double float", "fb4014000000000000"],
  ["−0 as a double float", "fb8000000000000000"],
  ["1.5 as a half float", "f93e00"],
  ["NaN", "f97e00"],
  ["infinity", "f97c00"],
  ["undefined", "f7"],
  ["a simple value", "f0"],
  ["a simple value in two bytes", "f8ff"],
  ["a positive bignum", "c249010000000000000000"],
  ["a tagged date", "c11a514b67b0"],
  ["a tagged text", "d818456449455446"],
  ["a link that is no CID", "d82a4100"],
  ["an array without end", "9f018202039f0405ffff"],
  ["bytes in chunks", "5f42010243030405ff"],
  ["text in chunks", "7f657374726561646d696e67ff"],
  ["a map without end", "bf6161019f0203ffff"],
  ["a map with unsorted keys", "a2616201616101"],
  ["a map with a longer key first", "a262616101616201"],
  ["a map with a key twice", "a2616101616102"],
  ["a map with an integer as key", "a10102"],
  ["text that is no UTF-8", "62c328"],
  ["text that is half a surrogate pair", "63eda080"],
  ["nothing", ""],
  ["a lonely break", "ff"],
  ["reserved lengths", "1c"],
  ["an integer cut short", "1903"],
  ["bytes cut short", "440102"],
  ["an array cut short", "8301"],
  ["an array that claims 2^53 items", "9b0020000000000000"],
  ["bytes that claim 2^64 − 1 bytes", "5bffffffffffffffff"],
  ["text that claims 2^32 − 1 bytes", "7affffffff"],
  ["a value and a byte", "0000"],
  ["two arrays", "8080"],
];

for (const [name, encoded] of OTHER_ENCODINGS) {
  canonical(`${name} is rejected by value`, () => {
    const code = codeOf(encoded);
    assert.ok(["reject NOT_CBOR", "reject NOT_CANONICAL"].includes(code), code);
  });
}

canonical("a double that is no integer and a sorted map are canonical, but no decoder takes them", () => {
  for (const encoded of ["fb3ff199999999999a", "a2616101616202", "a0"]) {
    for (const [name, decoder] of Object.entries(DECODERS))
      assert.is(codeOf(encoded, decoder), "reject BAD_SHAPE", name);
  }
});

canonical("a link inside a message is refused by every decoder", () => {
  const link = `d82a582500015512 20${"ab".repeat(32)}`.replace(" ", "");
  for (const [name, decoder] of Object.entries(DECODERS))
    assert.is(codeOf(link, decoder), "reject BAD_SHAPE", name);
});

canonical("16 levels are decoded, 17 are not", () => {
  assert.is(codeOf(`${"81".repeat(16)}00`), "accept");
  assert.is(codeOf(`${"81".repeat(17)}00`), "reject BAD_SHAPE");
  assert.is(codeOf(`${"81".repeat(14)}8281008100`), "accept", "siblings do not add up");
});

canonical("a nesting bomb of any kind is refused before it is decoded", () => {
  for (const head of ["81", "a1", "c0", "9a00000001", "820081"])
    assert.is(codeOf(`${head.repeat(100_000)}00`), "reject BAD_SHAPE", head);
});

canonical("deep nesting times many items costs no more than reading the bytes once", () => {
  const leaves = 400_000;
  const message = new Uint8Array(2_000 + 5 + 2 * leaves).fill(0x81);
  message.set(fromHex(`9a${leaves.toString(16).padStart(8, "0")}`), 2_000);
  for (let at = 2_006; at < message.length; at += 2) message[at] = 0;
  assert.is(codeOf(message), "reject BAD_SHAPE");
});

canonical("a message one byte too long is not looked at", () => {
  assert.equal(decode(fromHex("8100"), anything, 2).kind, "accept");
  assert.equal(decode(fromHex("8100"), anything, 1), {
    kind: "reject",
    code: "MESSAGE_TOO_LONG",
    detail: "2 > 1 bytes",
  });
});

canonical("a fault in a decoder is no refusal", () => {
  const broken: Decoder<never> = () => {
    throw new TypeError("a bug of ours");
  };
  assert.throws(() => decode(fromHex("00"), broken, 1), /a bug of ours/);
});

const decoders = suite("codec, decoders");

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

type Row = { readonly decoder: Decoder<unknown>; readonly takes: Cbor[]; readonly refuses: Cbor[] };

const ROWS: Readonly<Record<string, Row>> = {
  "count: 0 to 2^53 − 1": {
    decoder: count(),
    takes: [0, 2 ** 53 - 1],
    refuses: [-1, 2n ** 53n, 2n ** 64n - 1n, "0", null, true, [], new Uint8Array(1)],
  },
  "count: up to its bound": { decoder: count(3), takes: [0, 3], refuses: [4] },
  "bytes: of one length": {
    decoder: bytes(2),
    takes: [new Uint8Array(2)],
    refuses: [new Uint8Array(1), new Uint8Array(3), "ab", [0, 0], 2, null],
  },
  "bytes: of a range of lengths": {
    decoder: bytes(1, 2),
    takes: [new Uint8Array(1), new Uint8Array(2)],
    refuses: [new Uint8Array(0), new Uint8Array(3)],
  },
  "text: up to its length, in UTF-16 units": {
    decoder: text(2),
    takes: ["", "ab", "\u{1F600}"],
    refuses: ["abc", "\u{1F600}a", new Uint8Array(1), 1, null],
  },
  "text: of its pattern": { decoder: text(9, /^[a-z]+$/), takes: ["ab"], refuses: ["", "aB", "ab\n"] },
  "oneOf: the closed set": {
    decoder: oneOf(["a", 1, true, null]),
    takes: ["a", 1, true, null],
    refuses: ["b", 0, false, "1", [], new Uint8Array(1)],
  },
  "list: up to its length": {
    decoder: list(count(9), 2),
    takes: [[], [1], [1, 9]],
    refuses: [[1, 2, 3], [10], ["a"], 1, null, new Uint8Array(1), "ab"],
  },
  "tuple: exactly its places": {
    decoder: tuple(count(), text(3)),
    takes: [[1, "a"]],
    refuses: [[1], [1, "a", null], ["a", 1], [], null, 1],
  },
  "nullable: null or what it wraps": {
    decoder: nullable(count(3)),
    takes: [null, 3],
    refuses: [4, false, []],
  },
  "hash: 32 bytes": {
    decoder: (value) => fromHex(hash(value)),
    takes: [new Uint8Array(32).fill(0xab)],
    refuses: [new Uint8Array(31), new Uint8Array(33), "ab".repeat(32), null],
  },
};

for (const [name, { decoder, takes, refuses }] of Object.entries(ROWS)) {
  decoders(name, () => {
    for (const value of takes)
      assert.equal(decode(encode(value), decoder, MAX_BYTES), { kind: "accept", value });
    for (const value of refuses) assert.is(codeOf(encode(value), decoder), "reject BAD_SHAPE", String(value));
  });
}

decoders("integer: numbers and bigints alike, as bigint, within its bounds", () => {
  const decoder = integer(-(2n ** 62n), 2n ** 62n);
  for (const value of [0n, -1n, 2n ** 53n, -(2n ** 53n), 2n ** 62n, -(2n ** 62n)])
    assert.equal(decode(encode(value), decoder, 99), { kind: "accept", value });
  for (const value of [2n ** 62n + 1n, -(2n ** 62n) - 1n, 2n ** 64n - 1n, "1", null, true])
    assert.is(codeOf(encode(value), decoder), "reject BAD_SHAPE");
});

decoders("a refusal says what was expected and what stood there", () => {
  const verdict = decode(encode([[1], null]), tuple(tuple(count(0)), count()), 99);
  assert.equal(verdict, {
    kind: "reject",
    code: "BAD_SHAPE",
    detail: "CODEC_SHAPE: expected=count seen=number",
  });
});

canonical.run();
decoders.run();
