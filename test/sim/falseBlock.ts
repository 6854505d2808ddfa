/** Blocks that a lying DSO makes up: hashes fit, signatures fit, and yet they are not what the readings give. */
import {
  decodeCommitCertificate,
  encodeCommitCertificate,
} from "../../agent/core/consensus/certificateCodec.ts";
import { type MandateClaim, mandateFor } from "../../agent/core/consensus/mandate.ts";
import type { Proposal } from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { assembleBlock } from "../../agent/core/ledger/blocks/assemble.ts";
import {
  type Block,
  blockHash,
  bodyRoot,
  encodeBlock,
  readBlock,
} from "../../agent/core/ledger/blocks/block.ts";
import { judgeForSettlement } from "../../agent/core/ledger/settlement/judgeForSettlement.ts";
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import { settleInterval } from "../../agent/core/ledger/settlement/settleInterval.ts";
import {
  beginBlock,
  contextAt,
  type LedgerContext,
  seatingOf,
} from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import { laterInterval } from "../../agent/core/metering/interval.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { round as roundOf, term as termOf, wh } from "../../agent/core/units.ts";
import type { Draw } from "./draw.ts";
import { inventedReading } from "./falseStatements.ts";
import type { Lie } from "./lies.ts";

/** A block to propose. */
export type FalseBlock = { readonly blockHash: Hash; readonly body: Uint8Array };

/** What a false block is made from. */
export type FalseBlockFacts = {
  readonly context: LedgerContext;
  readonly state: LedgerState;
  /** Fresh, and right. */
  readonly proposal: Proposal;
  readonly lie: Lie;
  readonly draw: Draw;
};

/** @param facts the right block and how to lie about it @returns the false one; null when this lie does not fit it */
export function falseBlock(facts: FalseBlockFacts): FalseBlock | null {
  const { proposal, lie, draw } = facts;
  const read = proposal.body === null ? null : readBlock(proposal.body);
  if (read?.kind !== "accept") return null;
  const block = read.value;
  const [first] = block.body.intervals;
  if (first === undefined) return null;
  const { trades, signal } = first.outcome;
  switch (lie) {
    case "alter-trade": {
      const [trade, ...others] = trades;
      if (trade === undefined) return null;
      return withFirst(block, {
        outcome: { ...first.outcome, trades: [{ ...trade, wh: wh(trade.wh + 1n) }, ...others] },
      });
    }
    case "wrong-sums":
      return withFirst(block, {
        outcome: { ...first.outcome, signal: { ...signal, unsold: wh(signal.unsold + 1n) } },
      });
    case "reorder-readings":
      return first.readings.length < 2 ? null : withFirst(block, { readings: first.readings.toReversed() });
    case "omit-readings": {
      if (first.readings.length === 0) return null;
      const omitted = draw.one(first.readings);
      return assembled(facts, block, {
        choose: (readings) => readings.filter((reading) => reading !== omitted),
      });
    }
    case "omit-transactions": {
      const { transactions } = block.body;
      if (transactions.length === 0) return null;
      const { signer } = draw.one(transactions).signed.transaction;
      return assembled(facts, block, { omittedSigner: signer });
    }
    case "early-close":
      return assembled(facts, block, { intervalsTooMany: draw.integer(1, 3) });
    case "stale-office":
      return assembled(facts, block, { claim: draw.one(usurpations(facts)) });
    case "wrong-state":
      return finished({ ...block, header: { ...block.header, stateRoot: block.header.bodyRoot } });
    case "false-parent": {
      const parentCertificate = falseCertificate(facts, block.body.parentCertificate);
      return parentCertificate === null ? null : assembled(facts, block, { parentCertificate });
    }
    case "skip-interval":
      return skipping(facts, block);
    case "forged-reading": {
      if (first.readings.length === 0) return null;
      const owned = draw.one(first.readings);
      const { context, state } = facts;
      const forged = { ...owned, reading: inventedReading(context, state, owned.reading) };
      return assembled(facts, block, {
        choose: (readings) => readings.map((reading) => (reading === owned ? forged : reading)),
      });
    }
    default:
      return null;
  }
}

