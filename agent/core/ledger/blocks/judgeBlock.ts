/**
 * What a block must satisfy before this gateway votes for it or stores it: everything is recomputed,
 * and the result must be byte-identical.
 */
import { equalBytes } from "../../bytes.ts";
import type { DecodeRefusal } from "../../codec.ts";
import {
  type CertificateRefusal,
  type VerifyContext,
  verifyCommitCertificate,
  verifyRoundChangeCertificate,
} from "../../consensus/certificate.ts";
import { decodeCommitCertificate, decodeRoundChangeCertificate } from "../../consensus/certificateCodec.ts";
import {
  judgeMandate,
  type Mandate,
  type MandateClaim,
  type MandateRefusal,
} from "../../consensus/mandate.ts";
import type { CommitCertificate } from "../../consensus/message.ts";
import type { Hash } from "../../hash.ts";
import { type Height, height, type Round } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { judgeLate, type LateRefusal } from "../settlement/lateSection.ts";
import { type IntervalRefusal, judgeInterval, settleInterval } from "../settlement/settleInterval.ts";
import {
  beginBlock,
  contextAt,
  contextOfNext,
  type LedgerContext,
  opensEpoch,
  seatingOf,
  type VoterFacts,
} from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import { judgeTransactions, type TransactionsRefusal } from "../transactions/judgeTransaction.ts";
import { type AssembledBlock, assembleBlock } from "./assemble.ts";
import { type Block, blockHash, encodeBlock, readBlock } from "./block.ts";
import { judgeOwed, type OwedRefusal } from "./owedItems.ts";

/** Codes a block is refused with. */
export type BlockRefusal =
  | DecodeRefusal
  | MandateRefusal
  | CertificateRefusal
  | IntervalRefusal
  | LateRefusal
  | OwedRefusal
  | TransactionsRefusal
  | "BLOCK_WRONG_CHAIN"
  | "BLOCK_WRONG_HEIGHT"
  | "BLOCK_WRONG_PARENT"
  | "BLOCK_WRONG_INTERVALS"
  | "BLOCK_WRONG_HASH"
  | "PARENT_CERTIFICATE_MISSING"
  | "PARENT_CERTIFICATE_OTHER"
  | "MANDATE_PROOF_MISSING"
  | "RECOMPUTED_OTHERWISE";

/** A block that was recomputed byte for byte. */
export type JudgedBlock = AssembledBlock & {
  readonly blockHash: Hash;
  /** Signatures that were verified in it: readings, transactions, parent certificate, mandate. */
  readonly signatures: number;
};

/**
 * Judges a block against the state it is to follow.
 *
 * @param context of the epoch
 * @param state after the parent
 * @param encoded the block's bytes
 * @param freshRound the round in which it is proposed for the first time; null when proposed again or stored
 * @returns the block and the state after it, or the first difference
 */
export function judgeBlock(
  context: LedgerContext,
  state: LedgerState,
  encoded: Uint8Array,
  freshRound: Round | null,
): Verdict<JudgedBlock, BlockRefusal> {
  const read = readBlock(encoded);
  if (read.kind !== "accept") return read;
  const block = read.value;
  const place = judgePlace(context, state, block);
  if (place.kind !== "accept") return place;
  const parent = judgeParentCertificate(context, state, block.body.parentCertificate);
  if (parent.kind !== "accept") return parent;
  const claim = judgeClaim(context, state, block, freshRound);
  if (claim.kind !== "accept") return claim;
  const readings = judgeReadings(context, state, block);
  if (readings.kind !== "accept") return readings;
  const transactions = block.body.transactions.map(({ signed }) => signed);
  const judgedTransactions = judgeTransactions(context, state, transactions);
  if (judgedTransactions.kind !== "accept") return judgedTransactions;
  const { mandate } = claim.value;
  const recall = mandate.kind === "recall" ? mandate.certificate : null;
  const owed = judgeOwed(context, state, block.body, { parent: parent.value, mandate: recall });
  if (owed.kind !== "accept") return owed;
  const assembled = assembleBlock(context, state, {
    parentCertificate: block.body.parentCertificate,
    claim: claim.value,
    late: block.body.late.map(({ signed }) => signed),
    intervals: block.body.intervals.map((interval) => interval.readings),
    transactions,
  });
  if (!equalBytes(encodeBlock(assembled.block), encoded)) {
    return reject("RECOMPUTED_OTHERWISE", firstDifference(block, assembled.block));
  }
  const certified = (parent.value?.signers.length ?? 0) + (recall?.signers.length ?? 0);
  return accept({
    ...assembled,
    blockHash: blockHash(assembled.block.header),
    signatures: certified + readings.value + transactions.length,
  });
}

function judgePlace(context: LedgerContext, state: LedgerState, block: Block): Verdict<Block, BlockRefusal> {
  const { header, body } = block;
  const { epoch } = contextOfNext(context, state);
  if (header.chainId !== epoch.chainId || header.epoch !== epoch.number) return reject("BLOCK_WRONG_CHAIN");
  if (header.height !== state.height + 1) return reject("BLOCK_WRONG_HEIGHT", `${header.height}`);
  if (header.parentHash !== state.head) return reject("BLOCK_WRONG_PARENT", header.parentHash);
  const isContiguous = body.intervals.every(({ interval }, index) => interval === state.nextInterval + index);
  if (body.intervals.length === 0 || !isContiguous || header.from !== state.nextInterval)
    return reject("BLOCK_WRONG_INTERVALS");
  return accept(block);
}

