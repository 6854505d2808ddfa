import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  decodeJournal,
  encodeHeader,
  encodeRecord,
  HEADER_BYTES,
} from "../../../../../agent/adapters/journal/journalFormat.ts";
import { journalBytes } from "../../../../support/journalBytes.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const seed = propertySeed("journalFormat");
const SECTOR_BYTES = 512;
const CAPACITY_BYTES = 8_192;
const text = (value: string) => new TextEncoder().encode(value);
/** 1,400 bytes without a zero, so that the last record lies in three or four sectors. */
const long = Uint8Array.from({ length: 1_400 }, (_, index) => 1 + (index % 255));
const payloads = [text("one"), text("two"), text("three"), long];

const numbers = (file: Buffer) => decodeJournal(file, "test").records.map((record) => record.number);
const damageOf = (file: Buffer) => decodeJournal(file, "test").damage;

const test = suite("journalFormat");

test("a record has the bytes that its description says", () => {
  // CRC-32 of length, number and payload, computed apart: zlib.crc32 of Python 3 over the same 18 bytes.
  const expected = "ed50a1c3" + "00000006" + "000000000000002a" + "eb6546b1" + "72656164696e" + "c3a150ed";
  const actual = encodeRecord({ number: 42, payload: text("readin") }).toString("hex");
  assert.is(actual, expected);
});

test("a header has the bytes that its description says", () => {
  const header = encodeHeader("outbox", 4_096, 7);
  assert.is(header.length, HEADER_BYTES);
  assert.is(header.subarray(0, 24).toString("latin1"), `EDSOJRN1outbox${"\0".repeat(10)}`);
  assert.is(header.subarray(24, 40).toString("hex"), "00000000000010000000000000000007");
});

test("what was written is read, and the next record goes behind it", () => {
  const { file, offsets } = journalBytes("test", CAPACITY_BYTES, payloads, 9);
  const content = decodeJournal(file, "test");
  assert.equal(
    content.records.map(({ number, payload }) => [number, payload]),
    payloads.map((payload, index) => [9 + index, payload]),
  );
  assert.is(content.damage, null);
  assert.equal([content.endOffset, content.nextNumber, content.tornBytes], [offsets.at(-1), 13, 0]);
});

test("an empty journal is sound", () => {
  const { file } = journalBytes("test", CAPACITY_BYTES, [], 5);
  const { records, damage, endOffset, nextNumber } = decodeJournal(file, "test");
  assert.equal([records, damage, endOffset, nextNumber], [[], null, HEADER_BYTES, 5]);
});

test("payloads of zeros, of marks and of nothing are kept", () => {
  const odd = [new Uint8Array(), new Uint8Array(2_000), encodeRecord({ number: 3, payload: text("inner") })];
  const content = decodeJournal(journalBytes("test", CAPACITY_BYTES, odd).file, "test");
  assert.is(content.damage, null);
  assert.equal(
    content.records.map((record) => record.payload),
    odd.map((payload) => Uint8Array.from(payload)),
  );
});

for (const last of [payloads.slice(0, 3), payloads]) {
  test(`a last record of ${last.at(-1)!.length} bytes that ends at any byte is dropped, without damage`, () => {
    const { file, offsets } = journalBytes("test", CAPACITY_BYTES, last);
    const [start, end] = offsets.slice(-2) as [number, number];
    for (let cut = start; cut < end; cut += 1) {
      const torn = Buffer.from(file);
      torn.fill(0, cut);
      const content = decodeJournal(torn, "test");
      assert.is(content.damage, null, `cut at ${cut - start}`);
      assert.is(content.records.length, last.length - 1);
      assert.is(content.endOffset, start);
      assert.ok(torn.subarray(start + content.tornBytes).every((byte) => byte === 0));
    }
  });
}

