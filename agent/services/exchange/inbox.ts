/**
 * Judges every message of the gossip. Each refusal has a code and is counted; a throw here is a bug of ours
 * and never becomes an ignore.
 */
import { type Message, type Proposal, senderOf } from "../../core/consensus/message.ts";
import { type VerifyRefusal, verifyMessage } from "../../core/consensus/verifyMessage.ts";
import { blockHash, isBound, readBlock } from "../../core/ledger/blocks/block.ts";
import type { BlockRefusal } from "../../core/ledger/blocks/judgeBlock.ts";
import { judgeForSettlement } from "../../core/ledger/settlement/judgeForSettlement.ts";
import { type LedgerContext, newestEpoch } from "../../core/ledger/state/context.ts";
import type { SignedTransaction } from "../../core/ledger/state/transaction.ts";
import {
  judgeTransaction,
  type TransactionRefusal,
} from "../../core/ledger/transactions/judgeTransaction.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { baseHeight } from "../../core/membership/epoch.ts";
import { intervalAt } from "../../core/metering/interval.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import { judgeReading, type ReadingRefusal } from "../../core/metering/validate.ts";
import { type Height, unixMs } from "../../core/units.ts";
import { accept, ignore, type Refusal, reject, type Verdict } from "../../core/verdict.ts";
import { readWire, type WireRefusal } from "../../core/wire.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Channel, Received } from "../../ports/transport.ts";
import type { Refusals } from "../base/refusals.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { OwnEchoes } from "../metering/ownEchoes.ts";
import type { PoolRefusal } from "../pools/pooled.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool, TransactionPoolRefusal } from "../pools/transactionPool.ts";

/** Codes a received message is refused with. */
export type InboxRefusal =
  | WireRefusal
  | ReadingRefusal
  | PoolRefusal
  | TransactionRefusal
  | TransactionPoolRefusal
  | VerifyRefusal
  | BlockRefusal
  | "EPOCH_NOT_REACHED"
  | "READING_EARLY"
  | "VOTE_STALE"
  | "VOTE_TOO_FAR"
  | "PROPOSAL_BODY_OTHER";

/** What the inbox is made of. */
export type InboxModules = {
  readonly context: LedgerContext;
  readonly ledger: LedgerService;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly clock: Clock;
  readonly refusals: Refusals;
  readonly self: MemberId;
  /** Hears own readings from others. */
  readonly echoes: Pick<OwnEchoes, "hear">;
  /** @returns true for a verified vote of the own key that this gateway has not signed */
  readonly isForeign: (message: Message) => boolean;
  /** Hears of a vote that someone else signed with the own key. */
  readonly onForeign: (message: Message) => void;
  /** Takes a verified message of the height in progress or the next, and COMMITs of the head. */
  readonly onVote: (message: Message) => void;
  /** @returns the height in progress */
  readonly heightInProgress: () => Height;
  /** Told that somebody votes beyond the next height, or says so: nothing of it is verified. */
  readonly onFarVote: () => void;
};

/** How far another gateway's clock may be ahead of this one's, in ms. */
const CLOCK_SKEW_MS = 2_000;
const NOTED_AS = {
  readings: "reading",
  transactions: "transaction",
  votes: "vote",
} as const satisfies Record<Channel, string>;

/** @param modules of the agent @returns the judge that the transport asks about each message */
export function inbox(modules: InboxModules): (received: Received) => Verdict<unknown, InboxRefusal> {
  return (received) => {
    const verdict = judgeReceived(modules, received);
    if (verdict.kind !== "accept" && !isEcho(verdict.code)) {
      modules.refusals.note(verdict.code, NOTED_AS[received.channel], verdict.detail);
    }
    return verdict;
  };
}

function judgeReceived(modules: InboxModules, received: Received): Verdict<unknown, InboxRefusal> {
  const { context, ledger } = modules;
  // [IGNORE] said in an epoch that this gateway's chain has not come to; its blocks are fetched first
  if (ledger.state.height < baseHeight(newestEpoch(context))) {
    modules.onFarVote();
    return ignore("EPOCH_NOT_REACHED");
  }
  const asked: Height[] = [];
  const electorsAt = (height: Height) => {
    asked.push(height);
    return ledger.contextAt(height).voters.voters;
  };
  const read = readWire(received.channel, received.bytes, context.roster.chainId, electorsAt);
  const [votedAt] = asked;
  if (read.kind !== "accept") return votedAt === undefined ? read : unreadableVote(modules, read, votedAt);
  switch (read.value.kind) {
    case "reading":
      return judgeReceivedReading(modules, read.value.signed);
    case "transaction":
      return takeTransaction(modules, read.value.signed);
    case "vote":
      return judgeVote(modules, read.value.message);
    default:
      return read.value satisfies never;
  }
}

