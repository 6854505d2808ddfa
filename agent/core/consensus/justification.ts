/**
 * The right to propose in a round above 0: a quorum's ROUND_CHANGEs, and proof of the highest block that any of
 * them prepared. If there is one it must be proposed again, unchanged; that keeps a decided block decided.
 *
 * @source EEA QBFT v1 (justified proposal, highest prepared); docs/protocol.md, "Flow of one height"
 */
import type { Hash } from "../hash.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { VoterId } from "./candidates.ts";
import {
  buildRoundChangeCertificate,
  type CertificateRefusal,
  isPreparedClaim,
  judgeSigners,
  type VerifyContext,
  verifyPreparedCertificate,
  verifyRoundChangeCertificate,
} from "./certificate.ts";
import type { Item } from "./item.ts";
import type { Justification, Proposal, RoundChange, RoundChangeSigner } from "./message.ts";

/** Codes a justification is refused with. */
export type JustificationRefusal =
  | CertificateRefusal
  | "JUSTIFICATION_MISSING"
  | "JUSTIFICATION_NOT_WANTED"
  | "JUSTIFICATION_ELSEWHERE"
  | "PREPARED_MISSING"
  | "PREPARED_NOT_WANTED"
  | "PREPARED_MISMATCH"
  | "NOT_HIGHEST_PREPARED";

/**
 * @param roundChanges verified ROUND_CHANGEs for one round and candidate, from a quorum
 * @param voters of the height, in roster order
 * @param lacked items that are not at hand: voters that name one come last
 * @returns the justification, with the highest prepared block among them if any
 * @throws ConsensusError `CONSENSUS_MIXED_VOTES`, `CONSENSUS_TOO_FEW_VOTES`
 */
export function buildJustification(
  roundChanges: readonly RoundChange[],
  voters: readonly VoterId[],
  lacked: readonly Item[] = [],
): Justification {
  const certificate = buildRoundChangeCertificate(roundChanges, voters, lacked);
  const highest = highestPrepared(certificate.signers);
  const proof = roundChanges.find((vote) => vote.voter === highest?.voter)?.prepared ?? null;
  return { roundChanges: certificate, prepared: highest === null ? null : proof };
}

/** @param signers of a mandate @returns the one that names the highest prepared round, or null when none names one */
export function highestPrepared(signers: readonly RoundChangeSigner[]): RoundChangeSigner | null {
  let highest: RoundChangeSigner | null = null;
  for (const signer of signers) {
    if (signer.preparedRound === null) continue;
    if (highest === null || signer.preparedRound > (highest.preparedRound ?? -1)) highest = signer;
  }
  return highest;
}

/**
 * Rule S3 without the signatures: may this block be proposed in this round?
 *
 * @param proposal whose proposer is known to be DSO of its round
 * @param voters of the height
 * @returns whether the block is fresh, or why the proposal is not justified
 */
export function judgeProposal(
  proposal: Proposal,
  voters: readonly VoterId[],
): Verdict<{ readonly isFresh: boolean }, JustificationRefusal> {
  const { justification, round, height } = proposal;
  if (justification === null)
    return round === 0 ? accept({ isFresh: true }) : reject("JUSTIFICATION_MISSING");
  if (round === 0) return reject("JUSTIFICATION_NOT_WANTED");
  const { roundChanges, prepared } = justification;
  if (roundChanges.height !== height || roundChanges.round !== round)
    return reject("JUSTIFICATION_ELSEWHERE", `${roundChanges.height}/${roundChanges.round}`);
  if (roundChanges.candidate !== proposal.proposer)
    return reject("JUSTIFICATION_ELSEWHERE", "another candidate");
  const shape = judgeJustification(justification, voters);
  if (shape.kind !== "accept") return shape;
  if (prepared === null) return accept({ isFresh: true });
  return prepared.blockHash === proposal.blockHash
    ? accept({ isFresh: false })
    : reject("NOT_HIGHEST_PREPARED");
}

/**
 * @param justification untrusted
 * @param context voters, chain and verifier
 * @returns the justification, or why it proves nothing
 */
export function verifyJustification(
  justification: Justification,
  context: VerifyContext,
): Verdict<Justification, JustificationRefusal> {
  const voters = context.voters.map((voter) => voter.id);
  const shape = judgeJustification(justification, voters);
  if (shape.kind !== "accept") return shape;
  const mandate = verifyRoundChangeCertificate(justification.roundChanges, context);
  if (mandate.kind !== "accept") return mandate;
  if (justification.prepared === null) return accept(justification);
  const proof = verifyPreparedCertificate(justification.prepared, context);
  return proof.kind === "accept" ? accept(justification) : proof;
}

/**
 * @param claim of a ROUND_CHANGE or of its signer in a mandate
 * @param height of it
 * @param prepared the certificate that came with it
 * @returns the hash that is proven, null for none, or how claim and proof differ; signatures are checked apart
 */
export function judgePrepared(
  claim: Pick<RoundChange, "preparedRound" | "preparedHash">,
  height: number,
  prepared: RoundChange["prepared"],
): Verdict<Hash | null, "PREPARED_MISSING" | "PREPARED_NOT_WANTED" | "PREPARED_MISMATCH"> {
  if (prepared === null) return claim.preparedHash === null ? accept(null) : reject("PREPARED_MISSING");
  if (claim.preparedHash === null) return reject("PREPARED_NOT_WANTED");
  const isProof =
    prepared.height === height &&
    prepared.round === claim.preparedRound &&
    prepared.blockHash === claim.preparedHash;
  return isProof ? accept(prepared.blockHash) : reject("PREPARED_MISMATCH");
}

function judgeJustification(
  { roundChanges, prepared }: Justification,
  voters: readonly VoterId[],
): Verdict<null, JustificationRefusal> {
  const { signers, round, height } = roundChanges;
  if (!signers.every((signer) => isPreparedClaim(signer, round))) return reject("BAD_PREPARED_CLAIM");
  const standing = judgeSigners(signers, voters);
  if (standing.kind !== "accept") return standing;
  const highest = highestPrepared(signers) ?? { preparedRound: null, preparedHash: null };
  const proven = judgePrepared(highest, height, prepared);
  if (proven.kind !== "accept") return proven;
  if (prepared === null) return accept(null);
  return judgeSigners(prepared.signers, voters);
}
