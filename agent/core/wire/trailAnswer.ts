/**
 * A page of the trail: the next changes of the roster, oldest first, as many as an answer holds.
 *
 * @source docs/protocol.md, "Snapshots"
 */
import { equalBytes } from "../bytes.ts";
import { bytes, type DecodeRefusal, decode, encode, list, oneOf, tuple } from "../codec.ts";
import type { Hash } from "../hash.ts";
import { MAX_TRAIL, MAX_TRAIL_ENTRY_BYTES } from "../ledger/chain/trailEntry.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./chainMark.ts";

/** Some of the entries that were asked for. */
export type TrailPage = {
  /** See `trailEntry`. */
  readonly entries: readonly Uint8Array[];
  /** True when those that were asked for go on after the last of these. */
  readonly hasMore: boolean;
};

/** Codes a page is refused with. */
export type TrailAnswerRefusal = DecodeRefusal | "WRONG_MICROGRID" | "TRAIL_STALLED";

/** Bytes of an answer beside its entries, rounded up. */
export const PAGE_FRAME_BYTES = 32;
/** Bytes that an entry costs beyond its own. @source RFC 8949 §3: head of a byte string up to 2³² − 1 */
export const ENTRY_HEAD_BYTES = 5;
/** Shortest page before the last: a liar cannot make one trail a thousand requests. */
export const MIN_PAGE_BYTES = 4_096;

const KIND = 3;

/** @param page to send @param chainId of the microgrid @returns its bytes */
export function encodeTrailPage({ entries, hasMore }: TrailPage, chainId: Hash): Uint8Array {
  return encode([KIND, chainMark(chainId), entries, hasMore]);
}

/**
 * Reads an untrusted page; nothing in it is verified yet.
 *
 * @param received its bytes
 * @param chainId of this microgrid
 * @param maxBytes longest acceptable answer
 * @returns the page, or why it is none
 */
export function readTrailPage(
  received: Uint8Array,
  chainId: Hash,
  maxBytes: number,
): Verdict<TrailPage, TrailAnswerRefusal> {
  const decoded = decode(received, pageDecoder, maxBytes);
  if (decoded.kind !== "accept") return decoded;
  const [, mark, entries, hasMore] = decoded.value;
  if (!equalBytes(mark, chainMark(chainId))) return reject("WRONG_MICROGRID");
  // [REJECT] pages so short that they never come to an end
  if (hasMore && received.length < MIN_PAGE_BYTES) return reject("TRAIL_STALLED", `${received.length} bytes`);
  return accept({ entries, hasMore });
}

const pageDecoder = tuple(
  oneOf([KIND]),
  bytes(CHAIN_MARK_BYTES),
  list(bytes(0, MAX_TRAIL_ENTRY_BYTES), MAX_TRAIL),
  oneOf([true, false]),
);
