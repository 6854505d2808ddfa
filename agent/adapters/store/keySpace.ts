/**
 * The whole key space of the ledger database: one prefix byte, then a key of fixed width.
 * Heights are 8-byte big-endian integers, so that the order of keys is the order of blocks.
 * A prefix that falls out of use stays listed here and is never given to anything else.
 *
 * | prefix | key            | value                          |
 * |--------|----------------|--------------------------------|
 * | 0x00   | –              | format version, 1 byte         |
 * | 0x01   | –              | head: height ‖ hash ‖ state    |
 * | 0x02   | –              | sound: height ‖ hash           |
 * | 0x03   | –              | base: height ‖ hash            |
 * | 0x10   | height         | hash ‖ block                   |
 * | 0x11   | height         | hash ‖ certificate             |
 * | 0x12   | height         | hash ‖ state after that block  |
 * | 0x13   | height         | entry of the trail             |
 * | 0x20   | block hash     | height                         |
 *
 * Every value is sealed: see sealedValue.
 */
import { joinBytes } from "../../core/bytes.ts";
import { type Hash, hashBytes } from "../../core/hash.ts";
import { type Height, height } from "../../core/units.ts";

/** Bytes of a height, in keys and values. */
export const HEIGHT_BYTES = 8;

const PREFIX = {
  format: 0x00,
  head: 0x01,
  sound: 0x02,
  base: 0x03,
  block: 0x10,
  certificate: 0x11,
  snapshot: 0x12,
  change: 0x13,
  heightOfHash: 0x20,
} as const;

/** Where the format version is. */
export const FORMAT_KEY: Uint8Array = Uint8Array.of(PREFIX.format);

/** Where the head and the state after it are: one value, so that they can never differ. */
export const HEAD_KEY: Uint8Array = Uint8Array.of(PREFIX.head);

/** Where the head is noted whose whole chain was found sound; believed while it is the head. */
export const SOUND_KEY: Uint8Array = Uint8Array.of(PREFIX.sound);

/** Where the block is noted that the chain begins with instead of the genesis; absent when it is whole. */
export const BASE_KEY: Uint8Array = Uint8Array.of(PREFIX.base);

/** @param at height of a block @returns its key */
export function blockKey(at: Height): Uint8Array {
  return joinBytes(Uint8Array.of(PREFIX.block), encodeHeight(at));
}

/** @param at height of a block @returns the key of the certificate that decided it */
export function certificateKey(at: Height): Uint8Array {
  return joinBytes(Uint8Array.of(PREFIX.certificate), encodeHeight(at));
}

/** @param at height of a block @returns the key of the state after it */
export function snapshotKey(at: Height): Uint8Array {
  return joinBytes(Uint8Array.of(PREFIX.snapshot), encodeHeight(at));
}

/** @param at height of a block that holds a change of the roster @returns the key of the trail's entry */
export function changeKey(at: Height): Uint8Array {
  return joinBytes(Uint8Array.of(PREFIX.change), encodeHeight(at));
}

/** @param blockHash of a block @returns the key of its height */
export function heightOfHashKey(blockHash: Hash): Uint8Array {
  return joinBytes(Uint8Array.of(PREFIX.heightOfHash), hashBytes(blockHash));
}

/** All keys of blocks. */
export const BLOCK_RANGE: KeyRange = rangeOf(PREFIX.block);

/** All keys of snapshots. */
export const SNAPSHOT_RANGE: KeyRange = rangeOf(PREFIX.snapshot);

/** All keys of the trail. */
export const CHANGE_RANGE: KeyRange = rangeOf(PREFIX.change);

/** @param at height of a block, or any @returns keys of the trail's entries of higher ones */
export function changesAbove(at: Height): KeyRange {
  // A key with a byte more stands directly behind the one without.
  return { gte: joinBytes(changeKey(at), Uint8Array.of(0)), lt: CHANGE_RANGE.lt };
}

/** Keys from the first that may be, to before the first that may not. */
export type KeyRange = { readonly gte: Uint8Array; readonly lt: Uint8Array };

/** @param key a key of a range of heights @returns the height in it @throws RangeError, UnitError on another key */
export function heightOfKey(key: Uint8Array): Height {
  if (key.length !== 1 + HEIGHT_BYTES)
    throw new RangeError(`a key of a height has ${1 + HEIGHT_BYTES} bytes`);
  return decodeHeight(key.subarray(1));
}

/** @param value height of a block @returns 8 bytes, big-endian */
export function encodeHeight(value: Height): Uint8Array {
  const bytes = new Uint8Array(HEIGHT_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** @param bytes 8 bytes, big-endian @returns the height @throws RangeError, UnitError when it is none */
export function decodeHeight(bytes: Uint8Array): Height {
  if (bytes.length !== HEIGHT_BYTES) throw new RangeError(`a height has ${HEIGHT_BYTES} bytes`);
  return height(Number(new DataView(bytes.buffer, bytes.byteOffset, HEIGHT_BYTES).getBigUint64(0)));
}

function rangeOf(prefix: number): KeyRange {
  return { gte: Uint8Array.of(prefix), lt: Uint8Array.of(prefix + 1) };
}
