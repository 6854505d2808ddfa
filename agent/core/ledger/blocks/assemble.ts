/**
 * The one computation of a block: the DSO runs it to propose, every other gateway runs it again to judge.
 * Same parent state and same facts give the same bytes everywhere.
 */
import { officeAfter } from "../../consensus/candidates.ts";
import { encodeRoundChangeCertificate } from "../../consensus/certificateCodec.ts";
import { type MandateClaim, mandateRound } from "../../consensus/mandate.ts";
import type { MemberId } from "../../membership/address.ts";
import type { SignedReading } from "../../metering/reading.ts";
import { type LateEntry, settleLate } from "../settlement/lateSection.ts";
import type { SettledInterval } from "../settlement/settledInterval.ts";
import { settleInterval } from "../settlement/settleInterval.ts";
import { beginBlock, type LedgerContext } from "../state/context.ts";
import { type LedgerState, type OfficeMandate, type OfficeRecord, stateRoot } from "../state/state.ts";
import type { SignedTransaction } from "../state/transaction.ts";
import { absencesAfter } from "../transactions/absences.ts";
import { applyTransactions } from "../transactions/applyTransactions.ts";
import { type Block, type BlockBody, blockHash, bodyRoot } from "./block.ts";

/** What a block is computed from; each part was judged before. */
export type BlockFacts = {
  /** Encoded commit certificate of the head; null on the genesis. */
  readonly parentCertificate: Uint8Array | null;
  /** The DSO, its term and its mandate. */
  readonly claim: MandateClaim;
  /** Late readings, by member and then by time. */
  readonly late: readonly SignedReading[];
  /** Readings per interval, from the state's next interval on; each list in member order. */
  readonly intervals: readonly (readonly SignedReading[])[];
  /** By signer, then sequence. */
  readonly transactions: readonly SignedTransaction[];
};

/** A computed block, and the state after it. */
export type AssembledBlock = { readonly block: Block; readonly state: LedgerState };

/**
 * Computes the next block.
 *
 * @param anyContext of the epoch
 * @param state after the head
 * @param facts judged; at least one interval
 * @returns the block and the state after it
 */
export function assembleBlock(
  anyContext: LedgerContext,
  state: LedgerState,
  facts: BlockFacts,
): AssembledBlock {
  const { context, state: begun } = beginBlock(anyContext, state);
  const from = state.nextInterval;
  let after: LedgerState = { ...begun, absences: absencesAfter(context, state, facts.parentCertificate) };
  const late: LateEntry[] = [];
  for (const signed of facts.late) {
    const step = settleLate(context, after, signed);
    late.push(step.entry);
    after = step.state;
  }
  const intervals: SettledInterval[] = [];
  for (const readings of facts.intervals) {
    const step = settleInterval(context, after, readings, begun.money);
    intervals.push(step.settled);
    after = step.state;
  }
  const applied = applyTransactions(context, withOffice(after, facts.claim), facts.transactions);
  after = applied.state;
  const body: BlockBody = {
    parentCertificate: facts.parentCertificate,
    mandateProof: mandateProof(context, facts.claim),
    late,
    intervals,
    transactions: applied.settled,
  };
  const header = {
    chainId: context.roster.chainId,
    epoch: context.roster.epoch,
    height: after.height,
    parentHash: state.head,
    from,
    to: intervals.at(-1)?.interval ?? from,
    dso: facts.claim.dso as MemberId,
    term: facts.claim.term,
    mandate: facts.claim.mandate.kind,
    bodyRoot: bodyRoot(body),
    stateRoot: stateRoot(after),
  };
  return { block: { header, body }, state: { ...after, head: blockHash(header) } };
}

function mandateProof(context: LedgerContext, { mandate }: MandateClaim): Uint8Array | null {
  return mandate.kind === "recall"
    ? encodeRoundChangeCertificate(mandate.certificate, context.voters.voters)
    : null;
}

/** A new term begins without ballots. */
function withOffice(state: LedgerState, claim: MandateClaim): LedgerState {
  const office = officeOf(state, claim);
  return { ...state, office, ballots: office.term === state.office?.term ? state.ballots : new Map() };
}

function officeOf(state: LedgerState, claim: MandateClaim): OfficeRecord {
  const { dso, term, blocksInTerm } = officeAfter(state.office, claim);
  const { mandate } = claim;
  if (mandate.kind === "continued" && state.office !== null) return { ...state.office, blocksInTerm };
  const began: OfficeMandate = {
    kind: mandate.kind === "continued" ? "term-end" : mandate.kind,
    height: state.height,
    round: mandate.kind === "recall" ? mandateRound(mandate) : null,
    signedBy:
      mandate.kind === "recall" ? mandate.certificate.signers.map((signer) => signer.voter as MemberId) : [],
  };
  return { dso: dso as MemberId, term, blocksInTerm, mandate: began };
}
