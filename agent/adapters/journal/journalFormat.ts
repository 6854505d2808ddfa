/**
 * The bytes of a journal file, and what can be told from bytes that are not as written.
 *
 * File: a 64-byte header, then records, then zeros to its full capacity. All integers are big-endian.
 *   header  magic 8 · format name 16 · capacity u64 · number of the first record u64 · zeros 20 · CRC-32 u32
 *   record  start mark u32 · payload length u32 · number u64 · CRC-32 of length, number and payload u32 ·
 *           payload · end mark u32
 * Records are numbered without a gap. One record at a time is on its way to the disk, so a power cut can
 * leave at most one unfinished, and only the last: it was never acknowledged. An unfinished record lacks its end
 * or a whole sector, because the place it is written to held zeros; anything else that does not check is damage.
 *
 * @source CRC-32: RFC 1952 §8
 */
import { crc32 } from "node:zlib";
import { equalBytes } from "../../core/bytes.ts";

/** Bytes of the file header. */
export const HEADER_BYTES = 64;
/** Bytes a record takes besides its payload. */
export const RECORD_OVERHEAD_BYTES = 24;

/** The smallest unit a disk writes whole. @source ATA/ATAPI Command Set, logical sector */
const SECTOR_BYTES = 512;
const RECORD_HEAD_BYTES = 20;
const FORMAT_NAME_BYTES = 16;
const MAGIC = Buffer.from("EDSOJRN1", "latin1");
/** No byte of either mark is zero, so a zeroed place never looks like one. */
const START_MARK = Buffer.from("ed50a1c3", "hex");
const END_MARK = Buffer.from("c3a150ed", "hex");

/** One record, as appended. */
export type JournalRecord = { readonly number: number; readonly payload: Uint8Array };

/**
 * What was found instead of an acknowledged record: `header` (the file's own description), `size` (file cut short or
 * grown), `record` (a record altered or gone).
 */
export type JournalDamage = {
  readonly reason: "header" | "size" | "record";
  readonly offset: number;
  /** Number of the last sound record before the place; one less than the file's first when there is none. */
  readonly afterRecord: number;
};

/** What a file holds. */
export type JournalContent = {
  /** Sound records in order; with damage, also those behind it. */
  readonly records: readonly JournalRecord[];
  readonly damage: JournalDamage | null;
  /** Where the next record goes. */
  readonly endOffset: number;
  /** Number of the next record. */
  readonly nextNumber: number;
  /** Bytes of an unfinished last record from `endOffset` on; to be zeroed before the next is written. */
  readonly tornBytes: number;
};