function judgeParentCertificate(
  context: LedgerContext,
  state: LedgerState,
  encoded: Uint8Array | null,
): Verdict<CommitCertificate | null, BlockRefusal> {
  // What a new epoch goes on from is certified by the GridAdmin.
  const isFirst = state.height === 0 || opensEpoch(context, height(state.height + 1));
  if (isFirst) return encoded === null ? accept(null) : reject("PARENT_CERTIFICATE_OTHER");
  if (encoded === null) return reject("PARENT_CERTIFICATE_MISSING");
  return judgeCertificate(context, state, encoded);
}

/**
 * Judges the commit certificate of the head.
 *
 * @param context of the epoch
 * @param state whose height and head it must certify, and who votes at that height
 * @param encoded the certificate
 * @returns the certificate, or why it is refused
 */
export function judgeCertificate(
  context: LedgerContext,
  state: VoterFacts & Pick<LedgerState, "head">,
  encoded: Uint8Array,
): Verdict<CommitCertificate, BlockRefusal> {
  return judgeCertificateOf(contextAt(context, state, state.height).voters, state, encoded);
}

/**
 * Judges a commit certificate by the voters of its height.
 *
 * @param voters of that height
 * @param block height and hash that it must certify
 * @param encoded the certificate
 * @returns the certificate, or why it is refused
 */
export function judgeCertificateOf(
  voters: VerifyContext,
  { height: at, head }: Pick<LedgerState, "height" | "head">,
  encoded: Uint8Array,
): Verdict<CommitCertificate, BlockRefusal> {
  const decoded = decodeCommitCertificate(encoded, at, voters.voters);
  if (decoded.kind !== "accept") return decoded;
  const certificate = decoded.value;
  if (certificate.height !== at || certificate.blockHash !== head) return reject("PARENT_CERTIFICATE_OTHER");
  return verifyCommitCertificate(certificate, voters);
}

function judgeClaim(
  context: LedgerContext,
  state: LedgerState,
  { header, body }: Block,
  freshRound: Round | null,
): Verdict<MandateClaim, BlockRefusal> {
  const { voters } = contextOfNext(context, state);
  const mandate = judgeProof(voters, header.height, header.mandate, body.mandateProof);
  if (mandate.kind !== "accept") return mandate;
  const claim = { dso: header.dso, term: header.term, mandate: mandate.value };
  return judgeMandate(seatingOf(context, state), header.height, claim, freshRound);
}

function judgeProof(
  voters: VerifyContext,
  height: Height,
  kind: Mandate["kind"],
  proof: Uint8Array | null,
): Verdict<Mandate, BlockRefusal> {
  if (kind !== "recall")
    return proof === null ? accept({ kind }) : reject("MANDATE_WRONG_KIND", "proof without recall");
  if (proof === null) return reject("MANDATE_PROOF_MISSING");
  const decoded = decodeRoundChangeCertificate(proof, height, voters.voters);
  if (decoded.kind !== "accept") return decoded;
  const verified = verifyRoundChangeCertificate(decoded.value, voters);
  return verified.kind === "accept" ? accept({ kind, certificate: decoded.value }) : verified;
}

function judgeReadings(
  anyContext: LedgerContext,
  state: LedgerState,
  block: Block,
): Verdict<number, BlockRefusal> {
  const { context, state: begun } = beginBlock(anyContext, state);
  const late = judgeLate(
    context,
    begun,
    block.body.late.map(({ signed }) => signed),
  );
  if (late.kind !== "accept") return late;
  let before = late.value;
  let signatures = block.body.late.length;
  for (const { interval, readings } of block.body.intervals) {
    const judged = judgeInterval(context, before, interval, readings);
    if (judged.kind !== "accept") return judged;
    before = settleInterval(context, before, readings, begun.money).state;
    signatures += readings.length;
  }
  return accept(signatures);
}

/** Names the first part that differs, for the log of whoever refuses the block. */
function firstDifference(proposed: Block, computed: Block): string {
  for (const [index, { correction }] of computed.body.late.entries())
    if (asText(proposed.body.late[index]?.correction) !== asText(correction)) return `late: ${index}`;
  for (const [index, mine] of computed.body.intervals.entries()) {
    const theirs = proposed.body.intervals[index];
    for (const part of ["missing", "trades", "signal", "stop", "orders", "residuals"] as const) {
      if (asText(theirs?.outcome[part]) !== asText(mine.outcome[part]))
        return `interval ${mine.interval}: ${part}`;
    }
    if (asText(theirs?.compliance) !== asText(mine.compliance))
      return `interval ${mine.interval}: compliance`;
    if (asText(theirs?.settlement) !== asText(mine.settlement))
      return `interval ${mine.interval}: settlement`;
  }
  if (asText(proposed.body.transactions) !== asText(computed.body.transactions)) return "transactions";
  const fields = Object.keys(computed.header) as (keyof Block["header"])[];
  const field = fields.find((name) => proposed.header[name] !== computed.header[name]);
  return field === undefined ? "body" : `header: ${field}`;
}

function asText(part: unknown): string {
  return JSON.stringify(part, (_key, value) => (typeof value === "bigint" ? String(value) : value));
}
