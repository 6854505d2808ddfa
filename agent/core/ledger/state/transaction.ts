/**
 * A transaction: what a member or the GridAdmin signs to change the ledger's state, beside readings and votes.
 * Every signer counts its transactions from 1 without a gap, so that none is taken twice and none is passed over.
 *
 * @source docs/protocol.md, "Transactions"
 */
import {
  bytes,
  type Cbor,
  coins,
  count,
  type Decoder,
  encode,
  energy,
  interval,
  nullable,
  oneOf,
  shape,
  text,
  tuple,
} from "../../codec.ts";
import { type Hash, hashOf } from "../../hash.ts";
import { type Bid, bidDecoder, cborBid } from "../../market/bid.ts";
import { ORDER_KINDS, type OrderKind } from "../../market/curtail.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../../membership/address.ts";
import { meterSerial } from "../../membership/enrolment.ts";
import { cborSignedPolicy, type SignedPolicy, signedPolicy } from "../../membership/policy.ts";
import { cborRosterChange, type RosterChange, rosterChangeDecoder } from "../../membership/rosterDelta.ts";
import { cborSwap, type MeterSwap, swapDecoder } from "../../metering/swap.ts";
import { SIGNATURE_BYTES, signBytes } from "../../signature.ts";
import type { IntervalIndex, MicroCoins, Wh } from "../../units.ts";
import { cborEvidence, type Evidence, evidenceDecoder } from "./evidence.ts";

/** Who signs: a member, or the one GridAdmin that the genesis names. */
export type TransactionSigner = MemberId | typeof GRID_ADMIN;

/** What is to change. */
export type TransactionContent =
  /** A voter's choice of the next DSO in this term; null takes it back. */
  | { readonly kind: "ballot"; readonly candidate: MemberId | null }
  /** A gateway that may have forgotten votes asks to vote again; the nonce was drawn after the loss. */
  | { readonly kind: "rejoin"; readonly nonce: Uint8Array }
  /** "I am here": whoever signs a transaction is not absent. */
  | { readonly kind: "present" }
  /** Two statements of one member that contradict each other. */
  | { readonly kind: "evidence"; readonly evidence: Evidence }
  /** A change of who takes part or votes; who may ask for which is `applyTransactions`' to judge. */
  | { readonly kind: "roster"; readonly change: RosterChange }
  /** A policy that the Regulator signed; that the GridAdmin signs this deploys it. */
  | { readonly kind: "policy"; readonly signed: SignedPolicy }
  /** New coins for a member's account. */
  | { readonly kind: "issue"; readonly to: MemberId; readonly amount: MicroCoins }
  /** A member's standing bid of one side, or its withdrawal. */
  | { readonly kind: "bid"; readonly bid: Bid }
  /** A meter of the signer was taken off, and another put in its place. */
  | ({ readonly kind: "meter-swap" } & SwapStatement)
  /** A member under a curtailment order says that it will act; interval, kind and limit name the order. */
  | {
      readonly kind: "acknowledge";
      readonly interval: IntervalIndex;
      readonly order: OrderKind;
      readonly max: Wh;
    };

/** What a member states of a swap: both serial numbers, and what both meters showed. */
export type SwapStatement = {
  readonly swap: MeterSwap;
  readonly oldSerial: string;
  readonly newSerial: string;
};

/** What one signer asks for. */
export type Transaction = {
  readonly signer: TransactionSigner;
  /** From 1, one more than the signer's transaction before. */
  readonly sequence: number;
  readonly content: TransactionContent;
};

/** A transaction with its signer's signature. */
export type SignedTransaction = { readonly transaction: Transaction; readonly signature: Uint8Array };

/** A transaction in a block: it took effect, or it had none, and why. Its sequence is used up either way. */
export type SettledTransaction = { readonly signed: SignedTransaction; readonly refusal: string | null };

/** The GridAdmin as a signer; sorts before every member. */
export const GRID_ADMIN = "grid-admin";
/** Longest encoded signed transaction in bytes: an enrolment and what surrounds it. */
export const MAX_TRANSACTION_BYTES = 8_192;
/**
 * Longest encoded signed transaction of a member in bytes, evidence of two readings: when a third of the members
 * floods with as many as may wait, the readings and what others usually have waiting still fit a gossip message.
 */
export const MAX_MEMBER_TRANSACTION_BYTES = 1_280;
/** Transactions of one signer that may wait for a block, and that one block takes. */
export const MAX_WAITING_PER_SIGNER = 4;
/** Bytes of a rejoin's nonce. */
export const NONCE_BYTES = 32;

const VERSION = 1;
const MAX_REFUSAL_TEXT = 64;

