/**
 * What a block owes: items that enough of the votes it carries say are held. The COMMITs of its parent say what could
 * go in next, the ROUND_CHANGEs of its mandate what was there at the cut-off. A block that lacks an owed item, and any
 * other of the same signer and position, is invalid for everybody and for good: no liar among the voters can have an
 * honest one's items left out, nor make a block impossible with items that contradict each other.
 *
 * @source docs/protocol.md, "No censorship"
 */
import { heldThreshold, type Item, itemsNamedBy, namedThreshold } from "../../consensus/item.ts";
import type { CommitCertificate, RoundChangeCertificate } from "../../consensus/message.ts";
import type { SignedReading } from "../../metering/reading.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { contextAt, contextOfNext, type LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import {
  GRID_ADMIN,
  MAX_WAITING_PER_SIGNER,
  type SignedTransaction,
  type TransactionSigner,
} from "../state/transaction.ts";
import { lastSequence } from "../transactions/judgeTransaction.ts";
import type { BlockBody } from "./block.ts";

/** Codes a block is refused with that lacks what it owes. */
export type OwedRefusal = "BLOCK_OMITS_HELD" | "BLOCK_OMITS_NAMED";

/** The certificates that a block carries, as far as it carries them. */
export type CarriedCertificates = {
  /** Of its parent; null at height 1. */
  readonly parent: CommitCertificate | null;
  /** Of the recall that put its DSO into office; null without one. */
  readonly mandate: RoundChangeCertificate | null;
};

/** Position of a reading of the next interval: the only readings that every later block of whoever's making holds. */
export const NEXT_INTERVAL_POSITION = 1;

/** @param context with the roster of the block @returns who signs items, in the order of their places */
export function itemSigners({ roster }: LedgerContext): readonly TransactionSigner[] {
  return [...roster.members.map((member) => member.id), GRID_ADMIN];
}

/** @param context with the roster of the block @param signed a reading of the next interval @returns its name */
export function readingItem(context: LedgerContext, { reading }: SignedReading): Item {
  const signer = itemSigners(context).indexOf(reading.member);
  return { kind: "reading", position: NEXT_INTERVAL_POSITION, signer };
}

/** @param context with the roster of the block @param state that it waits after @param signed a transaction @returns its name: how many after its signer's newest one on the ledger */
export function transactionItem(
  context: LedgerContext,
  state: LedgerState,
  { transaction }: SignedTransaction,
): Item {
  const { signer, sequence } = transaction;
  const position = sequence - lastSequence(state, signer);
  return { kind: "transaction", position, signer: itemSigners(context).indexOf(signer) };
}

/** @param context of the epoch @param state after the head @param parent certificate of the head @returns what the next block owes for it */
export function owedAsHeld(
  context: LedgerContext,
  state: LedgerState,
  parent: CommitCertificate | null,
): readonly Item[] {
  const lists = parent?.signers.map((signer) => signer.held) ?? [];
  const { voters } = contextAt(context, state, state.height).voters;
  return knownItems(contextOfNext(context, state), itemsNamedBy(lists, heldThreshold(voters.length)));
}

/** @param context of the epoch @param state after the head @param mandate of a recall @returns what a fresh block under it owes for it */
export function owedAsNamed(
  context: LedgerContext,
  state: LedgerState,
  mandate: RoundChangeCertificate | null,
): readonly Item[] {
  const lists = mandate?.signers.map((signer) => signer.named) ?? [];
  const own = contextOfNext(context, state);
  return knownItems(own, itemsNamedBy(lists, namedThreshold(own.voters.voters.length)));
}

/**
 * @param context of the epoch
 * @param state after the parent
 * @param body of the block
 * @param carried its certificates, verified
 * @returns the body, or the first owed item that it lacks
 */
export function judgeOwed(
  context: LedgerContext,
  state: LedgerState,
  body: Pick<BlockBody, "intervals" | "transactions">,
  { parent, mandate }: CarriedCertificates,
): Verdict<null, OwedRefusal> {
  const own = contextOfNext(context, state);
  const lacks = (item: Item) => !holdsItem(own, state, body, item);
  const held = owedAsHeld(context, state, parent).find(lacks);
  if (held !== undefined) return reject("BLOCK_OMITS_HELD", describeItem(context, state, held));
  const named = owedAsNamed(context, state, mandate).find(lacks);
  return named === undefined
    ? accept(null)
    : reject("BLOCK_OMITS_NAMED", describeItem(context, state, named));
}

/** @param epoch facts @param state that positions are counted from @param item named @returns it in words, for a log */
export function describeItem(epoch: LedgerContext, state: LedgerState, item: Item): string {
  const context = contextOfNext(epoch, state);
  const signer = itemSigners(context)[item.signer] ?? GRID_ADMIN;
  const name = nameOf(context, signer);
  return item.kind === "reading"
    ? `reading of ${name} for interval ${state.nextInterval}`
    : `transaction ${lastSequence(state, signer) + item.position} of ${name}`;
}

/** @param context of the epoch @param signer of an item @returns its name, for a log */
export function nameOf({ roster }: LedgerContext, signer: TransactionSigner): string {
  return signer === GRID_ADMIN ? signer : (roster.byId.get(signer)?.name ?? signer);
}

/** Whether the block has that item, or another in its place: one in conflict serves as well. */
function holdsItem(
  context: LedgerContext,
  state: LedgerState,
  { intervals, transactions }: Pick<BlockBody, "intervals" | "transactions">,
  { kind, position, signer: place }: Item,
): boolean {
  const signer = itemSigners(context)[place] ?? GRID_ADMIN;
  if (kind === "reading")
    return intervals[0]?.readings.some(({ reading }) => reading.member === signer) ?? false;
  const sequence = lastSequence(state, signer) + position;
  return transactions.some(
    ({ signed: { transaction } }) => transaction.signer === signer && transaction.sequence === sequence,
  );
}

/** Only what the ledger can hold at all: whatever else is named binds nobody. */
function knownItems(context: LedgerContext, items: readonly Item[]): readonly Item[] {
  const members = context.roster.members.length;
  return items.filter(({ kind, position, signer }) =>
    kind === "reading"
      ? position === NEXT_INTERVAL_POSITION && signer < members
      : position <= MAX_WAITING_PER_SIGNER && signer <= members,
  );
}