/** A right vote of a height whose voters are not known here, or not any more, may name one that is none of these. */
function unreadableVote(
  modules: InboxModules,
  refusal: Refusal<InboxRefusal>,
  height: Height,
): Refusal<InboxRefusal> {
  if (isFarVote(modules, height)) return farVote(modules, height);
  // [IGNORE] known are the voters of the head and of those above it
  return height < modules.heightInProgress() - 1 ? ignore("UNKNOWN_HEIGHT", refusal.code) : refusal;
}

function judgeReceivedReading(
  { context, ledger, pool, clock, self, echoes }: InboxModules,
  signed: SignedReading,
): Verdict<SignedReading, InboxRefusal> {
  const { next } = ledger;
  const judged = judgeForSettlement(next, ledger.state, signed);
  if (signed.reading.member === self)
    echoes.hear(
      signed,
      () => judgeReading(signed, next.roster, next.genesis, next.voters.verify).kind === "accept",
    );
  if (judged.kind !== "accept") return judged;
  const { interval } = signed.reading;
  // [IGNORE] an interval that has not ended cannot have been measured
  if (interval >= intervalAt(unixMs(clock.nowMs() + CLOCK_SKEW_MS), context.genesis.intervalMs))
    return ignore("READING_EARLY");
  return pool.add(signed);
}

/**
 * Judges a transaction and keeps it for a block, wherever it comes from.
 *
 * @param modules ledger and pool
 * @param signed as decoded
 * @returns the transaction, or why it does not wait for a block
 */
export function takeTransaction(
  { context, ledger, transactions }: Pick<InboxModules, "context" | "ledger" | "transactions">,
  signed: SignedTransaction,
): Verdict<SignedTransaction, TransactionRefusal | TransactionPoolRefusal> {
  const judged = judgeTransaction(context, ledger.state, signed);
  return judged.kind === "accept" ? transactions.add(signed) : judged;
}

function judgeVote(modules: InboxModules, message: Message): Verdict<Message, InboxRefusal> {
  const height = modules.heightInProgress();
  const { head } = modules.ledger.state;
  const isLateCommit =
    message.kind === "commit" && message.height === height - 1 && message.blockHash === head;
  // [IGNORE] decided already; COMMITs of the head may still go into the next block
  if (message.height < height && !isLateCommit) return ignore("VOTE_STALE");
  const isFar = isFarVote(modules, message.height);
  const isForeign = senderOf(message) === modules.self && modules.isForeign(message);
  if (isFar && !isForeign) return farVote(modules, message.height);
  const verified = verifyMessage(message, modules.ledger.contextAt(message.height).voters);
  // [IGNORE] voters so far ahead are not known: another's vote, read with those of here, may seem a forged one of its own
  if (verified.kind !== "accept") return isFar ? farVote(modules, message.height) : verified;
  if (isForeign) modules.onForeign(message);
  if (isFar) return farVote(modules, message.height);
  if (message.kind === "proposal") {
    const bound = judgeBinding(message);
    if (bound.kind !== "accept") return bound;
  }
  modules.onVote(message);
  return accept(message);
}

/** @returns true for a height beyond the next: who votes there is not known yet */
function isFarVote({ heightInProgress }: InboxModules, height: Height): boolean {
  return height > heightInProgress() + 1;
}

/** [IGNORE] this gateway is behind; what it lacks is fetched, not gossiped */
function farVote({ onFarVote }: InboxModules, height: Height): Refusal<"VOTE_TOO_FAR"> {
  onFarVote();
  return ignore("VOTE_TOO_FAR", `height ${height}`);
}

/** [REJECT] the signature covers the block hash only; the body must be the one that hashes to it. */
function judgeBinding(proposal: Proposal): Verdict<Proposal, InboxRefusal> {
  if (proposal.body === null) return accept(proposal);
  const read = readBlock(proposal.body);
  if (read.kind !== "accept") return read;
  const isProposed = blockHash(read.value.header) === proposal.blockHash && isBound(read.value);
  return isProposed ? accept(proposal) : reject("PROPOSAL_BODY_OTHER", proposal.proposer);
}

/** Copies that every mesh delivers: no sign of a fault. */
function isEcho(code: InboxRefusal): boolean {
  return code === "READING_DUPLICATE" || code === "TRANSACTION_DUPLICATE" || code === "VOTE_STALE";
}
