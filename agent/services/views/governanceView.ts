/** Who is DSO, who comes next and why, and whose contradictions are proven, from the committed state. */
import { candidates, isTermOver } from "../../core/consensus/candidates.ts";
import { digestOf } from "../../core/consensus/message.ts";
import { type Block, readBlock } from "../../core/ledger/blocks/block.ts";
import { contextOfNext, type LedgerContext, seatingOf } from "../../core/ledger/state/context.ts";
import { type Evidence, offencePlace, offenderOf } from "../../core/ledger/state/evidence.ts";
import type { LedgerState, OfficeRecord } from "../../core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type SignedTransaction,
  type TransactionSigner,
  transactionId,
} from "../../core/ledger/state/transaction.ts";
import { lastSequence } from "../../core/ledger/transactions/judgeTransaction.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { RosterChange } from "../../core/membership/rosterDelta.ts";
import { readingId } from "../../core/metering/reading.ts";
import { height } from "../../core/units.ts";
import type {
  CandidateView,
  DsoView,
  EvidenceView,
  MandateView,
  TransactionView,
} from "../../ports/governanceView.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";

/** @param context of the epoch @param state after the head @param self this gateway @returns the body of `GET /api/v1/dso` */
export function dsoView(context: LedgerContext, state: LedgerState, self: MemberId): DsoView {
  const next = contextOfNext(context, state);
  const nameOf = namesOf(next);
  const { office, pendingChange, roster } = state;
  const ballot = state.ballots.get(self);
  return {
    schema: "edso.dso/1",
    office:
      office === null
        ? null
        : {
            name: nameOf(office.dso),
            term: office.term,
            blocksInTerm: office.blocksInTerm,
            termMax: context.genesis.termMax,
            sinceHeight: office.mandate.height,
            mandate: mandateView(office, nameOf),
          },
    candidates: candidateViews(context, state, nameOf),
    ownBallot: ballot === undefined ? null : nameOf(ballot),
    withoutVote: [
      ...roster.guests.map((id) => ({ name: nameOf(id), because: "guest" as const })),
      ...roster.suspended.map((id) => ({ name: nameOf(id), because: "suspended" as const })),
    ],
    pending:
      pendingChange === null
        ? null
        : { change: changeText(pendingChange.change, nameOf), activeAt: pendingChange.activeAt },
    nextAdminSequence: lastSequence(state, GRID_ADMIN) + 1,
  };
}

/** @param office after a block @param nameOf names members @returns what proves it */
export function mandateView({ mandate }: OfficeRecord, nameOf: (id: MemberId) => string): MandateView {
  const { kind, height: at, round, signedBy } = mandate;
  return { kind, height: at, round, signedBy: signedBy.map(nameOf) };
}

/** @param context with the roster of a height @returns what people call a member; of one that left, its address */
export function namesOf({ roster }: LedgerContext): (id: TransactionSigner) => string {
  return (id) => (id === GRID_ADMIN ? id : (roster.byId.get(id)?.name ?? id));
}

/**
 * @param context of the epoch
 * @param state after the head
 * @param store with the blocks that hold the evidence
 * @returns the newest contradiction of each member, oldest proof first
 */
export async function evidenceViews(
  context: LedgerContext,
  state: LedgerState,
  store: Pick<LedgerStore, "block">,
): Promise<readonly EvidenceView[]> {
  const nameOf = namesOf(contextOfNext(context, state));
  const views: EvidenceView[] = [];
  const heights = new Set([...state.offences.values()].map(({ provenAt }) => provenAt));
  for (const at of [...heights].sort((left, right) => left - right)) {
    const stored = await store.block(height(at));
    const read = stored === null ? null : readBlock(stored.block);
    if (read?.kind === "accept") views.push(...evidenceIn(read.value, nameOf));
  }
  return views;
}

/** @param signed a transaction @param nameOf names members @returns what a client is answered */
export function transactionView(
  { transaction }: SignedTransaction,
  nameOf: (id: TransactionSigner) => string,
): TransactionView {
  const { signer, sequence, content } = transaction;
  const id = transactionId(transaction);
  return { schema: "edso.transaction/1", id, signer: nameOf(signer), sequence, kind: content.kind };
}

function candidateViews(
  context: LedgerContext,
  state: LedgerState,
  nameOf: (id: MemberId) => string,
): readonly CandidateView[] {
  const seating = seatingOf(context, state);
  return candidates(seating).map((voter): CandidateView => {
    const id = voter as MemberId;
    const isIncumbent = voter === state.office?.dso;
    const incumbentPlace = isTermOver(seating) ? "term-over" : "incumbent";
    return {
      name: nameOf(id),
      ballots: seating.ballots.get(voter) ?? 0,
      absent: state.absences.get(id) ?? 0,
      place: seating.demoted.has(voter) ? "named-by-evidence" : isIncumbent ? incumbentPlace : "candidate",
    };
  });
}

function evidenceIn(
  { header, body }: Block,
  nameOf: (id: TransactionSigner) => string,
): readonly EvidenceView[] {
  return body.transactions.flatMap(({ signed: { transaction }, refusal }): readonly EvidenceView[] => {
    const { signer, content } = transaction;
    if (content.kind !== "evidence" || refusal !== null) return [];
    const { evidence } = content;
    return [
      {
        schema: "edso.evidence/1",
        offender: nameOf(offenderOf(evidence)),
        kind: evidence.kind,
        place: offencePlace(evidence),
        provenAt: header.height,
        reportedBy: nameOf(signer),
        digests: digestsOf(evidence),
      },
    ];
  });
}

function digestsOf(evidence: Evidence): EvidenceView["digests"] {
  return evidence.kind === "votes"
    ? [digestOf(evidence.first), digestOf(evidence.second)]
    : [readingId(evidence.first.reading), readingId(evidence.second.reading)];
}

function changeText(change: RosterChange, nameOf: (id: MemberId) => string): string {
  switch (change.kind) {
    case "admit":
      return `admit ${change.enrolment.body.name}${change.isVoter ? "" : " as a guest"}`;
    case "rekey":
      return `rekey ${nameOf(change.member)}`;
    case "revoke":
    case "suspend":
    case "reinstate":
      return `${change.kind} ${nameOf(change.member)}`;
    default:
      return change satisfies never;
  }
}
