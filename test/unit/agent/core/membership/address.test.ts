/** Addresses against the reference of BIP-350, and everything that is no address. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "../../../../../agent/core/bytes.ts";
import {
  formatAddress,
  gridAdminIdOf,
  isGridAdminId,
  isMemberId,
  isMicrogridId,
  type MemberId,
  memberIdBytes,
  memberIdFromBytes,
  memberIdOf,
  parseAddress,
} from "../../../../../agent/core/membership/address.ts";

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32M = 0x2bc830a3;
const BECH32 = 1;

/** @source BIP-350 and BIP-173, reference code: bech32_polymod */
function polymod(values: readonly number[]): number {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [bit, term] of generator.entries()) if (((top >> bit) & 1) === 1) check ^= term;
  }
  return check >>> 0;
}

/** @source BIP-173, reference code: bech32_hrp_expand */
function expanded(prefix: string): readonly number[] {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function isValid(text: string, constant: number): boolean {
  const at = text.lastIndexOf("1");
  const words = [...text.slice(at + 1)].map((letter) => CHARSET.indexOf(letter));
  return polymod([...expanded(text.slice(0, at)), ...words]) === constant;
}

function encoded(prefix: string, words: readonly number[], constant: number): string {
  const sum = polymod([...expanded(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ constant;
  const check = [0, 1, 2, 3, 4, 5].map((place) => (sum >> (5 * (5 - place))) & 31);
  return `${prefix}1${[...words, ...check].map((word) => CHARSET[word]).join("")}`;
}

/** 5-bit words of bytes whose bits fill them exactly. */
function wordsOf(bytes: Uint8Array): readonly number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((word) => Number.parseInt(word, 2));
}

const KEY = fromHex(`02${"5a".repeat(32)}`);
const KEY_HASH = Uint8Array.from(createHash("sha256").update(KEY).digest().subarray(0, 20));
const METER = encoded("meter", wordsOf(KEY_HASH), BECH32M);
const GRID = encoded("grid", wordsOf(KEY_HASH), BECH32M);
const ADDRESS = `${METER}.my-street.${GRID}`;

const reference = suite("BIP-350 reference");

reference("holds for the valid strings of BIP-350", () => {
  const valid = [
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
  ];
  for (const text of valid) {
    assert.ok(isValid(text, BECH32M), text);
    assert.not(isValid(text, BECH32), text);
  }
  assert.is(encoded("a", [], BECH32M), "a1lqfn3a");
});

const ids = suite("meter and grid addresses");

ids("are bech32m over the first 20 bytes of the key's SHA-256", () => {
  assert.is(memberIdOf(KEY), METER);
  assert.is(gridAdminIdOf(KEY), GRID);
  assert.equal(memberIdBytes(METER as MemberId), KEY_HASH);
  assert.is(memberIdFromBytes(KEY_HASH), METER);
});

ids("take no key or hash of another length", () => {
  for (const length of [0, 32, 34, 65]) assert.throws(() => memberIdOf(new Uint8Array(length)), RangeError);
  for (const length of [0, 19, 21, 32])
    assert.throws(() => memberIdFromBytes(new Uint8Array(length)), RangeError);
  assert.throws(() => memberIdBytes(GRID as unknown as MemberId), RangeError);
});

const REFUSED: Readonly<Record<string, string>> = {
  "upper case": METER.toUpperCase(),
  "mixed case": METER.replace(/.$/, (last) => last.toUpperCase()),
  "a capital in the prefix": METER.replace("m", "M"),
  "the older checksum of BIP-173": encoded("meter", wordsOf(KEY_HASH), BECH32),
  "another prefix": encoded("meters", wordsOf(KEY_HASH), BECH32M),
  "19 bytes": encoded("meter", [...wordsOf(KEY_HASH.subarray(0, 15)), 0, 0, 0, 0, 0, 0, 0], BECH32M),
  "25 bytes": encoded("meter", wordsOf(Uint8Array.of(...KEY_HASH, 0, 0, 0, 0, 0)), BECH32M),
  "a word more": encoded("meter", [...wordsOf(KEY_HASH), 0], BECH32M),
  "no words": encoded("meter", [], BECH32M),
  "a letter outside the alphabet": METER.replace(/.$/, "b"),
  "a space before": ` ${METER}`,
  "a space after": `${METER} `,
  "no separator": METER.replace("1", ""),
  "a letter missing": METER.slice(0, -1),
  "a grid address": GRID,
  nothing: "",
  "a very long text": `meter1${"q".repeat(5_000)}`,
};

for (const [name, text] of Object.entries(REFUSED)) {
  ids(`are not written with ${name}`, () => {
    assert.not(isMemberId(text));
    assert.equal(parseAddress(`${text}.my-street.${GRID}`), { kind: "reject", code: "ADDRESS_METER" });
  });
}

ids("differ in every letter from what a typing error makes of them", () => {
  for (let at = 6; at < METER.length; at += 1) {
    for (const letter of CHARSET) {
      const typed = METER.slice(0, at) + letter + METER.slice(at + 1);
      assert.is(isMemberId(typed), typed === METER, typed);
    }
  }
  assert.not(isGridAdminId(METER));
});

const triple = suite("full addresses");

triple("parse into their parts and format to the same text", () => {
  const parsed = parseAddress(ADDRESS);
  assert.equal(parsed, {
    kind: "accept",
    value: { member: METER, microgridId: "my-street", gridAdminId: GRID },
  });
  assert.ok(parsed.kind === "accept" && formatAddress(parsed.value) === ADDRESS);
});

const MALFORMED: readonly (readonly [text: string, code: string])[] = [
  ["", "ADDRESS_PARTS"],
  [METER, "ADDRESS_PARTS"],
  [`${METER}.my-street`, "ADDRESS_PARTS"],
  [`${ADDRESS}.`, "ADDRESS_PARTS"],
  [`${ADDRESS}.x`, "ADDRESS_PARTS"],
  [`.my-street.${GRID}`, "ADDRESS_METER"],
  [`${METER}..${GRID}`, "ADDRESS_MICROGRID"],
  [`${METER}.My-street.${GRID}`, "ADDRESS_MICROGRID"],
  [`${METER}.-street.${GRID}`, "ADDRESS_MICROGRID"],
  [`${METER}.street-.${GRID}`, "ADDRESS_MICROGRID"],
  [`${METER}.my street.${GRID}`, "ADDRESS_MICROGRID"],
  [`${METER}.${"a".repeat(64)}.${GRID}`, "ADDRESS_MICROGRID"],
  [`${METER}.my-street.`, "ADDRESS_GRID_ADMIN"],
  [`${METER}.my-street.${METER}`, "ADDRESS_GRID_ADMIN"],
  [`${METER}.my-street.${GRID.toUpperCase()}`, "ADDRESS_GRID_ADMIN"],
  [`${GRID}.my-street.${METER}`, "ADDRESS_METER"],
];

for (const [text, code] of MALFORMED) {
  triple(`refuse ${code} for "${text.slice(0, 60)}"`, () => {
    const parsed = parseAddress(text);
    assert.is(parsed.kind === "accept" ? "accept" : parsed.code, code);
  });
}

triple("know a DNS label of 1 to 63 characters", () => {
  for (const label of ["a", "0", "a-b", "a--b", "a".repeat(63)]) assert.ok(isMicrogridId(label), label);
  for (const label of ["", "-", "a-", "-a", "a.b", "a_b", "ü", "a\n", "a".repeat(64)])
    assert.not(isMicrogridId(label), label);
});

reference.run();
ids.run();
triple.run();
