/**
 * Certificates as bytes. A certificate's height is not written: whoever decodes one must know the height already,
 * to name its voters. Signers are a bitmap over the height's voter list, then their signatures in that order, so a
 * commit certificate has 64·q bytes, its bitmap, 40 bytes at most (rounds below 256) and what held lists add.
 */
import { joinBytes } from "../bytes.ts";
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
  list,
  nullable,
  shape,
  tuple,
} from "../codec.ts";
import { SIGNATURE_BYTES } from "../signature.ts";
import { type Height, type Round, round as roundOf } from "../units.ts";
import type { Verdict } from "../verdict.ts";
import type { VoterId } from "./candidates.ts";
import { ConsensusError } from "./consensusError.ts";
import { NO_ITEMS } from "./item.ts";
import type {
  CommitCertificate,
  Justification,
  PreparedCertificate,
  PrepareSigner,
  RoundChangeCertificate,
  RoundChangeSigner,
} from "./message.ts";
import { MAX_VOTERS } from "./quorum.ts";
import { cborSharedItems, sharedItemsDecoder } from "./sharedItems.ts";

/** Longest certificate: 200 voters with a claim and a list of items of their own each, rounded up. */
export const MAX_CERTIFICATE_BYTES = 98_304;
/** Greatest round on the wire. */
export const MAX_ROUND = 2 ** 31 - 1;

/** The voters of one height in roster order; their places are what certificates and messages carry. */
export type Electors = readonly { readonly id: VoterId }[];

/** @param value as decoded @returns the round @throws CodecError */
export const roundDecoder: Decoder<Round> = (value) => roundOf(count(MAX_ROUND)(value));

/** @param certificate to write @param electors of its height @returns its one encoding @throws ConsensusError `CONSENSUS_UNKNOWN_VOTER` */
export function encodeCommitCertificate(certificate: CommitCertificate, electors: Electors): Uint8Array {
  const signers = inOrder(certificate.signers, electors);
  const held = cborSharedItems(signers.map((signer) => signer.held));
  const head = [certificate.round, cborHash(certificate.blockHash), cborSigners(signers, electors)];
  return encode(held.length === 0 ? head : [...head, held]);
}

/** @param encoded untrusted @param height of the certified block @param electors of that height @returns the certificate, signatures unverified */
export function decodeCommitCertificate(
  encoded: Uint8Array,
  height: Height,
  electors: Electors,
): Verdict<CommitCertificate, DecodeRefusal> {
  return decode(encoded, commitCertificateDecoder(height, electors), MAX_CERTIFICATE_BYTES);
}

/** @param certificate to write @param electors of its height @returns its one encoding @throws ConsensusError `CONSENSUS_UNKNOWN_VOTER` */
export function encodeRoundChangeCertificate(
  certificate: RoundChangeCertificate,
  electors: Electors,
): Uint8Array {
  return encode(cborRoundChangeCertificate(certificate, electors));
}

/** @param encoded untrusted @param height of its ROUND_CHANGEs @param electors of that height @returns the certificate, signatures unverified */
export function decodeRoundChangeCertificate(
  encoded: Uint8Array,
  height: Height,
  electors: Electors,
): Verdict<RoundChangeCertificate, DecodeRefusal> {
  return decode(encoded, roundChangeCertificateDecoder(height, electors), MAX_CERTIFICATE_BYTES);
}

/** @param certificate to write @param electors of its height @returns its place in a message @throws ConsensusError `CONSENSUS_UNKNOWN_VOTER` */
export function cborPreparedCertificate(certificate: PreparedCertificate, electors: Electors): Cbor {
  const signers = inOrder(certificate.signers, electors);
  return [certificate.round, cborHash(certificate.blockHash), cborSigners(signers, electors)];
}

/** @param height of its PREPAREs @param electors of that height @returns decoder of a prepared certificate */
export function preparedCertificateDecoder(height: Height, electors: Electors): Decoder<PreparedCertificate> {
  return (value) => {
    const [round, blockHash, signers] = tuple(roundDecoder, hash, signersDecoder(electors))(value);
    return { height, round, blockHash, signers };
  };
}

/** @param justification to write @param electors of its height @returns its place in a proposal @throws ConsensusError `CONSENSUS_UNKNOWN_VOTER` */
export function cborJustification({ roundChanges, prepared }: Justification, electors: Electors): Cbor {
  return [
    cborRoundChangeCertificate(roundChanges, electors),
    prepared === null ? null : cborPreparedCertificate(prepared, electors),
  ];
}

/** @param height of the proposal @param electors of that height @returns decoder of a justification */
export function justificationDecoder(height: Height, electors: Electors): Decoder<Justification> {
  return (value) => {
    const [roundChanges, prepared] = tuple(
      roundChangeCertificateDecoder(height, electors),
      nullable(preparedCertificateDecoder(height, electors)),
    )(value);
    return { roundChanges, prepared };
  };
}

/** @param electors of a height @returns decoder of a place in their list, as the voter there */
export function voterDecoder(electors: Electors): Decoder<VoterId> {
  return (value) => {
    const voter = electors[count(MAX_VOTERS - 1)(value)];
    if (voter === undefined) throw shape(`one of ${electors.length} voters`, value);
    return voter.id;
  };
}

