/**
 * What a recovery report must satisfy before it counts: signed by a voter, of this epoch, and true to the chain as far
 * as that is known. What it says is prepared must be proven by a quorum and follow from the head.
 *
 * @source docs/adr/0026
 */
import { type DecodeRefusal, decode } from "../../codec.ts";
import { type CertificateRefusal, verifyPreparedCertificate } from "../../consensus/certificate.ts";
import { MAX_CERTIFICATE_BYTES, preparedCertificateDecoder } from "../../consensus/certificateCodec.ts";
import type { Hash } from "../../hash.ts";
import type { Height, Round } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { type BlockRefusal, judgeBlock } from "../blocks/judgeBlock.ts";
import { contextOfNext, type LedgerContext, newestEpoch } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import { type PreparedReport, reportSignBytes, type SignedReport } from "./recoveryReport.ts";

/** Codes a report is refused with. */
export type ReportRefusal =
  | DecodeRefusal
  | CertificateRefusal
  | BlockRefusal
  | "REPORT_OTHER_EPOCH"
  | "REPORT_NOT_VOTER"
  | "REPORT_AHEAD"
  | "REPORT_OTHER_CHAIN"
  | "REPORT_PREPARED_OTHER";

/** The chain that reports are judged against. */
export type ReportedChain = {
  readonly context: LedgerContext;
  /** After its newest certified block. */
  readonly state: LedgerState;
  /** @returns the hash of the block at a height up to that; the zero hash at 0 */
  readonly hashAt: (height: Height) => Hash;
};

/** A block that a quorum prepared above the newest certified one. */
export type PreparedBlock = {
  readonly round: Round;
  readonly hash: Hash;
  readonly certificate: Uint8Array;
  readonly block: Uint8Array;
  /** The state after it. */
  readonly state: LedgerState;
};

/** A report that holds; `prepared` is null when what it names is on the chain already. */
export type JudgedReport = SignedReport & { readonly prepared: PreparedBlock | null };

/**
 * @param chain certified, at least as long as every reporter's
 * @param signed as read
 * @returns the report, or why it does not count; `REPORT_AHEAD` when its chain is longer than the one at hand
 */
export function judgeReport(
  chain: ReportedChain,
  signed: SignedReport,
): Verdict<JudgedReport, ReportRefusal> {
  const { report, signature } = signed;
  const { context, state } = chain;
  const { number, chainId } = newestEpoch(context);
  if (report.epoch !== number || report.chainId !== chainId)
    return reject("REPORT_OTHER_EPOCH", `epoch ${report.epoch}`);
  const voter = contextOfNext(context, state).voters.voters.find(({ id }) => id === report.member);
  if (voter === undefined) return reject("REPORT_NOT_VOTER", report.member);
  if (!context.voters.verify(voter.publicKey, reportSignBytes(report), signature))
    return reject("BAD_SIGNATURE", report.member);
  const { head, prepared } = report;
  if (head.height > state.height) return reject("REPORT_AHEAD", `height ${head.height}`);
  if (chain.hashAt(head.height) !== head.hash) return reject("REPORT_OTHER_CHAIN", `height ${head.height}`);
  if (prepared === null || prepared.height <= state.height) return accept({ ...signed, prepared: null });
  const judged = judgePrepared(chain, prepared);
  return judged.kind === "accept" ? accept({ ...signed, prepared: judged.value }) : judged;
}

function judgePrepared(
  { context, state }: ReportedChain,
  { height, certificate, block }: PreparedReport,
): Verdict<PreparedBlock, ReportRefusal> {
  if (height !== state.height + 1) return reject("REPORT_AHEAD", `a prepared block of height ${height}`);
  const { voters } = contextOfNext(context, state);
  const decoded = decode(
    certificate,
    preparedCertificateDecoder(height, voters.voters),
    MAX_CERTIFICATE_BYTES,
  );
  if (decoded.kind !== "accept") return decoded;
  const verified = verifyPreparedCertificate(decoded.value, voters);
  if (verified.kind !== "accept") return verified;
  const judged = judgeBlock(context, state, block, null);
  if (judged.kind !== "accept") return judged;
  const { round, blockHash: hash } = decoded.value;
  if (judged.value.blockHash !== hash) return reject("REPORT_PREPARED_OTHER", hash);
  return accept({ round, hash, certificate, block, state: judged.value.state });
}