/** How the content of each kind is written; the order is part of the format, retired kinds keep their place. */
const CONTENT: {
  readonly [Kind in TransactionContent["kind"]]: {
    readonly toCbor: (content: Extract<TransactionContent, { kind: Kind }>) => Cbor;
    readonly decoder: Decoder<Extract<TransactionContent, { kind: Kind }>>;
  };
} = {
  ballot: {
    toCbor: ({ candidate }) => (candidate === null ? null : memberIdBytes(candidate)),
    decoder: (value) => ({ kind: "ballot", candidate: nullable(memberDecoder)(value) }),
  },
  rejoin: {
    toCbor: ({ nonce }) => nonce,
    decoder: (value) => ({ kind: "rejoin", nonce: bytes(NONCE_BYTES)(value) }),
  },
  present: {
    toCbor: () => null,
    decoder: (value) => {
      if (value !== null) throw shape("null", value);
      return { kind: "present" };
    },
  },
  evidence: {
    toCbor: ({ evidence }) => cborEvidence(evidence),
    decoder: (value) => ({ kind: "evidence", evidence: evidenceDecoder(value) }),
  },
  roster: {
    toCbor: ({ change }) => cborRosterChange(change),
    decoder: (value) => ({ kind: "roster", change: rosterChangeDecoder(value) }),
  },
  policy: {
    toCbor: ({ signed }) => cborSignedPolicy(signed),
    decoder: (value) => ({ kind: "policy", signed: signedPolicy(value) }),
  },
  issue: {
    toCbor: ({ to, amount }) => [memberIdBytes(to), amount],
    decoder: (value) => {
      const [to, amount] = tuple(memberDecoder, coins)(value);
      return { kind: "issue", to, amount };
    },
  },
  bid: {
    toCbor: ({ bid }) => cborBid(bid),
    decoder: (value) => ({ kind: "bid", bid: bidDecoder(value) }),
  },
  "meter-swap": {
    toCbor: ({ swap, oldSerial, newSerial }) => [cborSwap(swap), oldSerial, newSerial],
    decoder: (value) => {
      const [swap, oldSerial, newSerial] = tuple(swapDecoder, meterSerial, meterSerial)(value);
      return { kind: "meter-swap", swap, oldSerial, newSerial };
    },
  },
  acknowledge: {
    toCbor: ({ interval: at, order, max }) => [at, order, max],
    decoder: (value) => {
      const [at, order, max] = tuple(interval, oneOf(ORDER_KINDS), energy)(value);
      return { kind: "acknowledge", interval: at, order, max };
    },
  },
};
const KINDS = Object.keys(CONTENT) as readonly TransactionContent["kind"][];

/** @param signed a transaction @returns its place in a message */
export function cborTransaction({ transaction, signature }: SignedTransaction): Cbor {
  return [cborBody(transaction), signature];
}

/** @param signed a transaction @returns its canonical bytes */
export function encodeTransaction(signed: SignedTransaction): Uint8Array {
  return encode(cborTransaction(signed));
}

/** Decoder of a signed transaction. */
export function signedTransaction(value: unknown): SignedTransaction {
  const [transaction, signature] = tuple(bodyDecoder, bytes(SIGNATURE_BYTES))(value);
  return { transaction, signature };
}

/** @param transaction what is asked for @returns what identifies it; independent of the signature bytes */
export function transactionId(transaction: Transaction): Hash {
  return hashOf(encode(cborBody(transaction)));
}

/** @param transaction what is asked for @param chainId of the microgrid @param epoch of the roster @returns the bytes to sign */
export function transactionSignBytes(transaction: Transaction, chainId: Hash, epoch: number): Uint8Array {
  return signBytes({ type: "transaction", chainId, epoch, height: 0, round: 0 }, transactionId(transaction));
}

/** @param left a transaction @param right another @returns negative when `left` stands first in a block: by signer, then sequence */
export function transactionOrder(left: SignedTransaction, right: SignedTransaction): number {
  const [first, second] = [left.transaction, right.transaction];
  if (first.signer !== second.signer) return first.signer < second.signer ? -1 : 1;
  return first.sequence - second.sequence;
}

/** @param settled a transaction in a block @returns its place there */
export function cborSettledTransaction({ signed, refusal }: SettledTransaction): Cbor {
  return [cborTransaction(signed), refusal];
}

/** Decoder of a transaction in a block. */
export function settledTransaction(value: unknown): SettledTransaction {
  const [signed, refusal] = tuple(signedTransaction, nullable(text(MAX_REFUSAL_TEXT)))(value);
  return { signed, refusal };
}

function cborBody({ signer, sequence, content }: Transaction): Cbor {
  return [
    VERSION,
    signer === GRID_ADMIN ? null : memberIdBytes(signer),
    sequence,
    KINDS.indexOf(content.kind),
    cborContent(content),
  ];
}

function cborContent<Kind extends TransactionContent["kind"]>(
  content: Extract<TransactionContent, { kind: Kind }>,
): Cbor {
  return CONTENT[content.kind as Kind].toCbor(content);
}

function bodyDecoder(value: unknown): Transaction {
  if (!Array.isArray(value) || value.length !== 5) throw shape("transaction", value);
  const [, signer, sequence, kind] = tuple(
    oneOf([VERSION]),
    nullable(memberDecoder),
    count(),
    count(KINDS.length - 1),
  )(value.slice(0, 4));
  const known = KINDS[kind];
  if (sequence === 0 || known === undefined) throw shape("transaction", value);
  return { signer: signer ?? GRID_ADMIN, sequence, content: CONTENT[known].decoder(value[4]) };
}
