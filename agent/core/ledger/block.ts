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
} from "../codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../consensus/certificateCodec.ts";
import type { Mandate } from "../consensus/mandate.ts";
import { MAX_BODY_BYTES } from "../consensus/messageCodec.ts";
import { type Hash, hashOf } from "../hash.ts";
import type { IntervalOutcome } from "../market/balance.ts";
import { positionOf } from "../market/position.ts";
import type { Settlement } from "../market/settle.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../membership/address.ts";
import { cborReading, type SignedReading, signedReading } from "../metering/reading.ts";
import { type Height, height, type IntervalIndex, type Term, term } from "../units.ts";
import type { Verdict } from "../verdict.ts";
import { cborCorrection, cborLate, type LateEntry, lateDecoder } from "./lateSection.ts";
import { merkleRoot } from "./merkle.ts";
import {
  cborMissing,
  cborResidual,
  cborSignal,
  cborTrade,
  missingDecoder,
  residualDecoder,
  STOPS,
  signalDecoder,
  tradeDecoder,
} from "./outcomeCodec.ts";
import { cborSettlement, settlementDecoder, settlementLeaves } from "./settlementCodec.ts";
import { cborOrder, orderDecoder } from "./state.ts";
import { cborSettledTransaction, type SettledTransaction, settledTransaction } from "./transaction.ts";

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

/** One interval: the signed readings, and what the market made of them. */
export type SettledInterval = {
  readonly interval: IntervalIndex;
  /** By member id. */
  readonly readings: readonly SignedReading[];
  readonly outcome: IntervalOutcome;
  /** Null without a policy in force: then no coin moves. */
  readonly settlement: Settlement | null;
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
/** No reading, trade, order, residual or missing entry of an interval takes more bytes than these, the money of it included. */
const MOST_BYTES = { reading: 512, entry: 96, money: 192, interval: 128 } as const;

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

/** @param settled one interval @returns a bound of the bytes it takes in a block, so that a DSO knows when to stop */
export function intervalBytesAtMost({ readings, outcome, settlement }: SettledInterval): number {
  const { missing, trades, orders, residuals } = outcome;
  const ineligible = settlement?.ineligible.length ?? 0;
  const entries = missing.length + trades.length + orders.length + residuals.length + ineligible;
  const paid = settlement === null ? 0 : trades.length + residuals.length;
  return (
    MOST_BYTES.interval +
    readings.length * MOST_BYTES.reading +
    entries * MOST_BYTES.entry +
    paid * MOST_BYTES.money
  );
}

function intervalLeaves({
  interval: at,
  readings,
  outcome,
  settlement,
}: SettledInterval): readonly Uint8Array[] {
  const { signal, stop } = outcome;
  const leaf = (kind: string, fact: Cbor) => encode([kind, at, fact]);
  return [
    leaf("signal", [cborSignal(signal), stop]),
    ...readings.map((reading) => leaf("reading", cborReading(reading))),
    ...outcome.missing.map((missing) => leaf("missing", cborMissing(missing))),
    ...outcome.trades.map((trade) => leaf("trade", cborTrade(trade))),
    ...outcome.orders.map((order) => leaf("order", cborOrder(order))),
    ...outcome.residuals.map((residual) => leaf("residual", cborResidual(residual))),
    ...settlementLeaves(at, settlement),
  ];
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

function cborInterval({ interval: at, readings, outcome, settlement }: SettledInterval): Cbor {
  return [
    at,
    readings.map(cborReading),
    outcome.missing.map(cborMissing),
    outcome.trades.map(cborTrade),
    cborSignal(outcome.signal),
    outcome.stop,
    outcome.orders.map(cborOrder),
    outcome.residuals.map(cborResidual),
    cborSettlement(settlement),
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

function intervalDecoder(value: unknown): SettledInterval {
  const [at, readings, missing, trades, signal, stop, orders, residuals, settlement] = tuple(
    interval,
    list(signedReading, 1_000),
    list(missingDecoder, 1_000),
    list(tradeDecoder, 2_000),
    signalDecoder,
    oneOf(STOPS),
    list(orderDecoder, 1_000),
    list(residualDecoder, 1_000),
    settlementDecoder,
  )(value);
  const absent = new Set(missing.map((entry) => entry.member));
  const positions = readings.flatMap(({ reading: { member: id, content } }) =>
    content.kind === "measured" && !absent.has(id)
      ? [positionOf({ member: id, generated: content.generated, consumed: content.consumed })]
      : [],
  );
  return {
    interval: at,
    readings,
    outcome: { interval: at, positions, missing, trades, signal, stop, orders, residuals },
    settlement,
  };
}
