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
  energy,
  hash,
  interval,
  list,
  nullable,
  oneOf,
  text,
  tuple,
} from "../codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../consensus/certificateCodec.ts";
import type { Mandate } from "../consensus/mandate.ts";
import { MAX_BODY_BYTES } from "../consensus/messageCodec.ts";
import { type Hash, hashOf } from "../hash.ts";
import type { IntervalOutcome, MissingMember, Residual, Signal, StopReason } from "../market/balance.ts";
import type { Trade } from "../market/pairing.ts";
import { positionOf } from "../market/position.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../membership/address.ts";
import { cborReading, type SignedReading, signedReading } from "../metering/reading.ts";
import { type Height, height, type IntervalIndex, type Term, term } from "../units.ts";
import type { Verdict } from "../verdict.ts";
import { cborCorrection, cborLate, type LateEntry, lateDecoder } from "./lateSection.ts";
import { merkleRoot } from "./merkle.ts";
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
/** No reading, trade, order, residual or missing entry of an interval takes more bytes than these. */
const MOST_BYTES = { reading: 512, entry: 96, interval: 96 } as const;

const VERSION = 1;
const STOPS = ["no-deficit", "no-excess", "balanced", "limits"] as const satisfies readonly StopReason[];

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
export function intervalBytesAtMost({ readings, outcome }: SettledInterval): number {
  const { missing, trades, orders, residuals } = outcome;
  const entries = missing.length + trades.length + orders.length + residuals.length;
  return MOST_BYTES.interval + readings.length * MOST_BYTES.reading + entries * MOST_BYTES.entry;
}

function intervalLeaves({ interval: at, readings, outcome }: SettledInterval): readonly Uint8Array[] {
  const { signal, stop } = outcome;
  const leaf = (kind: string, fact: Cbor) => encode([kind, at, fact]);
  return [
    leaf("signal", [cborSignal(signal), stop]),
    ...readings.map((reading) => leaf("reading", cborReading(reading))),
    ...outcome.missing.map((missing) => leaf("missing", cborMissing(missing))),
    ...outcome.trades.map((trade) => leaf("trade", cborTrade(trade))),
    ...outcome.orders.map((order) => leaf("order", cborOrder(order))),
    ...outcome.residuals.map((residual) => leaf("residual", cborResidual(residual))),
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

function cborInterval({ interval: at, readings, outcome }: SettledInterval): Cbor {
  return [
    at,
    readings.map(cborReading),
    outcome.missing.map(cborMissing),
    outcome.trades.map(cborTrade),
    cborSignal(outcome.signal),
    outcome.stop,
    outcome.orders.map(cborOrder),
    outcome.residuals.map(cborResidual),
  ];
}

function cborSignal(signal: Signal): Cbor {
  return [signal.excess, signal.deficit, signal.unmet, signal.unsold];
}

function cborTrade(trade: Trade): Cbor {
  return [memberIdBytes(trade.from), memberIdBytes(trade.to), trade.wh];
}

function cborMissing(missing: MissingMember): Cbor {
  return [memberIdBytes(missing.member), missing.reason];
}

function cborResidual(residual: Residual): Cbor {
  return [memberIdBytes(residual.member), residual.kind, residual.wh];
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
  const [at, readings, missing, trades, signal, stop, orders, residuals] = tuple(
    interval,
    list(signedReading, 1_000),
    list(missingDecoder, 1_000),
    list(tradeDecoder, 2_000),
    signalDecoder,
    oneOf(STOPS),
    list(orderDecoder, 1_000),
    list(residualDecoder, 1_000),
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
  };
}

function missingDecoder(value: unknown): MissingMember {
  const [id, reason] = tuple(memberDecoder, text(32))(value);
  return { member: id, reason };
}

function tradeDecoder(value: unknown): Trade {
  const [from, to, amount] = tuple(memberDecoder, memberDecoder, energy)(value);
  return { from, to, wh: amount };
}

function signalDecoder(value: unknown): Signal {
  const [excess, deficit, unmet, unsold] = tuple(energy, energy, energy, energy)(value);
  return { excess, deficit, unmet, unsold };
}

function residualDecoder(value: unknown): Residual {
  const [id, kind, amount] = tuple(memberDecoder, oneOf(["bought", "fed-in"] as const), energy)(value);
  return { member: id, kind, wh: amount };
}
