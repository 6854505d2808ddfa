/**
 * What a gateway answers: what is missing from a summary, oldest first, in one message. Votes, transactions and
 * readings are the messages of the gossip and are judged as those are; a block comes with the certificate that decided it.
 *
 * @source docs/protocol.md, "What gossip lost"
 */
import { equalBytes } from "../bytes.ts";
import {
  bytes,
  type Cbor,
  count,
  type DecodeRefusal,
  decode,
  encode,
  list,
  nullable,
  oneOf,
  tuple,
} from "../codec.ts";
import { MAX_CERTIFICATE_BYTES, roundDecoder } from "../consensus/certificateCodec.ts";
import { MAX_BODY_BYTES } from "../consensus/messageCodec.ts";
import type { Hash } from "../hash.ts";
import { type Height, height, type Round, type UnixMs, unixMs } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./chainMark.ts";

/** A block as it stands in a ledger. */
export type CertifiedBlock = { readonly block: Uint8Array; readonly certificate: Uint8Array };

/** What is sent. */
export type SyncAnswer = {
  /** The answerer's newest committed block: a hint, until the blocks up to it have been verified. */
  readonly head: Height;
  readonly round: Round;
  /** The lowest block it can give: 1, or the one that its chain begins with. A hint. */
  readonly lowest: Height;
  /** What its clock shows; null while it does not trust it. A hint, of which a quorum makes a time. */
  readonly nowMs: UnixMs | null;
  /** From the height after the asker's head on, without a gap. */
  readonly blocks: readonly CertifiedBlock[];
  /** Bodies of blocks that the asker wants. */
  readonly bodies: readonly Uint8Array[];
  /** Gossip messages of the votes' channel. */
  readonly votes: readonly Uint8Array[];
  /** Gossip messages of the transactions' channel. */
  readonly transactions: readonly Uint8Array[];
  /** Gossip messages of the readings' channel. */
  readonly readings: readonly Uint8Array[];
};

/** Codes an answer is refused with. */
export type SyncAnswerRefusal = DecodeRefusal | "WRONG_MICROGRID";

/** Most entries of each kind in one answer. */
export const MAX_ANSWERED = {
  blocks: 128,
  bodies: 16,
  votes: 4_096,
  transactions: 1_024,
  readings: 4_096,
} as const;
/** Bytes of an answer beside its entries, rounded up. */
export const ANSWER_FRAME_BYTES = 80;
/** Bytes that an entry may cost beyond its own: heads of byte strings and of the pair. */
export const ENTRY_FRAME_BYTES = 12;

const VERSION = 1;
/** Longest gossip message that is worth sending: what the transport's limit lets through anyway. */
const MAX_ENTRY_BYTES = MAX_BODY_BYTES + MAX_CERTIFICATE_BYTES;

/** @param answer to send @param chainId of the microgrid @returns its bytes */
export function encodeSyncAnswer(answer: SyncAnswer, chainId: Hash): Uint8Array {
  return encode([
    VERSION,
    chainMark(chainId),
    answer.head,
    answer.round,
    answer.lowest,
    answer.nowMs,
    answer.blocks.map(({ block, certificate }): Cbor => [block, certificate]),
    answer.bodies,
    answer.votes,
    answer.transactions,
    answer.readings,
  ]);
}

/**
 * Reads an untrusted answer. What is in it is neither decoded nor verified yet.
 *
 * @param received its bytes
 * @param chainId of this microgrid
 * @param maxBytes longest acceptable answer
 * @returns the answer, or why it is none
 */
export function readSyncAnswer(
  received: Uint8Array,
  chainId: Hash,
  maxBytes: number,
): Verdict<SyncAnswer, SyncAnswerRefusal> {
  const decoded = decode(received, answerDecoder, maxBytes);
  if (decoded.kind !== "accept") return decoded;
  const [, mark, head, round, lowest, nowMs, blocks, bodies, votes, transactions, readings] = decoded.value;
  if (!equalBytes(mark, chainMark(chainId))) return reject("WRONG_MICROGRID");
  return accept({
    head: height(head),
    round,
    lowest: height(lowest),
    nowMs: nowMs === null ? null : unixMs(nowMs),
    blocks: blocks.map(([block, certificate]) => ({ block, certificate })),
    bodies,
    votes,
    transactions,
    readings,
  });
}

const entry = bytes(0, MAX_ENTRY_BYTES);
const answerDecoder = tuple(
  oneOf([VERSION]),
  bytes(CHAIN_MARK_BYTES),
  count(),
  roundDecoder,
  count(),
  nullable(count()),
  list(tuple(bytes(0, MAX_BODY_BYTES), bytes(0, MAX_CERTIFICATE_BYTES)), MAX_ANSWERED.blocks),
  list(entry, MAX_ANSWERED.bodies),
  list(entry, MAX_ANSWERED.votes),
  list(entry, MAX_ANSWERED.transactions),
  list(entry, MAX_ANSWERED.readings),
);
