/**
 * What a gateway reports once it has renounced its epoch: how far its chain goes, and the block that it may have
 * decided together with others. Signed by its member, so that a report counts for one voter and binds it.
 *
 * @source docs/protocol.md, "Recovery"; docs/adr/0026
 */
import {
  bytes,
  type Cbor,
  cborHash,
  count,
  type DecodeRefusal,
  type Decoder,
  decode,
  encode,
  hash,
  nullable,
  oneOf,
  tuple,
} from "../../codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../../consensus/certificateCodec.ts";
import { MAX_BODY_BYTES } from "../../consensus/messageCodec.ts";
import { type Hash, hashOf } from "../../hash.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../../membership/address.ts";
import { SIGNATURE_BYTES, signBytes } from "../../signature.ts";
import { type Height, height } from "../../units.ts";
import type { Verdict } from "../../verdict.ts";

/** A block that a quorum prepared, with the proof of it. */
export type PreparedReport = {
  readonly height: Height;
  /** Prepared certificate, encoded for the voters of that height. */
  readonly certificate: Uint8Array;
  readonly block: Uint8Array;
};

/** What one member reports. */
export type RecoveryReport = {
  readonly member: MemberId;
  /** The epoch that it has renounced. */
  readonly epoch: number;
  /** What signatures of that epoch are bound to. */
  readonly chainId: Hash;
  /** Newest block of its chain; height 0 and the zero hash without one. */
  readonly head: { readonly height: Height; readonly hash: Hash };
  /** What decided the head; null at height 0. */
  readonly certificate: Uint8Array | null;
  /** The block above the head that it sent a COMMIT for, or knows to be prepared; null when there is none. */
  readonly prepared: PreparedReport | null;
  /** False when it may have forgotten votes: then it can say nothing of what it decided. */
  readonly isSound: boolean;
};

/** A report with its member's signature. */
export type SignedReport = { readonly report: RecoveryReport; readonly signature: Uint8Array };

/** Longest encoded report. */
export const MAX_REPORT_BYTES = MAX_BODY_BYTES + 2 * MAX_CERTIFICATE_BYTES + 1_024;

const VERSION = 1;

/** @param signed a report @returns its canonical bytes, as in a file */
export function encodeReport({ report, signature }: SignedReport): Uint8Array {
  return encode([cborReport(report), signature]);
}

/** @param encoded untrusted @returns the report, its signature unverified, or why it is none */
export function readReport(encoded: Uint8Array): Verdict<SignedReport, DecodeRefusal> {
  return decode(encoded, reportDecoder, MAX_REPORT_BYTES);
}

/** @param report of a member @returns the bytes that its key signs */
export function reportSignBytes(report: RecoveryReport): Uint8Array {
  const { chainId, epoch, head } = report;
  const digest = hashOf(encode(cborReport(report)));
  return signBytes({ type: "recovery-report", chainId, epoch, height: head.height, round: 0 }, digest);
}

function cborReport(report: RecoveryReport): Cbor {
  const { member, epoch, chainId, head, certificate, prepared, isSound } = report;
  return [
    VERSION,
    memberIdBytes(member),
    epoch,
    cborHash(chainId),
    [head.height, cborHash(head.hash)],
    certificate,
    prepared === null ? null : [prepared.height, prepared.certificate, prepared.block],
    isSound,
  ];
}

const preparedDecoder: Decoder<PreparedReport> = (value) => {
  const [at, certificate, block] = tuple(
    count(),
    bytes(0, MAX_CERTIFICATE_BYTES),
    bytes(0, MAX_BODY_BYTES),
  )(value);
  return { height: height(at), certificate, block };
};

const reportDecoder: Decoder<SignedReport> = (value) => {
  const [[, member, epoch, chainId, head, certificate, prepared, isSound], signature] = tuple(
    tuple(
      oneOf([VERSION]),
      memberDecoder,
      count(),
      hash,
      tuple(count(), hash),
      nullable(bytes(0, MAX_CERTIFICATE_BYTES)),
      nullable(preparedDecoder),
      oneOf([true, false]),
    ),
    bytes(SIGNATURE_BYTES),
  )(value);
  const reported = { height: height(head[0]), hash: head[1] };
  const report = { member, epoch, chainId, head: reported, certificate, prepared, isSound };
  return { report, signature };
};
