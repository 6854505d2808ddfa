/** What this gateway gives another that tells what it holds: blocks when that one is behind, else votes and readings. */
import type { InstanceState } from "../../core/consensus/instanceState.ts";
import { missingVotes } from "../../core/consensus/missingVotes.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import { isSpanning } from "../../core/metering/validate.ts";
import { type Height, height as heightOf } from "../../core/units.ts";
import {
  ANSWER_FRAME_BYTES,
  type CertifiedBlock,
  ENTRY_FRAME_BYTES,
  MAX_ANSWERED,
  type SyncAnswer,
} from "../../core/wire/syncAnswer.ts";
import type { SyncSummary } from "../../core/wire/syncRequest.ts";
import { encodeReadingMessage, encodeTransactionMessage, encodeVoteMessage } from "../../core/wire.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";

/** What is answered from. */
export type AnswerSources = {
  readonly context: LedgerContext;
  readonly ledger: LedgerService;
  readonly store: LedgerStore;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  /** @returns the height in progress */
  readonly instance: () => InstanceState;
  /** Longest answer in bytes. */
  readonly maxAnswerBytes: number;
};

/** Says whether that many bytes more fit, and takes them if so. */
type Budget = (bytes: number) => boolean;

/**
 * Gathers what a summary lacks.
 *
 * @param sources of this gateway
 * @param summary of the other
 * @returns the answer but for the time, which is told when it is sent; it fits {@link AnswerSources.maxAnswerBytes}
 */
export async function answerSummary(
  sources: AnswerSources,
  summary: SyncSummary,
): Promise<Omit<SyncAnswer, "nowMs">> {
  const { ledger, store, maxAnswerBytes } = sources;
  const instance = sources.instance();
  const budget = budgetOf(maxAnswerBytes - ANSWER_FRAME_BYTES);
  const lowest = heightOf(Math.max(1, store.base));
  const answer = { head: ledger.state.height, round: instance.round, lowest };
  const nothing = { blocks: [], bodies: [], votes: [], transactions: [], readings: [] };
  if (summary.head < answer.head)
    return { ...answer, ...nothing, blocks: await blocksAbove(sources, summary.head, budget) };
  const isSameHeight = instance.config.height === summary.head + 1;
  const level = isSameHeight ? levelWith(sources, instance, summary, budget) : {};
  return { ...answer, ...nothing, ...level, readings: readingsFor(sources, summary, budget) };
}

async function blocksAbove(
  { ledger, store }: AnswerSources,
  head: Height,
  budget: Budget,
): Promise<readonly CertifiedBlock[]> {
  const blocks: CertifiedBlock[] = [];
  // What lies below the chain's beginning is no part of it, though it may be stored.
  if (head + 1 < store.base) return blocks;
  const last = Math.min(ledger.state.height, head + MAX_ANSWERED.blocks);
  for (let at = head + 1; at <= last; at += 1) {
    const stored = await store.block(heightOf(at));
    if (stored === null) break;
    const { block, certificate } = stored;
    if (!budget(block.length + certificate.length + 2 * ENTRY_FRAME_BYTES)) break;
    blocks.push({ block, certificate });
  }
  return blocks;
}

/** What is worth telling only to one that works on the same height. */
function levelWith(
  sources: AnswerSources,
  instance: InstanceState,
  summary: SyncSummary,
  budget: Budget,
): Pick<SyncAnswer, "bodies" | "votes" | "transactions"> {
  const agreement = agreementFor(sources, instance, summary, budget);
  return { ...agreement, transactions: transactionsFor(sources, summary, budget) };
}

function transactionsFor({ context, transactions }: AnswerSources, summary: SyncSummary, budget: Budget) {
  const missing = transactions
    .held()
    .filter(
      ({ transaction: { signer, sequence } }) =>
        summary.transactions.get(signer)?.includes(sequence) !== true,
    );
  return fitting(
    missing.slice(0, MAX_ANSWERED.transactions),
    (signed) => encodeTransactionMessage(signed, context.roster.chainId),
    budget,
  );
}

function agreementFor(
  { context, ledger }: AnswerSources,
  instance: InstanceState,
  summary: SyncSummary,
  budget: Budget,
): Pick<SyncAnswer, "bodies" | "votes"> {
  const { chainId } = context.roster;
  const { voters } = ledger.contextAt(instance.config.height).voters;
  const bodies = summary.wanted
    .flatMap((blockHash) => instance.bodies.get(blockHash) ?? [])
    .slice(0, MAX_ANSWERED.bodies);
  const votes = missingVotes(instance, summary.votes, new Set(summary.bodies)).slice(0, MAX_ANSWERED.votes);
  return {
    bodies: fitting(bodies, (body) => body, budget),
    votes: fitting(votes, (vote) => encodeVoteMessage(vote, chainId, voters), budget),
  };
}

function readingsFor({ context, pool }: AnswerSources, summary: SyncSummary, budget: Budget) {
  const heldOf = new Map(summary.readings.map(({ interval, members }) => [interval, members]));
  const nobody: ReadonlySet<MemberId> = new Set();
  const missing = pool.held().flatMap(({ interval }): readonly SignedReading[] => {
    if (interval < summary.nextInterval) return [];
    const held = heldOf.get(interval) ?? nobody;
    return pool.all(interval).filter((signed) => !held.has(signed.reading.member));
  });
  missing.push(...lateFor(pool, summary));
  const { chainId } = context.roster;
  return fitting(
    missing.slice(0, MAX_ANSWERED.readings),
    (signed) => encodeReadingMessage(signed, chainId),
    budget,
  );
}

/** Late readings come after those of open intervals: the street waits for these. */
function lateFor(pool: ReadingPool, { late }: SyncSummary): readonly SignedReading[] {
  const heldOf = new Map(late.map((held) => [held.member, held]));
  return pool.late().filter((signed) => {
    const held = heldOf.get(signed.reading.member);
    const of = isSpanning(signed) ? held?.spans : held?.readings;
    return of?.has(signed.reading.interval) !== true;
  });
}

/** Encodes as many, from the first on, as the budget has room for; a later, shorter one does not overtake. */
function fitting<T>(
  items: readonly T[],
  toBytes: (item: T) => Uint8Array,
  budget: Budget,
): readonly Uint8Array[] {
  const taken: Uint8Array[] = [];
  for (const item of items) {
    const bytes = toBytes(item);
    if (!budget(bytes.length + ENTRY_FRAME_BYTES)) break;
    taken.push(bytes);
  }
  return taken;
}

function budgetOf(maxBytes: number): Budget {
  let left = maxBytes;
  return (bytes) => {
    if (bytes > left) return false;
    left -= bytes;
    return true;
  };
}
