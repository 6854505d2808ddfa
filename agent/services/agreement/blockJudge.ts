/** Recomputes proposed and decided blocks on the present head, and remembers what it found right. */
import { type Holding, NO_HOLDING } from "../../core/consensus/item.ts";
import type { CommitCertificate } from "../../core/consensus/message.ts";
import { holdingAgeMs } from "../../core/consensus/roundTrip.ts";
import { graceMs } from "../../core/consensus/timing.ts";
import type { Hash } from "../../core/hash.ts";
import { omittedFrom, type ProposalTimes } from "../../core/ledger/blocks/completeness.ts";
import { holdingAfter } from "../../core/ledger/blocks/heldItems.ts";
import { type JudgedBlock, judgeBlock } from "../../core/ledger/blocks/judgeBlock.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { intervalEndMs } from "../../core/metering/interval.ts";
import type { IntervalIndex, Round } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Refusals } from "../base/refusals.ts";
import { ServiceError } from "../base/serviceError.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";
import type { RoundTrips } from "./roundTrips.ts";

/** What judging needs. */
export type BlockJudgeModules = {
  readonly self: MemberId;
  readonly context: LedgerContext;
  readonly ledger: LedgerService;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly clock: Clock;
  readonly roundTrips: Pick<RoundTrips, "estimateMs">;
  readonly refusals: Refusals;
};

/** A proposal as it is judged. */
export type JudgedProposal = {
  readonly body: Uint8Array;
  /** The round in which it is proposed for the first time; null when again. */
  readonly freshRound: Round | null;
  /** When it came, on the monotonic clock. */
  readonly arrivedMs: number;
};

/** What a proposed block turned out to be; an early one is right so far, and is to be judged again. */
export type Judgement =
  | { readonly verdict: "valid"; readonly holding: Holding }
  | { readonly verdict: "early"; readonly waitMs: number }
  | { readonly verdict: "invalid"; readonly reason: string };

/** The judge of one height. */
export type BlockJudge = {
  readonly judge: (proposal: JudgedProposal) => Judgement;
  /**
   * @param certificate of a quorum
   * @param body that hashes to what it certifies
   * @returns the block, judged before or now
   * @throws ServiceError `AGREEMENT_CERTIFIED_INVALID`: the quorum is not honest, or this gateway is wrong
   */
  readonly decided: (certificate: CommitCertificate, body: Uint8Array) => JudgedBlock;
};

/** How far this clock may be behind the DSO's before an interval counts as not ended, in ms. */
const CLOCK_SKEW_MS = 500;

/** @param modules chain, head, pool and clock @returns a judge that has seen nothing yet */
export function blockJudge(modules: BlockJudgeModules): BlockJudge {
  const { context, ledger, refusals } = modules;
  const right = new Map<Hash, JudgedBlock>();
  return {
    judge: (proposal) => {
      const judged = judgeBlock(context, ledger.state, proposal.body, proposal.freshRound);
      if (judged.kind !== "accept") {
        refusals.note(judged.code, "block", judged.detail);
        return { verdict: "invalid", reason: reasonOf(judged.code, judged.detail) };
      }
      right.set(judged.value.blockHash, judged.value);
      return proposal.freshRound === 0
        ? judgeRoundZero(modules, judged.value, proposal.arrivedMs)
        : judgeEnded(modules, judged.value);
    },
    decided: (certificate, body) => {
      const known = right.get(certificate.blockHash);
      if (known !== undefined) return known;
      const judged = judgeBlock(context, ledger.state, body, null);
      if (judged.kind === "accept") return judged.value;
      const { height, blockHash } = certificate;
      throw new ServiceError("AGREEMENT_CERTIFIED_INVALID", { height, blockHash, reason: judged.code });
    },
  };
}

/** @param clock of the gateway @param atMs an instant of the wall clock @returns the same on the monotonic one */
export function monotonicAt(clock: Pick<Clock, "nowMs" | "monotonicMs">, atMs: number): number {
  return clock.monotonicMs() + (atMs - clock.nowMs());
}

/** @param context of the epoch @param interval that ended or will @returns the middle of its grace on the wall clock */
export function middleOfGraceMs({ genesis }: LedgerContext, interval: IntervalIndex): number {
  return intervalEndMs(interval, genesis.intervalMs) + graceMs(genesis.intervalMs) / 2;
}

/** What was held in the middle of the grace is known only then: a block that comes before must wait for it. */
function judgeRoundZero(modules: BlockJudgeModules, judged: JudgedBlock, arrivedMs: number): Judgement {
  const { self, context, ledger, pool, transactions, clock, refusals } = modules;
  const times = timesOf(modules, judged, arrivedMs);
  const waitMs = times.middleOfGraceMs - clock.monotonicMs();
  if (waitMs > 0) return { verdict: "early", waitMs };
  const { state } = ledger;
  const facts = { self, readings: pool.since, transactions: transactions.since(state), times };
  const omitted = omittedFrom(context, state, judged.block, facts);
  if (omitted === null) return { verdict: "valid", holding: holdingOf(modules, judged.state) };
  refusals.note("BLOCK_OMITS_TIMELY", "block", omitted);
  return { verdict: "invalid", reason: reasonOf("BLOCK_OMITS_TIMELY", omitted) };
}

function judgeEnded(modules: BlockJudgeModules, judged: JudgedBlock): Judgement {
  const { context, clock } = modules;
  const endedAtMs = intervalEndMs(judged.block.header.to, context.genesis.intervalMs);
  const waitMs = endedAtMs - CLOCK_SKEW_MS - clock.nowMs();
  return waitMs <= 0
    ? { verdict: "valid", holding: holdingOf(modules, judged.state) }
    : { verdict: "early", waitMs };
}

function timesOf(
  { context, clock, roundTrips }: BlockJudgeModules,
  { block }: JudgedBlock,
  arrivedMs: number,
): ProposalTimes {
  const grace = graceMs(context.genesis.intervalMs);
  const middle = monotonicAt(clock, middleOfGraceMs(context, block.header.to));
  return {
    middleOfGraceMs: middle,
    cutOffMs: middle + grace / 2,
    arrivedMs,
    holdingAgeMs: holdingAgeMs(grace, roundTrips.estimateMs()),
  };
}

/** @param modules chain and pools @param after state after a block @returns what is held that the next block can take */
export function holdingOf(
  { context, pool, transactions }: Pick<BlockJudgeModules, "context" | "pool" | "transactions">,
  after: LedgerState,
): Holding {
  const held = { readings: pool.of(after.nextInterval), transactions: transactions.next(after) };
  return held.readings.length + held.transactions.length === 0
    ? NO_HOLDING
    : holdingAfter(context, after, held);
}

function reasonOf(code: string, detail: string | undefined): string {
  return detail === undefined ? code : `${code} (${detail})`;
}
