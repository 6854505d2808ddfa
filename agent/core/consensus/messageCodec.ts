/**
 * Messages of the agreement as bytes: `[kind, height, round, sender, signature, …]`, voters as places in the
 * height's list. A ROUND_CHANGE carries its prepared certificate, and its prepared round and hash are read from it.
 *
 * @source docs/protocol.md, "Messages"
 */
import {
  bytes,
  type Cbor,
  cborHash,
  count,
  type DecodeRefusal,
  type Decoder,
  decode,
  encode,
  hash,
  nullable,
  oneOf,
  shape,
  tuple,
} from "../codec.ts";
import { SIGNATURE_BYTES } from "../signature.ts";
import { type Height, height as heightOf } from "../units.ts";
import { accept, ignore, type Verdict } from "../verdict.ts";
import {
  cborJustification,
  cborPreparedCertificate,
  type Electors,
  justificationDecoder,
  MAX_CERTIFICATE_BYTES,
  placeOf,
  preparedCertificateDecoder,
  roundDecoder,
  voterDecoder,
} from "./certificateCodec.ts";
import { ConsensusError } from "./consensusError.ts";
import { cborItemList, itemListDecoder } from "./item.ts";
import { type Message, type Proposal, type RoundChange, senderOf } from "./message.ts";

/** Longest body of a block. */
export const MAX_BODY_BYTES = 1_048_576;
/** Longest message: a body and the justification of 200 voters. */
export const MAX_MESSAGE_BYTES = MAX_BODY_BYTES + 2 * MAX_CERTIFICATE_BYTES;

/** Names the voters of a height; undefined for a height that this gateway cannot judge yet or any more. */
export type ElectorsAt = (height: Height) => Electors | undefined;

/** Codes a message is refused with while it is decoded. */
export type MessageDecodeRefusal = DecodeRefusal | "UNKNOWN_HEIGHT";

const KINDS = ["proposal", "prepare", "commit", "round-change"] as const;

/**
 * @param message signed
 * @param electors of its height, in roster order
 * @returns its one encoding
 * @throws ConsensusError `CONSENSUS_UNKNOWN_VOTER`, `CONSENSUS_MIXED_VOTES` when a claim and its certificate differ
 */
export function encodeMessage(message: Message, electors: Electors): Uint8Array {
  const sender = placeOf(electors, senderOf(message));
  const { height, round, signature } = message;
  const kind = KINDS.indexOf(message.kind);
  return encode([kind, height, round, sender, signature, ...cborRest(message, electors)]);
}

/**
 * @param encoded untrusted
 * @param electorsAt names the voters of a height
 * @param maxBytes longest acceptable message
 * @returns the message with its signatures unverified; a height without voters is nobody's fault
 */
export function decodeMessage(
  encoded: Uint8Array,
  electorsAt: ElectorsAt,
  maxBytes: number = MAX_MESSAGE_BYTES,
): Verdict<Message, MessageDecodeRefusal> {
  const decoded = decode(encoded, messageDecoder(electorsAt), maxBytes);
  if (decoded.kind !== "accept") return decoded;
  return decoded.value === null ? ignore("UNKNOWN_HEIGHT") : accept(decoded.value);
}

function cborRest(message: Message, electors: Electors): readonly Cbor[] {
  switch (message.kind) {
    case "proposal": {
      const { justification } = message;
      const why = justification === null ? null : cborJustification(justification, electors);
      return [cborHash(message.blockHash), message.body, why];
    }
    case "prepare":
      return [cborHash(message.blockHash)];
    case "commit":
      return [cborHash(message.blockHash), cborItemList(message.held)];
    case "round-change": {
      const { prepared } = message;
      if (
        (prepared?.round ?? null) !== message.preparedRound ||
        (prepared?.blockHash ?? null) !== message.preparedHash
      )
        throw new ConsensusError("CONSENSUS_MIXED_VOTES", { round: message.round });
      const proof = prepared === null ? null : cborPreparedCertificate(prepared, electors);
      return [placeOf(electors, message.candidate), cborItemList(message.named), proof];
    }
    default:
      return message satisfies never;
  }
}

/** Decodes to null when the height's voters are not known. */
function messageDecoder(electorsAt: ElectorsAt): Decoder<Message | null> {
  return (value) => {
    if (!Array.isArray(value) || value.length < 5) throw shape("message", value);
    const kind = KINDS[oneOf([0, 1, 2, 3])(value[0])];
    const height = heightOf(count()(value[1]));
    const electors = electorsAt(height);
    if (electors === undefined) return null;
    const [round, sender, signature] = tuple(
      roundDecoder,
      voterDecoder(electors),
      bytes(SIGNATURE_BYTES),
    )(value.slice(2, 5));
    const place = { height, round, signature };
    const rest = value.slice(5);
    switch (kind) {
      case "proposal":
        return { kind, ...place, proposer: sender, ...proposalRest(height, electors)(rest) };
      case "prepare":
        return { kind, ...place, voter: sender, blockHash: tuple(hash)(rest)[0] };
      case "commit": {
        const [blockHash, held] = tuple(hash, itemListDecoder)(rest);
        return { kind, ...place, voter: sender, blockHash, held };
      }
      case "round-change":
        return { kind, ...place, voter: sender, ...roundChangeRest(height, electors)(rest) };
      default:
        throw shape("kind", kind);
    }
  };
}

function proposalRest(
  height: Height,
  electors: Electors,
): Decoder<Pick<Proposal, "blockHash" | "body" | "justification">> {
  return (value) => {
    const [blockHash, body, justification] = tuple(
      hash,
      nullable(bytes(0, MAX_BODY_BYTES)),
      nullable(justificationDecoder(height, electors)),
    )(value);
    return { blockHash, body, justification };
  };
}

function roundChangeRest(
  height: Height,
  electors: Electors,
): Decoder<Pick<RoundChange, "candidate" | "named" | "preparedRound" | "preparedHash" | "prepared">> {
  return (value) => {
    const [candidate, named, prepared] = tuple(
      voterDecoder(electors),
      itemListDecoder,
      nullable(preparedCertificateDecoder(height, electors)),
    )(value);
    const preparedRound = prepared?.round ?? null;
    const preparedHash = prepared?.blockHash ?? null;
    return { candidate, named, preparedRound, preparedHash, prepared };
  };
}
