/** The office of the DSO: one block from the readings at hand, under the mandate of the round. */

import type { Item } from "../../core/consensus/item.ts";
import { mandateFor } from "../../core/consensus/mandate.ts";
import type { Justification } from "../../core/consensus/message.ts";
import { graceMs } from "../../core/consensus/timing.ts";
import { type AssembledBlock, assembleBlock } from "../../core/ledger/blocks/assemble.ts";
import { MAX_INTERVALS_PER_BLOCK } from "../../core/ledger/blocks/block.ts";
import { judgeCertificate } from "../../core/ledger/blocks/judgeBlock.ts";
import { itemSigners, owedAsHeld, owedAsNamed, transactionItem } from "../../core/ledger/blocks/owedItems.ts";
import { judgeForSettlement } from "../../core/ledger/settlement/judgeForSettlement.ts";
import { LATE_ENTRY_BYTES } from "../../core/ledger/settlement/lateSection.ts";
import { intervalBytesAtMost } from "../../core/ledger/settlement/settledInterval.ts";
import { settleInterval } from "../../core/ledger/settlement/settleInterval.ts";
import { beginBlock, contextOfNext, type LedgerContext, seatingOf } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import { encodeTransaction, GRID_ADMIN } from "../../core/ledger/state/transaction.ts";
import { intervalEndMs } from "../../core/metering/interval.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import type { Round, UnixMs } from "../../core/units.ts";
import { chooseLateBeside } from "../pools/chooseLate.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";

/** Longest body a DSO proposes: with its justification it fits a gossip message of the smallest microgrids. */
const MAX_PROPOSED_BYTES = 163_840;

/** What a DSO proposes from. */
export type ProposalInput = {
  readonly context: LedgerContext;
  readonly state: LedgerState;
  /** Encoded commit certificate of the head; null on the genesis. */
  readonly headCertificate: Uint8Array | null;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  /** A reading contradicted later than this, on the monotonic clock, counts as if it were not; by default none does. */
  readonly voidedByMs?: number;
  readonly round: Round;
  /** The mandate of the round; null in round 0. */
  readonly justification: Justification | null;
  readonly nowMs: UnixMs;
};

/**
 * Builds the block that this gateway proposes as DSO: every waiting transaction, late readings as they fit, and every
 * ended interval whose cut-off has passed, at least one, with every pooled reading that may be settled, and every item
 * that it owes and that is at hand.
 *
 * @param input parent, readings, transactions, mandate and the present instant
 * @returns the block and the state after it
 */
export function buildProposal(input: ProposalInput): AssembledBlock {
  const { state, round, justification } = input;
  const { context, state: begun } = beginBlock(input.context, state);
  const first = withOwed(input);
  const { late, after } = chooseLateBeside(context, begun, first, input.pool.late());
  const intervals: (readonly SignedReading[])[] = [];
  let before = after;
  const transactions = input.transactions.next(state);
  let bytesAtMost = transactions.reduce(
    (sum, signed) => sum + encodeTransaction(signed).length,
    late.length * LATE_ENTRY_BYTES,
  );
  do {
    const at = before;
    const offered = intervals.length === 0 ? first : input.pool.of(at.nextInterval, input.voidedByMs);
    const readings = offered.filter((signed) => judgeForSettlement(context, at, signed).kind === "accept");
    const step = settleInterval(context, at, readings, begun.money);
    bytesAtMost += intervalBytesAtMost(step.settled);
    if (intervals.length > 0 && bytesAtMost > MAX_PROPOSED_BYTES) break;
    intervals.push(readings);
    before = step.state;
  } while (intervals.length < MAX_INTERVALS_PER_BLOCK && isPastCutOff(input, before));
  return assembleBlock(context, state, {
    parentCertificate: input.headCertificate,
    claim: mandateFor(seatingOf(context, state), round, justification?.roundChanges ?? null),
    late,
    intervals,
    transactions,
  });
}

/** @param context of the epoch @param state after the head @returns when round 0 of the next height may begin */
export function cutOffMs(context: LedgerContext, state: LedgerState): number {
  const { intervalMs } = context.genesis;
  return intervalEndMs(state.nextInterval, intervalMs) + graceMs(intervalMs);
}

/** @param input as {@link buildProposal} takes it @returns the items that the block owes, by its certificates */
export function owedItems({
  context,
  state,
  headCertificate,
  justification,
}: ProposalInput): readonly Item[] {
  const parent = headCertificate === null ? null : judgeCertificate(context, state, headCertificate);
  return [
    ...owedAsHeld(context, state, parent?.kind === "accept" ? parent.value : null),
    ...owedAsNamed(context, state, justification?.roundChanges ?? null),
  ];
}

/** @param input as {@link buildProposal} takes it @returns owed items that are not at hand: they must be fetched first */
export function lackedItems(input: ProposalInput): readonly Item[] {
  const { state } = input;
  const { context, state: begun } = beginBlock(input.context, state);
  const next = new Set(
    input.transactions.next(state).map((signed) => keyOf(transactionItem(context, state, signed))),
  );
  return owedItems(input).filter((item) => {
    if (item.kind === "transaction") return !next.has(keyOf(item));
    const signed = readingAt(input, item);
    return signed === undefined || judgeForSettlement(context, begun, signed).kind !== "accept";
  });
}

/** Readings of the first interval: a voided one too when the block owes that member's. */
function withOwed(input: ProposalInput): readonly SignedReading[] {
  const pooled = input.pool.of(input.state.nextInterval, input.voidedByMs);
  const present = new Set(pooled.map(({ reading }) => reading.member));
  const owed = owedItems(input)
    .filter((item) => item.kind === "reading")
    .flatMap((item) => readingAt(input, item) ?? []);
  const added = new Map(owed.map((signed) => [signed.reading.member, signed]));
  return [...pooled, ...[...added.values()].filter(({ reading }) => !present.has(reading.member))].sort(
    (left, right) => (left.reading.member < right.reading.member ? -1 : 1),
  );
}

function readingAt({ context, state, pool }: ProposalInput, { signer }: Item): SignedReading | undefined {
  const member = itemSigners(contextOfNext(context, state))[signer];
  return member === undefined || member === GRID_ADMIN ? undefined : pool.either(state.nextInterval, member);
}

function keyOf({ kind, position, signer }: Item): string {
  return `${kind}/${position}/${signer}`;
}

function isPastCutOff(input: ProposalInput, state: LedgerState): boolean {
  return input.nowMs >= cutOffMs(input.context, state);
}
