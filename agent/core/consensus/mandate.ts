/**
 * Why the DSO named in a block holds the office: the term and the mandate that a fresh block carries,
 * and the check that every gateway makes of them.
 *
 * @source docs/protocol.md, "The office"
 */
import type { Height, Round } from "../units.ts";
import { round as roundOf, term as termOf } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import { candidates, type DsoInHeader, dsoOf, isTermOver, type Seating } from "./candidates.ts";
import { ConsensusError } from "./consensusError.ts";
import type { RoundChangeCertificate } from "./message.ts";

/** The title under which a block's DSO created it. */
export type Mandate =
  /** First block, round 0: seated by hash order. */
  | { readonly kind: "genesis" }
  /** The incumbent, in round 0. */
  | { readonly kind: "continued" }
  /** First candidate in round 0 after the incumbent's term was over; may be the same voter again. */
  | { readonly kind: "term-end" }
  /** Put into office in a round above 0 by a quorum. */
  | { readonly kind: "recall"; readonly certificate: RoundChangeCertificate };

/** What a fresh block of a round must say about its DSO. */
export type ExpectedMandate = DsoInHeader & { readonly kind: Mandate["kind"] };

/** What a block says about its DSO. */
export type MandateClaim = DsoInHeader & { readonly mandate: Mandate };

/** Codes a claim is refused with. */
export type MandateRefusal =
  | "MANDATE_WRONG_HEIGHT"
  | "MANDATE_WRONG_ROUND"
  | "MANDATE_WRONG_KIND"
  | "MANDATE_WRONG_DSO"
  | "MANDATE_WRONG_TERM"
  | "MANDATE_OVERRIDES_PREPARED";

const ROUND_ZERO = roundOf(0);

/**
 * Derives what a block created in a round must say. Every office but a continued one is a new term; terms count
 * offices that left a block, so the first block has term 1 in whichever round it was created.
 *
 * @param seating committed facts before the block
 * @param round in which the block is created, from 0
 * @returns its DSO, term and kind of mandate
 */
export function expectedMandate(seating: Seating, round: Round): ExpectedMandate {
  const { office } = seating;
  const dso = dsoOf(candidates(seating), round);
  const nextTerm = termOf((office?.term ?? 0) + 1);
  if (round > 0) return { dso, term: nextTerm, kind: "recall" };
  if (office === null) return { dso, term: nextTerm, kind: "genesis" };
  if (isTermOver(seating)) return { dso, term: nextTerm, kind: "term-end" };
  return { dso, term: office.term, kind: "continued" };
}

/**
 * Makes the header fields of a fresh block.
 *
 * @param seating committed facts before the block
 * @param round in which the block is created
 * @param certificate of the round's ROUND_CHANGEs; null in round 0
 * @returns DSO, term and mandate
 * @throws ConsensusError `CONSENSUS_NO_CERTIFICATE` above round 0 without a certificate of that round
 */
export function mandateFor(
  seating: Seating,
  round: Round,
  certificate: RoundChangeCertificate | null,
): MandateClaim {
  const { dso, term, kind } = expectedMandate(seating, round);
  if (kind !== "recall") return { dso, term, mandate: { kind } };
  if (certificate === null || certificate.round !== round)
    throw new ConsensusError("CONSENSUS_NO_CERTIFICATE", { round });
  return { dso, term, mandate: { kind, certificate } };
}

/** @param mandate of a block @returns the round the block was created in */
export function mandateRound(mandate: Mandate): Round {
  return mandate.kind === "recall" ? mandate.certificate.round : ROUND_ZERO;
}

/**
 * Judges what a block says about its DSO. The signatures of a recall's certificate are checked apart
 * (`verifyRoundChangeCertificate`).
 *
 * @param seating committed facts before the block
 * @param height of the block
 * @param claim its DSO, term and mandate
 * @param freshRound the round in which it is proposed for the first time; null when proposed again or committed
 * @returns the claim, or the first difference
 */
export function judgeMandate(
  seating: Seating,
  height: Height,
  claim: MandateClaim,
  freshRound: Round | null,
): Verdict<MandateClaim, MandateRefusal> {
  const round = mandateRound(claim.mandate);
  if (freshRound !== null && round !== freshRound) return reject("MANDATE_WRONG_ROUND");
  const expected = expectedMandate(seating, round);
  if (claim.mandate.kind !== expected.kind) return reject("MANDATE_WRONG_KIND", expected.kind);
  if (claim.dso !== expected.dso) return reject("MANDATE_WRONG_DSO", expected.dso);
  if (claim.term !== expected.term) return reject("MANDATE_WRONG_TERM", String(expected.term));
  if (claim.mandate.kind === "recall") {
    const { certificate } = claim.mandate;
    if (certificate.height !== height) return reject("MANDATE_WRONG_HEIGHT");
    if (certificate.candidate !== claim.dso) return reject("MANDATE_WRONG_DSO", certificate.candidate);
    if (certificate.signers.some((signer) => signer.preparedHash !== null))
      return reject("MANDATE_OVERRIDES_PREPARED");
  }
  return accept(claim);
}
