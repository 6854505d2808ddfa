/**
 * What a block owes: items that enough of the votes it carries say are held. The COMMITs of its parent say what could
 * go in next, the ROUND_CHANGEs of its mandate what was there at the cut-off. A block that lacks an owed item, and any
 * other of the same signer and position, is invalid for everybody and for good: no liar among the voters can have an
 * honest one's items left out, nor make a block impossible with items that contradict each other.
 *
 * @source docs/protocol.md, "No censorship"
 */
import { heldThreshold, type Item, itemsNamedBy, namedThreshold } from "../consensus/item.ts";
import type { CommitCertificate, RoundChangeCertificate } from "../consensus/message.ts";
import type { MemberId } from "../membership/address.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { BlockBody } from "./block.ts";
import type { LedgerContext } from "./context.ts";
import type { LedgerState } from "./state.ts";

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

/** @param context of the epoch @returns who signs items, in the order of their places */
export function itemSigners({ roster }: LedgerContext): readonly MemberId[] {
  return roster.members.map((member) => member.id);
}

/** @param context of the epoch @param parent certificate of the head @returns what the next block owes for it */
export function owedAsHeld(context: LedgerContext, parent: CommitCertificate | null): readonly Item[] {
  const lists = parent?.signers.map((signer) => signer.held) ?? [];
  return knownItems(context, itemsNamedBy(lists, heldThreshold(context.voters.voters.length)));
}

/** @param context of the epoch @param mandate of a recall @returns what a fresh block under it owes for it */
export function owedAsNamed(context: LedgerContext, mandate: RoundChangeCertificate | null): readonly Item[] {
  const lists = mandate?.signers.map((signer) => signer.named) ?? [];
  return knownItems(context, itemsNamedBy(lists, namedThreshold(context.voters.voters.length)));
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
  body: Pick<BlockBody, "intervals">,
  { parent, mandate }: CarriedCertificates,
): Verdict<null, OwedRefusal> {
  const lacks = (item: Item) => !holdsItem(context, body, item);
  const held = owedAsHeld(context, parent).find(lacks);
  if (held !== undefined) return reject("BLOCK_OMITS_HELD", describeItem(context, state, held));
  const named = owedAsNamed(context, mandate).find(lacks);
  return named === undefined
    ? accept(null)
    : reject("BLOCK_OMITS_NAMED", describeItem(context, state, named));
}

/** @param context of the epoch @param state that positions are counted from @param item named @returns it in words, for a log */
export function describeItem(context: LedgerContext, state: LedgerState, { kind, signer }: Item): string {
  const id = itemSigners(context)[signer];
  const name = id === undefined ? `place ${signer}` : (context.roster.byId.get(id)?.name ?? id);
  return `${kind} of ${name} for interval ${state.nextInterval}`;
}

/** Whether the block has that item, or another in its place: one in conflict serves as well. */
function holdsItem(context: LedgerContext, { intervals }: Pick<BlockBody, "intervals">, item: Item): boolean {
  const signer = itemSigners(context)[item.signer];
  return intervals[0]?.readings.some(({ reading }) => reading.member === signer) ?? false;
}

/** Only what the ledger can hold at all: whatever else is named binds nobody. */
function knownItems(context: LedgerContext, items: readonly Item[]): readonly Item[] {
  const signers = itemSigners(context);
  return items.filter(
    ({ kind, position, signer }) =>
      signer < signers.length && kind === "reading" && position === NEXT_INTERVAL_POSITION,
  );
}