/** @param electors of a height @param voter one of them @returns its place @throws ConsensusError `CONSENSUS_UNKNOWN_VOTER` */
export function placeOf(electors: Electors, voter: VoterId): number {
  const place = electors.findIndex((elector) => elector.id === voter);
  if (place < 0) throw new ConsensusError("CONSENSUS_UNKNOWN_VOTER", { voter });
  return place;
}

function commitCertificateDecoder(height: Height, electors: Electors): Decoder<CommitCertificate> {
  const plainDecoder = tuple(roundDecoder, hash, signersDecoder(electors));
  return (value) => {
    if (!Array.isArray(value)) throw shape("commit certificate", value);
    const [round, blockHash, plain] = plainDecoder(value.slice(0, 3));
    if (value.length > 4 || (Array.isArray(value[3]) && value[3].length === 0))
      throw shape("held lists that are not empty", value);
    const held = sharedItemsDecoder(plain.length)(value.length === 3 ? [] : value[3]);
    const signers = plain.map((signer, position) => ({ ...signer, held: held[position] ?? NO_ITEMS }));
    return { height, round, blockHash, signers };
  };
}

function cborRoundChangeCertificate(certificate: RoundChangeCertificate, electors: Electors): Cbor {
  const signers = inOrder(certificate.signers, electors);
  const claims = signers.flatMap((signer, position): Cbor[] =>
    isUsual(signer) ? [] : [cborClaim(signer, position)],
  );
  const candidate = placeOf(electors, certificate.candidate);
  const named = cborSharedItems(signers.map((signer) => signer.named));
  return [certificate.round, candidate, cborSigners(signers, electors), claims, named];
}

function cborClaim({ preparedRound, preparedHash }: RoundChangeSigner, position: number): Cbor {
  return [position, preparedRound, preparedHash === null ? null : cborHash(preparedHash)];
}

function isUsual(claim: Pick<RoundChangeSigner, "preparedRound" | "preparedHash">): boolean {
  return claim.preparedRound === null && claim.preparedHash === null;
}

function roundChangeCertificateDecoder(height: Height, electors: Electors): Decoder<RoundChangeCertificate> {
  const claimDecoder = tuple(count(MAX_VOTERS - 1), nullable(roundDecoder), nullable(hash));
  return (value) => {
    const [round, candidate, plain, claims, lists] = tuple(
      roundDecoder,
      voterDecoder(electors),
      signersDecoder(electors),
      exceptions(claimDecoder),
      (entry: unknown) => entry,
    )(value);
    const claimOf = placed(claims, plain.length);
    const named = sharedItemsDecoder(plain.length)(lists);
    const signers = plain.map(({ voter, signature }, position): RoundChangeSigner => {
      const [, preparedRound, preparedHash] = claimOf.get(position) ?? [0, null, null];
      const claim = { preparedRound, preparedHash };
      if (claimOf.has(position) && isUsual(claim)) throw shape("a claim other than the usual", claims);
      return { voter, ...claim, named: named[position] ?? NO_ITEMS, signature };
    });
    return { height, round, candidate, signers };
  };
}

function inOrder<Signer extends PrepareSigner>(
  signers: readonly Signer[],
  electors: Electors,
): readonly Signer[] {
  return signers.toSorted((left, right) => placeOf(electors, left.voter) - placeOf(electors, right.voter));
}

/** Bitmap, lowest place first in the lowest bit, then the signatures. */
function cborSigners(signers: readonly PrepareSigner[], electors: Electors): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(electors));
  for (const { voter } of signers) {
    const place = placeOf(electors, voter);
    bitmap[place >> 3] = (bitmap[place >> 3] ?? 0) | (1 << (place & 7));
  }
  return joinBytes(bitmap, ...signers.map((signer) => signer.signature));
}

function signersDecoder(electors: Electors): Decoder<readonly PrepareSigner[]> {
  const bitmapLength = bitmapBytes(electors);
  return (value) => {
    const joined = bytes(bitmapLength, bitmapLength + electors.length * SIGNATURE_BYTES)(value);
    const isSet = (place: number) => ((joined[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
    const voters = electors.filter((_, place) => isSet(place));
    for (let place = electors.length; place < bitmapLength * 8; place++)
      if (isSet(place)) throw shape("a bitmap of voters", value);
    if (joined.length !== bitmapLength + voters.length * SIGNATURE_BYTES)
      throw shape(`${voters.length} signatures`, value);
    return voters.map(({ id: voter }, position) => {
      const start = bitmapLength + position * SIGNATURE_BYTES;
      return { voter, signature: joined.slice(start, start + SIGNATURE_BYTES) };
    });
  };
}

function bitmapBytes(electors: Electors): number {
  return Math.ceil(electors.length / 8);
}

/** Entries of signers that say something unusual, by ascending position. */
function exceptions<Entry extends readonly [number, ...unknown[]]>(
  entry: Decoder<Entry>,
): Decoder<readonly Entry[]> {
  return (value) => {
    const entries = list(entry, MAX_VOTERS)(value);
    const isAscending = entries.every(
      ([position], index) => index === 0 || position > (entries[index - 1]?.[0] ?? 0),
    );
    if (!isAscending) throw shape("ascending positions", value);
    return entries;
  };
}

function placed<Entry extends readonly [number, ...unknown[]]>(
  entries: readonly Entry[],
  signerCount: number,
): ReadonlyMap<number, Entry> {
  const last = entries.at(-1);
  if (last !== undefined && last[0] >= signerCount) throw shape(`a position below ${signerCount}`, last[0]);
  return new Map(entries.map((entry) => [entry[0], entry]));
}
