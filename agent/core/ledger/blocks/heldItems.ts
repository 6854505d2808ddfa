/**
 * What a voter holds and a block lacks: its COMMIT says so, and the next block may owe it. The items themselves stand
 * in the journal beside the COMMIT, so that they can be served after a power cut in the whole street.
 *
 * @source docs/protocol.md, "No censorship"
 */
import { bytes, type DecodeRefusal, decode, encode, oneOf, tuple } from "../../codec.ts";
import { type Holding, ITEM_KINDS, type Item, itemListOf } from "../../consensus/item.ts";
import { HELD_ITEM_FRAME_BYTES, MAX_HELD_BYTES } from "../../consensus/ownVoteCodec.ts";
import {
  encodeReading,
  MAX_READING_BYTES,
  type SignedReading,
  signedReading,
} from "../../metering/reading.ts";
import { accept, type Verdict } from "../../verdict.ts";
import { beginBlock, type LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import {
  encodeTransaction,
  MAX_TRANSACTION_BYTES,
  type SignedTransaction,
  signedTransaction,
} from "../state/transaction.ts";
import { isOpen } from "./completeness.ts";
import { readingItem, transactionItem } from "./owedItems.ts";

/** An item that was kept with a COMMIT. */
export type HeldItem =
  | { readonly kind: "reading"; readonly signed: SignedReading }
  | { readonly kind: "transaction"; readonly signed: SignedTransaction };

const MAX_CONTENT_BYTES = Math.max(MAX_READING_BYTES, MAX_TRANSACTION_BYTES);
const MAX_ITEM_BYTES = MAX_CONTENT_BYTES + 16;

type Named = Item & { readonly bytes: Uint8Array };

/**
 * @param epoch its facts
 * @param after state after the block
 * @param held readings of the interval that the next block begins with, one of each member, and the transactions of
 *   each signer from its next sequence on without a gap
 * @returns what of it the next block can take, as much as is kept with a COMMIT
 */
export function holdingAfter(
  epoch: LedgerContext,
  after: LedgerState,
  held: {
    readonly readings: readonly SignedReading[];
    readonly transactions: readonly SignedTransaction[];
  },
): Holding {
  const { context, state } = beginBlock(epoch, after);
  const readings = held.readings.filter((signed) => isOpen(context, state, signed));
  const kept = withinBytes([
    ...held.transactions.map((signed): Named => {
      const bytes = encode([ITEM_KINDS.indexOf("transaction"), encodeTransaction(signed)]);
      return { ...transactionItem(context, after, signed), bytes };
    }),
    ...readings.map((signed): Named => {
      const bytes = encode([ITEM_KINDS.indexOf("reading"), encodeReading(signed)]);
      return { ...readingItem(context, signed), bytes };
    }),
  ]);
  return { list: itemListOf(kept), items: kept.map((item) => item.bytes) };
}

/** @param encoded one item as a journal has it @returns it, unverified, or why it is none */
export function readHeldItem(encoded: Uint8Array): Verdict<HeldItem, DecodeRefusal> {
  const opened = decode(encoded, tuple(oneOf([0, 1]), bytes(0, MAX_CONTENT_BYTES)), MAX_ITEM_BYTES);
  if (opened.kind !== "accept") return opened;
  const [kind, content] = opened.value;
  if (ITEM_KINDS[kind] === "reading") {
    const read = decode(content, signedReading, MAX_READING_BYTES);
    return read.kind === "accept" ? accept({ kind: "reading", signed: read.value }) : read;
  }
  const read = decode(content, signedTransaction, MAX_TRANSACTION_BYTES);
  return read.kind === "accept" ? accept({ kind: "transaction", signed: read.value }) : read;
}

/** The first that fit, so that of a signer's transactions none is kept behind one that is not. */
function withinBytes(items: readonly Named[]): readonly Named[] {
  let left = MAX_HELD_BYTES;
  return items.filter((item) => {
    left -= item.bytes.length + HELD_ITEM_FRAME_BYTES;
    return left >= 0;
  });
}