/** @param name what the records mean, ASCII, at most 16 characters @param capacityBytes size of the file @param firstNumber of the first record @returns the file's header */
export function encodeHeader(name: string, capacityBytes: number, firstNumber: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.write(name.slice(0, FORMAT_NAME_BYTES), 8, "latin1");
  header.writeBigUInt64BE(BigInt(capacityBytes), 24);
  header.writeBigUInt64BE(BigInt(firstNumber), 32);
  header.writeUInt32BE(crc32(header.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return header;
}

/** @param record number and payload @returns its bytes in the file */
export function encodeRecord(record: JournalRecord): Buffer {
  const { number, payload } = record;
  const bytes = Buffer.alloc(RECORD_OVERHEAD_BYTES + payload.length);
  START_MARK.copy(bytes, 0);
  bytes.writeUInt32BE(payload.length, 4);
  bytes.writeBigUInt64BE(BigInt(number), 8);
  bytes.set(payload, RECORD_HEAD_BYTES);
  bytes.writeUInt32BE(checksum(bytes, 0, payload.length), 16);
  END_MARK.copy(bytes, RECORD_HEAD_BYTES + payload.length);
  return bytes;
}

/**
 * @param file the whole file
 * @param name the format expected
 * @returns its records, and whether they are all it was given
 */
export function decodeJournal(file: Buffer, name: string): JournalContent {
  const firstNumber = readHeader(file, name);
  if (firstNumber === null) {
    const damage = { reason: "header", offset: 0, afterRecord: 0 } as const;
    return { records: [], damage, endOffset: HEADER_BYTES, nextNumber: 1, tornBytes: 0 };
  }
  const { records, gap, endOffset, nextNumber } = scanRecords(file, firstNumber);
  const end = endOfData(file, endOffset);
  return {
    records,
    damage: gap ?? damageBehind(file, endOffset, end, nextNumber - 1),
    endOffset,
    nextNumber,
    tornBytes: end - endOffset,
  };
}

function readHeader(file: Buffer, name: string): number | null {
  if (file.length < HEADER_BYTES) return null;
  const capacityBytes = file.readBigUInt64BE(24);
  const firstNumber = file.readBigUInt64BE(32);
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (capacityBytes > limit || firstNumber > limit) return null;
  const expected = encodeHeader(name, Number(capacityBytes), Number(firstNumber));
  return equalBytes(expected, file.subarray(0, HEADER_BYTES)) ? Number(firstNumber) : null;
}

function scanRecords(file: Buffer, firstNumber: number) {
  const records: JournalRecord[] = [];
  let gap: JournalDamage | null = null;
  let endOffset = HEADER_BYTES;
  let nextNumber = firstNumber;
  for (;;) {
    const inPlace = recordAt(file, endOffset);
    const found =
      inPlace?.number === nextNumber
        ? { offset: endOffset, record: inPlace }
        : findRecord(file, endOffset, nextNumber);
    if (found === null) return { records, gap, endOffset, nextNumber };
    if (found.record !== inPlace)
      gap ??= { reason: "record", offset: endOffset, afterRecord: nextNumber - 1 };
    records.push(found.record);
    endOffset = found.offset + RECORD_OVERHEAD_BYTES + found.record.payload.length;
    nextNumber = found.record.number + 1;
  }
}

/** What the bytes behind the last sound record say: nothing, an unfinished write, or a record that was there. */
function damageBehind(file: Buffer, offset: number, end: number, afterRecord: number): JournalDamage | null {
  if (end > offset && !isUnfinished(file, offset, end)) return { reason: "record", offset, afterRecord };
  const capacityBytes = Number(file.readBigUInt64BE(24));
  return file.length === capacityBytes ? null : { reason: "size", offset: file.length, afterRecord };
}

function recordAt(file: Buffer, offset: number): JournalRecord | null {
  if (offset + RECORD_OVERHEAD_BYTES > file.length) return null;
  if (!START_MARK.equals(file.subarray(offset, offset + 4))) return null;
  const length = file.readUInt32BE(offset + 4);
  const end = offset + RECORD_HEAD_BYTES + length;
  if (end + 4 > file.length || !END_MARK.equals(file.subarray(end, end + 4))) return null;
  if (file.readUInt32BE(offset + 16) !== checksum(file, offset, length)) return null;
  const number = Number(file.readBigUInt64BE(offset + 8));
  return { number, payload: Uint8Array.from(file.subarray(offset + RECORD_HEAD_BYTES, end)) };
}

/** The next sound record at or behind a place that is none, with a number not seen yet. */
function findRecord(
  file: Buffer,
  from: number,
  minNumber: number,
): { readonly offset: number; readonly record: JournalRecord } | null {
  for (let offset = file.indexOf(START_MARK, from); offset >= 0; ) {
    const record = recordAt(file, offset);
    if (record !== null && record.number >= minNumber) return { offset, record };
    offset = file.indexOf(START_MARK, offset + 1);
  }
  return null;
}

/** Whether these last bytes are what a cut write leaves: an end or a sector that was never reached. */
function isUnfinished(file: Buffer, offset: number, end: number): boolean {
  const endsWithMark = END_MARK.equals(file.subarray(end - END_MARK.length, end));
  const hasHead = START_MARK.equals(file.subarray(offset, offset + START_MARK.length));
  const claimedEnd = hasHead ? offset + RECORD_OVERHEAD_BYTES + file.readUInt32BE(offset + 4) : null;
  if (!endsWithMark && claimedEnd !== end) return true;
  for (let from = offset; from < end; ) {
    const to = Math.min(end, (Math.floor(from / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    if (file.subarray(from, to).every((byte) => byte === 0)) return true;
    from = to;
  }
  return false;
}

function endOfData(file: Buffer, from: number): number {
  let end = file.length;
  while (end > from && file[end - 1] === 0) end -= 1;
  return end;
}

/** CRC-32 over payload length and number, then payload. */
function checksum(file: Buffer, offset: number, length: number): number {
  const payload = file.subarray(offset + RECORD_HEAD_BYTES, offset + RECORD_HEAD_BYTES + length);
  return crc32(payload, crc32(file.subarray(offset + 4, offset + 16)));
}