/** The parent's certificate with a signer too few, or with one that never signed. */
function falseCertificate(
  { context, state, draw }: FalseBlockFacts,
  encoded: Uint8Array | null,
): Uint8Array | null {
  const { voters } = contextAt(context, state, state.height).voters;
  if (encoded === null) return null;
  const decoded = decodeCommitCertificate(encoded, state.height, voters);
  if (decoded.kind !== "accept") return null;
  const [first, ...others] = decoded.value.signers;
  const absent = voters.find(({ id }) => decoded.value.signers.every(({ voter }) => voter !== id));
  if (first === undefined) return null;
  const forged = absent === undefined ? [] : [{ ...first, voter: absent.id }];
  const signers = draw.chance(0.5) ? others : [...others, ...forged];
  return encodeCommitCertificate({ ...decoded.value, signers }, voters);
}

/** Computed like a right block, from other readings, for another office, or with intervals that have not ended. */
function assembled(
  { context, state, proposal }: FalseBlockFacts,
  { body }: Block,
  changes: {
    readonly choose?: (readings: readonly SignedReading[]) => readonly SignedReading[];
    readonly intervalsTooMany?: number;
    readonly claim?: MandateClaim;
    readonly omittedSigner?: string;
    readonly parentCertificate?: Uint8Array;
  },
): FalseBlock {
  const choose = changes.choose ?? ((readings) => readings);
  const certificate = proposal.justification?.roundChanges ?? null;
  const round = certificate?.round ?? roundOf(0);
  const tooMany = Array.from({ length: changes.intervalsTooMany ?? 0 }, () => []);
  const made = assembleBlock(context, state, {
    parentCertificate: changes.parentCertificate ?? body.parentCertificate,
    claim: changes.claim ?? mandateFor(seatingOf(context, state), round, certificate),
    late: body.late.map(({ signed }) => signed),
    intervals: [...body.intervals.map((interval) => choose(interval.readings)), ...tooMany],
    transactions: body.transactions
      .map(({ signed }) => signed)
      .filter(({ transaction }) => transaction.signer !== changes.omittedSigner),
  });
  return { blockHash: made.state.head, body: encodeBlock(made.block) };
}

/**
 * Computed as if the oldest open interval were settled already: right in all else, with every reading of the intervals
 * after it that goes on from what is settled.
 */
function skipping(facts: FalseBlockFacts, block: Block): FalseBlock {
  const state = { ...facts.state, nextInterval: laterInterval(facts.state.nextInterval, 1) };
  const begun = beginBlock(facts.context, state);
  let before = begun.state;
  const intervals = block.body.intervals.slice(1).map((interval): SettledInterval => {
    const at = before;
    const isOpen = (signed: SignedReading) => judgeForSettlement(begun.context, at, signed).kind === "accept";
    const step = settleInterval(begun.context, at, interval.readings.filter(isOpen), begun.state.money);
    before = step.state;
    return step.settled;
  });
  const body = { ...block.body, late: [], intervals };
  return assembled(
    { ...facts, state },
    { ...block, body },
    { intervalsTooMany: intervals.length === 0 ? 1 : 0 },
  );
}

/** Offices that the DSO does not hold: a term too many, or one that nobody gave it. */
function usurpations({ context, state, proposal }: FalseBlockFacts): readonly MandateClaim[] {
  const certificate = proposal.justification?.roundChanges ?? null;
  const rightful = mandateFor(seatingOf(context, state), proposal.round, certificate);
  const { dso, term } = rightful;
  return [
    { ...rightful, term: termOf(term + 1) },
    { dso, term, mandate: { kind: rightful.mandate.kind === "continued" ? "term-end" : "continued" } },
  ];
}

function withFirst(block: Block, changes: Partial<SettledInterval>): FalseBlock {
  const [first, ...rest] = block.body.intervals;
  const intervals = first === undefined ? rest : [{ ...first, ...changes }, ...rest];
  return finished({ ...block, body: { ...block.body, intervals } });
}

function finished({ header, body }: Block): FalseBlock {
  const sealed = { ...header, bodyRoot: bodyRoot(body) };
  return { blockHash: blockHash(sealed), body: encodeBlock({ header: sealed, body }) };
}
