/**
 * A block: header, body, and their one encoding. The block's hash is the hash of its header; the header
 * commits to every fact of the body by a Merkle root and to the state after it by another.
 */
import {
  bytes,
  type Cbor,
  cborHash,
  count,
  type DecodeRefusal,
  decode,
  encode,
  hash,
  interval,
  list,
  nullable,
  oneOf,
  tuple,
} from "../../codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../../consensus/certificateCodec.ts";
import type { Mandate } from "../../consensus/mandate.ts";
import { MAX_BODY_BYTES } from "../../consensus/messageCodec.ts";
import { type Hash, hashOf } from "../../hash.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../../membership/address.ts";
import { cborReading } from "../../metering/reading.ts";
import { type Height, height, type IntervalIndex, type Term, term } from "../../units.ts";
import type { Verdict } from "../../verdict.ts";
import { cborCorrection, cborLate, type LateEntry, lateDecoder } from "../settlement/lateSection.ts";
import {
  cborInterval,
  intervalDecoder,
  intervalLeaves,
  type SettledInterval,
} from "../settlement/settledInterval.ts";
import { merkleRoot } from "../state/merkle.ts";
import { cborSettledTransaction, type SettledTransaction, settledTransaction } from "../state/transaction.ts";

/** How the DSO named in a header came to sign it. */
const MANDATE_KINDS = [
  "genesis",
  "continued",
  "term-end",
  "recall",
] as const satisfies readonly Mandate["kind"][];

/** What is hashed into a block's identity. */
export type BlockHeader = {
  readonly chainId: Hash;
  readonly epoch: number;
  readonly height: Height;
  readonly parentHash: Hash;
  /** First and last interval it settles. */
  readonly from: IntervalIndex;
  readonly to: IntervalIndex;
  readonly dso: MemberId;
  readonly term: Term;
  readonly mandate: Mandate["kind"];
  readonly bodyRoot: Hash;
  readonly stateRoot: Hash;
};

/** What a block settles and what proves its DSO's office. */
export type BlockBody = {
  /** Commit certificate of the parent; null at height 1. */
  readonly parentCertificate: Uint8Array | null;
  /** Round-change certificate; null unless the mandate is a recall. */
  readonly mandateProof: Uint8Array | null;
  /** By member, then by time; of intervals that were closed before this block. */
  readonly late: readonly LateEntry[];
  readonly intervals: readonly SettledInterval[];
  /** By signer, then sequence. */
  readonly transactions: readonly SettledTransaction[];
};

export type Block = { readonly header: BlockHeader; readonly body: BlockBody };

/** Most intervals one block settles: a day of quarters of an hour. */
export const MAX_INTERVALS_PER_BLOCK = 96;
/** Most transactions in one block: what every signer of the largest street may have waiting. */
export const MAX_TRANSACTIONS_PER_BLOCK = 804;
const VERSION = 1;
/** @param header of a block @returns its identity */
export function blockHash(header: BlockHeader): Hash {
  return hashOf(encode(cborHeader(header)));
}

/** @param block header and body @returns its canonical bytes, as proposed and stored */
export function encodeBlock(block: Block): Uint8Array {
  const { parentCertificate, mandateProof, late, intervals, transactions } = block.body;
  return encode([
    cborHeader(block.header),
    [
      parentCertificate,
      mandateProof,
      late.map(cborLate),
      intervals.map(cborInterval),
      transactions.map(cborSettledTransaction),
    ],
  ]);
}

/** @param encoded bytes of a block @returns the block, or why they are not one; nothing is verified */
export function readBlock(encoded: Uint8Array): Verdict<Block, DecodeRefusal> {
  return decode(encoded, blockDecoder, MAX_BODY_BYTES);
}

/** @param body of a block @returns the root over each of its facts, one leaf each */
export function bodyRoot(body: BlockBody): Hash {
  return merkleRoot([
    encode(["parent", body.parentCertificate]),
    encode(["mandate", body.mandateProof]),
    ...body.late.flatMap(({ signed, correction }) => [
      encode(["late", cborReading(signed)]),
      encode(["correction", cborCorrection(correction)]),
    ]),
    ...body.intervals.flatMap(intervalLeaves),
    ...body.transactions.map((settled) => encode(["transaction", cborSettledTransaction(settled)])),
  ]);
}

/** @param block as read @returns true when its header commits to its body, so that the header's hash stands for both */
export function isBound({ header, body }: Block): boolean {
  return bodyRoot(body) === header.bodyRoot;
}

function cborHeader(header: BlockHeader): Cbor {
  return [
    VERSION,
    cborHash(header.chainId),
    header.epoch,
    header.height,
    cborHash(header.parentHash),
    header.from,
    header.to,
    memberIdBytes(header.dso),
    header.term,
    header.mandate,
    cborHash(header.bodyRoot),
    cborHash(header.stateRoot),
  ];
}

function blockDecoder(value: unknown): Block {
  const [header, [parentCertificate, mandateProof, late, intervals, transactions]] = tuple(
    headerDecoder,
    tuple(
      nullable(bytes(0, MAX_CERTIFICATE_BYTES)),
      nullable(bytes(0, MAX_CERTIFICATE_BYTES)),
      lateDecoder,
      list(intervalDecoder, MAX_INTERVALS_PER_BLOCK),
      list(settledTransaction, MAX_TRANSACTIONS_PER_BLOCK),
    ),
  )(value);
  return { header, body: { parentCertificate, mandateProof, late, intervals, transactions } };
}

/** Decoder of a header. */
export function headerDecoder(value: unknown): BlockHeader {
  const [, chainId, epoch, at, parentHash, from, to, dso, inTerm, mandate, body, state] = tuple(
    oneOf([VERSION]),
    hash,
    count(),
    count(),
    hash,
    interval,
    interval,
    memberDecoder,
    count(),
    oneOf(MANDATE_KINDS),
    hash,
    hash,
  )(value);
  return {
    chainId,
    epoch,
    height: height(at),
    parentHash,
    from,
    to,
    dso,
    term: term(inTerm),
    mandate,
    bodyRoot: body,
    stateRoot: state,
  };
}
