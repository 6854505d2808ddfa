/**
 * The completeness rule of round 0: a fresh block must have what its DSO must have had. What counts is chosen so that
 * no honest DSO is ever short of it, however members time what they send:
 *
 * - another member's items, so that nobody recalls a DSO by what it alone has;
 * - held at the middle of the grace, and for {@link holdingAgeMs} before the proposal came;
 * - one reading of each member and interval, and the few transactions that a signer may have waiting: all of them
 *   fit one block;
 * - with nothing in the block in their place.
 *
 * @source docs/protocol.md, "No censorship"
 */
import { type ItemList, itemListOf } from "../../consensus/item.ts";
import type { MemberId } from "../../membership/address.ts";
import type { SignedReading } from "../../metering/reading.ts";
import type { IntervalIndex } from "../../units.ts";
import { judgeStanding } from "../settlement/judgeForSettlement.ts";
import { settleLate } from "../settlement/lateSection.ts";
import type { SettledInterval } from "../settlement/settledInterval.ts";
import { settleInterval } from "../settlement/settleInterval.ts";
import { beginBlock, type LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import type { SignedTransaction, TransactionSigner } from "../state/transaction.ts";
import type { Block } from "./block.ts";
import { nameOf, readingItem, transactionItem } from "./owedItems.ts";

/** A reading that waits for a block, and since when, on the monotonic clock. */
export type HeldReading = { readonly signed: SignedReading; readonly sinceMs: number };

/** A transaction that waits for a block, and since when, on the monotonic clock. */
export type HeldTransaction = { readonly signed: SignedTransaction; readonly sinceMs: number };

/** Instants of one proposal on the monotonic clock of whoever judges it. */
export type ProposalTimes = {
  /** End of the block's last interval and half the grace. */
  readonly middleOfGraceMs: number;
  /** End of the block's last interval and all of the grace: no sound DSO proposes before. */
  readonly cutOffMs: number;
  /** When the proposal came. */
  readonly arrivedMs: number;
  /** For how long an item must have been held. */
  readonly holdingAgeMs: number;
};

/** What a gateway holds beside a proposed block. */
export type CompletenessFacts = {
  readonly self: MemberId;
  /** @returns what is held for an interval, one of each member */
  readonly readings: (interval: IntervalIndex) => readonly HeldReading[];
  /** What is held of each signer from its next sequence on without a gap, in the block's order. */
  readonly transactions: readonly HeldTransaction[];
  readonly times: ProposalTimes;
};

/** @param sinceMs when the item came @param times of the proposal @returns true when a sound DSO has it in its block */
export function isTimely(sinceMs: number, times: ProposalTimes): boolean {
  const lastMs = Math.max(times.arrivedMs, times.cutOffMs) - times.holdingAgeMs;
  return sinceMs <= times.middleOfGraceMs && sinceMs <= lastMs;
}

/**
 * @param epoch its facts
 * @param state after the parent
 * @param block right in all else
 * @param facts what is held, and since when
 * @returns the first item in words that the block should have and has not, or null
 */
export function omittedFrom(
  epoch: LedgerContext,
  state: LedgerState,
  block: Block,
  facts: CompletenessFacts,
): string | null {
  const { context, state: begun } = beginBlock(epoch, state);
  const waiting = absentTransactions(block, facts)[0];
  if (waiting !== undefined) {
    const { signer, sequence } = waiting.transaction;
    return `transaction ${sequence} of ${nameOf(context, signer)}`;
  }
  const { intervals } = block.body;
  const absent = intervals.map((settled) => absentFrom(settled, facts));
  const last = absent.findLastIndex((readings) => readings.length > 0);
  let before = begun;
  for (const { signed } of block.body.late) before = settleLate(context, before, signed).state;
  for (const [index, { readings }] of intervals.slice(0, last + 1).entries()) {
    const at = before;
    const omitted = absent[index]?.find((signed) => isOpen(context, at, signed));
    if (omitted !== undefined) return describeReading(context, omitted);
    before = settleInterval(context, before, readings, begun.money).state;
  }
  return null;
}

/**
 * What a ROUND_CHANGE names: what was held in the middle of the grace for the interval that the next block begins
 * with. Later intervals are left out, since a block need not reach them.
 *
 * @param epoch its facts
 * @param state after the parent
 * @param held readings of the state's next interval, and transactions of each signer without a gap
 * @param byMs the middle of the grace, on the monotonic clock
 * @returns the list
 */
export function namedAtCutOff(
  epoch: LedgerContext,
  state: LedgerState,
  held: {
    readonly readings: readonly HeldReading[];
    readonly transactions: readonly HeldTransaction[];
  },
  byMs: number,
): ItemList {
  const { context, state: begun } = beginBlock(epoch, state);
  const isHeld = ({ sinceMs }: { readonly sinceMs: number }) => sinceMs <= byMs;
  const readings = held.readings.filter((entry) => isHeld(entry) && isOpen(context, begun, entry.signed));
  const transactions = withoutGap(held.transactions, isHeld);
  return itemListOf([
    ...readings.map(({ signed }) => readingItem(context, signed)),
    ...transactions.map(({ signed }) => transactionItem(context, state, signed)),
  ]);
}

/** @param context with the roster of the block @param state that it would be settled on @param signed judged by itself @returns true when it follows what is settled */
export function isOpen(context: LedgerContext, state: LedgerState, signed: SignedReading): boolean {
  return judgeStanding(context, state, signed).kind === "accept";
}

/** What counts of an interval and is not in the block, whether or not it could be. */
function absentFrom(
  { interval, readings }: SettledInterval,
  facts: CompletenessFacts,
): readonly SignedReading[] {
  const present = new Set(readings.map(({ reading }) => reading.member));
  return facts
    .readings(interval)
    .filter(({ sinceMs }) => isTimely(sinceMs, facts.times))
    .map(({ signed }) => signed)
    .filter(({ reading }) => reading.member !== facts.self && !present.has(reading.member));
}

/** Those that count and are not in the block. */
function absentTransactions({ body }: Block, facts: CompletenessFacts): readonly SignedTransaction[] {
  const present = new Set(
    body.transactions.map(({ signed: { transaction } }) => `${transaction.signer}/${transaction.sequence}`),
  );
  return withoutGap(facts.transactions, ({ sinceMs }) => isTimely(sinceMs, facts.times))
    .map(({ signed }) => signed)
    .filter(({ transaction: { signer } }) => signer !== facts.self)
    .filter(({ transaction: { signer, sequence } }) => !present.has(`${signer}/${sequence}`));
}

/** A signer's transactions up to the first that does not count: a block cannot have those after it. */
function withoutGap(
  held: readonly HeldTransaction[],
  counts: (entry: HeldTransaction) => boolean,
): readonly HeldTransaction[] {
  const stopped = new Set<TransactionSigner>();
  return held.filter((entry) => {
    const { signer } = entry.signed.transaction;
    if (!counts(entry)) stopped.add(signer);
    return !stopped.has(signer);
  });
}

function describeReading(context: LedgerContext, { reading }: SignedReading): string {
  return `reading of ${nameOf(context, reading.member)} for interval ${reading.interval}`;
}