test("a last record of which any sectors did not reach the disk is dropped, without damage", () => {
  const { file, offsets } = journalBytes("test", CAPACITY_BYTES, payloads);
  const [start, end] = offsets.slice(-2) as [number, number];
  const first = Math.floor(start / SECTOR_BYTES);
  const sectors = Math.floor((end - 1) / SECTOR_BYTES) - first + 1;
  assert.ok(sectors >= 3);
  for (let missing = 1; missing < 2 ** sectors; missing += 1) {
    const torn = Buffer.from(file);
    for (let sector = 0; sector < sectors; sector += 1) {
      const from = (first + sector) * SECTOR_BYTES;
      if (missing & (1 << sector)) torn.fill(0, Math.max(start, from), from + SECTOR_BYTES);
    }
    const content = decodeJournal(torn, "test");
    assert.is(content.damage, null, `sectors ${missing.toString(2)}`);
    assert.is(content.records.length, 3);
  }
});

test("one flipped bit anywhere in what was acknowledged is noticed", () => {
  const { file, offsets } = journalBytes("test", CAPACITY_BYTES, payloads);
  const end = offsets.at(-1)!;
  for (let position = 0; position < end; position += 1) {
    const altered = Buffer.from(file);
    altered[position]! ^= 1 << (position % 8);
    assert.ok(damageOf(altered) !== null, `bit of byte ${position}`);
  }
});

test("one overwritten byte in any record but the last is noticed, whatever its value", () => {
  const { file, offsets } = journalBytes("test", CAPACITY_BYTES, payloads);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: offsets.at(-2)! - 1 }), fc.nat({ max: 255 }), (position, value) => {
      fc.pre(file[position] !== value);
      const altered = Buffer.from(file);
      altered[position] = value;
      assert.ok(damageOf(altered) !== null);
    }),
    { numRuns: 1_000, seed },
  );
});

test("damage says where, and what lies behind it is still read", () => {
  const { file, offsets } = journalBytes("test", CAPACITY_BYTES, payloads);
  file[offsets[1]! + 21]! ^= 1;
  assert.equal(damageOf(file), { reason: "record", offset: offsets[1], afterRecord: 1 });
  assert.equal(numbers(file), [1, 3, 4]);
});

test("a zeroed record with others behind it is damage, not the end", () => {
  const { file, offsets } = journalBytes("test", CAPACITY_BYTES, payloads);
  file.fill(0, offsets[1], offsets[2]);
  assert.equal(damageOf(file), { reason: "record", offset: offsets[1], afterRecord: 1 });
});

test("a record that stands where another was is damage", () => {
  const { file, offsets } = journalBytes("test", CAPACITY_BYTES, [text("aaa"), text("bbb"), text("ccc")]);
  file.copy(file, offsets[1], offsets[0], offsets[1]);
  assert.equal(damageOf(file), { reason: "record", offset: offsets[1], afterRecord: 1 });
});

test("a record missing at the front is damage", () => {
  const { file } = journalBytes("test", CAPACITY_BYTES, payloads, 2);
  encodeHeader("test", CAPACITY_BYTES, 1).copy(file);
  assert.equal(damageOf(file), { reason: "record", offset: HEADER_BYTES, afterRecord: 0 });
});

test("a file that is too short, too long, empty or of another format is damage", () => {
  const { file } = journalBytes("test", CAPACITY_BYTES, payloads.slice(0, 2));
  assert.is(damageOf(file.subarray(0, -1))?.reason, "size");
  assert.is(damageOf(Buffer.concat([file, Buffer.alloc(1)]))?.reason, "size");
  assert.is(damageOf(Buffer.alloc(0))?.reason, "header");
  assert.is(damageOf(Buffer.alloc(CAPACITY_BYTES))?.reason, "header");
  assert.is(decodeJournal(file, "votes").damage?.reason, "header");
});

test("any bytes at all are judged without a throw", () => {
  const { file } = journalBytes("test", CAPACITY_BYTES, payloads.slice(0, 2));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 600 }), (noise, position) => {
      const altered = Buffer.from(file);
      altered.set(noise, position);
      const content = decodeJournal(altered, "test");
      assert.ok(content.records.length <= 2);
    }),
    { numRuns: 500, seed },
  );
});

test.run();
