/**
 * The envelope of every gossip message: version, the microgrid it belongs to, the message.
 * What is decoded here is well-formed and bounded; nothing is verified yet.
 */

import { equalBytes } from "./bytes.ts";
import { bytes, type DecodeRefusal, decode, encode, oneOf, tuple } from "./codec.ts";
import type { Electors } from "./consensus/certificateCodec.ts";
import type { Message } from "./consensus/message.ts";
import {
  decodeMessage,
  type ElectorsAt,
  encodeMessage,
  MAX_MESSAGE_BYTES,
  type MessageDecodeRefusal,
} from "./consensus/messageCodec.ts";
import type { Hash } from "./hash.ts";
import {
  encodeTransaction,
  MAX_TRANSACTION_BYTES,
  type SignedTransaction,
  signedTransaction,
} from "./ledger/state/transaction.ts";
import { encodeReading, MAX_READING_BYTES, type SignedReading, signedReading } from "./metering/reading.ts";
import { accept, reject, type Verdict } from "./verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./wire/chainMark.ts";

/** What a gossip message is about; each has a topic of its own. */
export type WireChannel = "readings" | "transactions" | "votes";

/** What a gossip message says. */
export type WireMessage =
  | { readonly kind: "reading"; readonly signed: SignedReading }
  | { readonly kind: "transaction"; readonly signed: SignedTransaction }
  | { readonly kind: "vote"; readonly message: Message };

/** Codes a message is refused with before it is judged. */
export type WireRefusal = DecodeRefusal | MessageDecodeRefusal | "WRONG_MICROGRID";

const VERSION = 1;
const ENVELOPE_BYTES = 32;
const MAX_BYTES: Readonly<Record<WireChannel, number>> = {
  readings: MAX_READING_BYTES,
  transactions: MAX_TRANSACTION_BYTES,
  votes: MAX_MESSAGE_BYTES,
};

/** @param signed a reading @param chainId of its microgrid @returns the gossip message */
export function encodeReadingMessage(signed: SignedReading, chainId: Hash): Uint8Array {
  return envelope(chainId, encodeReading(signed));
}

/** @param signed a transaction @param chainId of its microgrid @returns the gossip message */
export function encodeTransactionMessage(signed: SignedTransaction, chainId: Hash): Uint8Array {
  return envelope(chainId, encodeTransaction(signed));
}

/** @param message a vote @param chainId of its microgrid @param electors of its height @returns the gossip message */
export function encodeVoteMessage(message: Message, chainId: Hash, electors: Electors): Uint8Array {
  return envelope(chainId, encodeMessage(message, electors));
}

/**
 * Reads an untrusted gossip message.
 *
 * @param channel it came on
 * @param received its bytes
 * @param chainId of this microgrid
 * @param electorsAt names the voters of a height, in roster order
 * @returns the message, unverified, or why it is none of ours
 */
export function readWire(
  channel: WireChannel,
  received: Uint8Array,
  chainId: Hash,
  electorsAt: ElectorsAt,
): Verdict<WireMessage, WireRefusal> {
  const maxBytes = MAX_BYTES[channel];
  const opened = decode(received, envelopeDecoder(maxBytes), maxBytes + ENVELOPE_BYTES);
  if (opened.kind !== "accept") return opened;
  const [, mark, content] = opened.value;
  if (!equalBytes(mark, chainMark(chainId))) return reject("WRONG_MICROGRID");
  switch (channel) {
    case "readings": {
      const reading = decode(content, signedReading, maxBytes);
      return reading.kind === "accept" ? accept({ kind: "reading", signed: reading.value }) : reading;
    }
    case "transactions": {
      const read = decode(content, signedTransaction, maxBytes);
      return read.kind === "accept" ? accept({ kind: "transaction", signed: read.value }) : read;
    }
    case "votes": {
      const vote = decodeMessage(content, electorsAt, maxBytes);
      return vote.kind === "accept" ? accept({ kind: "vote", message: vote.value }) : vote;
    }
    default:
      return channel satisfies never;
  }
}

function envelope(chainId: Hash, content: Uint8Array): Uint8Array {
  return encode([VERSION, chainMark(chainId), content]);
}

function envelopeDecoder(maxBytes: number) {
  return tuple(oneOf([VERSION]), bytes(CHAIN_MARK_BYTES), bytes(0, maxBytes));
}
