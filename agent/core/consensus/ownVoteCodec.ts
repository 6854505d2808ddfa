/**
 * Own votes as bytes: `[message as sent, basis]`, the basis of a COMMIT as `[body, prepared certificate, held items]`.
 *
 * @source docs/protocol.md, "Own votes"
 */
import { bytes, type Cbor, type Decoder, decode, encode, list, nullable, tuple } from "../codec.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import {
  cborPreparedCertificate,
  type Electors,
  MAX_CERTIFICATE_BYTES,
  preparedCertificateDecoder,
} from "./certificateCodec.ts";
import { itemsOf, MAX_ITEMS } from "./item.ts";
import type { Message } from "./message.ts";
import {
  decodeMessage,
  type ElectorsAt,
  encodeMessage,
  MAX_BODY_BYTES,
  MAX_MESSAGE_BYTES,
  type MessageDecodeRefusal,
} from "./messageCodec.ts";
import type { CommitBasis, OwnVote } from "./ownVote.ts";

/** Most bytes of items that a COMMIT says are held, each counted with {@link HELD_ITEM_FRAME_BYTES}. */
export const MAX_HELD_BYTES = 524_288;
/** Bytes that an item may cost beyond its own. */
export const HELD_ITEM_FRAME_BYTES = 5;
/** Longest own vote: a message, and a COMMIT's body, certificate and held items. */
export const MAX_OWN_VOTE_BYTES =
  MAX_MESSAGE_BYTES + MAX_BODY_BYTES + MAX_CERTIFICATE_BYTES + MAX_HELD_BYTES + 64;

/** Codes an own vote is refused with while it is decoded. */
export type OwnVoteDecodeRefusal = MessageDecodeRefusal | "BASIS_OTHER";

/** Decoder of the items that a COMMIT says are held. */
export const heldItemsDecoder: Decoder<readonly Uint8Array[]> = list(bytes(1, MAX_HELD_BYTES), MAX_ITEMS);

type EncodedBasis = readonly [body: Uint8Array, prepared: Uint8Array, items: readonly Uint8Array[]];

/** @param vote signed @param electors of its height @returns its one encoding @throws ConsensusError as `encodeMessage` */
export function encodeOwnVote({ message, basis }: OwnVote, electors: Electors): Uint8Array {
  return encode([encodeMessage(message, electors), basis === null ? null : cborBasis(basis, electors)]);
}

/**
 * @param encoded untrusted, as a disk is
 * @param electorsAt names the voters of a height
 * @returns the vote with its signatures unverified, or why it is none
 */
export function decodeOwnVote(
  encoded: Uint8Array,
  electorsAt: ElectorsAt,
): Verdict<OwnVote, OwnVoteDecodeRefusal> {
  const opened = decode(encoded, ownVoteDecoder, MAX_OWN_VOTE_BYTES);
  if (opened.kind !== "accept") return opened;
  const [messageBytes, basisParts] = opened.value;
  const message = decodeMessage(messageBytes, electorsAt);
  if (message.kind !== "accept") return message;
  if (basisParts === null) return accept({ message: message.value, basis: null });
  const electors = electorsAt(message.value.height) ?? [];
  const basis = readBasis(message.value, basisParts, electors);
  return basis.kind === "accept" ? accept({ message: message.value, basis: basis.value }) : basis;
}

const ownVoteDecoder: Decoder<readonly [Uint8Array, EncodedBasis | null]> = tuple(
  bytes(0, MAX_MESSAGE_BYTES),
  nullable(tuple(bytes(0, MAX_BODY_BYTES), bytes(0, MAX_CERTIFICATE_BYTES), heldItemsDecoder)),
);

function cborBasis({ body, prepared, items }: CommitBasis, electors: Electors): Cbor {
  return [body, encode(cborPreparedCertificate(prepared, electors)), items];
}

function readBasis(
  message: Message,
  [body, certificate, items]: EncodedBasis,
  electors: Electors,
): Verdict<CommitBasis, OwnVoteDecodeRefusal> {
  if (message.kind !== "commit") return reject("BASIS_OTHER", message.kind);
  const decoder = preparedCertificateDecoder(message.height, electors);
  const prepared = decode(certificate, decoder, MAX_CERTIFICATE_BYTES);
  if (prepared.kind !== "accept") return prepared;
  const { round, blockHash } = prepared.value;
  if (round !== message.round || blockHash !== message.blockHash) return reject("BASIS_OTHER", "certificate");
  if (items.length !== itemsOf(message.held).length) return reject("BASIS_OTHER", "held items");
  return accept({ body, prepared: prepared.value, items });
}
