/**
 * Which evidence counts, and what it does: a member that is proven to contradict itself goes last among the candidates
 * of the next height. To take its vote is a change of the roster, and people's to decide.
 *
 * @source docs/protocol.md, "Evidence"
 */
import { digestOf, senderOf, signBytesOf } from "../../consensus/message.ts";
import { readingId, readingSignBytes } from "../../metering/reading.ts";
import { contradicts } from "../../metering/validate.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerContext } from "../state/context.ts";
import { type Evidence, NO_OFFENCE, offencePlace, offenderOf } from "../state/evidence.ts";
import type { LedgerState } from "../state/state.ts";

/** Codes evidence has no effect with. */
export type EvidenceRefusal =
  | "EVIDENCE_STRANGER"
  | "EVIDENCE_NONE"
  | "EVIDENCE_FORGED"
  | "EVIDENCE_OLD"
  | "EVIDENCE_KNOWN";

/** Blocks, and intervals, back to which a contradiction can be proven: a day of quarters of an hour. */
export const EVIDENCE_WINDOW = 96;
/**
 * @param context with the roster of the block
 * @param state at the block's height
 * @param evidence as decoded
 * @returns the same, or why it has no effect
 */
export function judgeEvidence(
  context: LedgerContext,
  state: LedgerState,
  evidence: Evidence,
): Verdict<Evidence, EvidenceRefusal> {
  const offender = context.roster.byId.get(offenderOf(evidence));
  if (offender === undefined) return reject("EVIDENCE_STRANGER");
  if (!isContradiction(evidence)) return reject("EVIDENCE_NONE");
  const place = offencePlace(evidence);
  const newest = evidence.kind === "votes" ? state.height : state.nextInterval;
  if (place + EVIDENCE_WINDOW < newest) return reject("EVIDENCE_OLD", `${place}`);
  const known = state.offences.get(offender.id) ?? NO_OFFENCE;
  if (place <= known[evidence.kind]) return reject("EVIDENCE_KNOWN", offender.id);
  const { chainId, epoch, verify } = context.voters;
  const isSigned =
    evidence.kind === "votes"
      ? [evidence.first, evidence.second].every((vote) =>
          verify(offender.publicKey, signBytesOf(vote, chainId, epoch), vote.signature),
        )
      : [evidence.first, evidence.second].every(({ reading, signature }) =>
          verify(offender.publicKey, readingSignBytes(reading, chainId, epoch), signature),
        );
  return isSigned ? accept(evidence) : reject("EVIDENCE_FORGED", offender.id);
}

/** @param state before @param evidence judged @returns the state that remembers it */
export function withOffence(state: LedgerState, evidence: Evidence): LedgerState {
  const offender = offenderOf(evidence);
  const known = state.offences.get(offender) ?? NO_OFFENCE;
  const offence = { ...known, [evidence.kind]: offencePlace(evidence), provenAt: state.height };
  return { ...state, offences: new Map(state.offences).set(offender, offence) };
}

function isContradiction(evidence: Evidence): boolean {
  if (evidence.kind === "readings") {
    const { first, second } = evidence;
    return contradicts(first, second) && readingId(first.reading) < readingId(second.reading);
  }
  const { first, second } = evidence;
  return (
    first.kind === second.kind &&
    first.height === second.height &&
    first.round === second.round &&
    senderOf(first) === senderOf(second) &&
    digestOf(first) < digestOf(second)
  );
}
