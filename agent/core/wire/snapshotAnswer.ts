/**
 * One piece of a certified state. The first brings what proves all of it to whoever knows the voters: the block, whose
 * header has the state's root, and its certificate.
 *
 * @source docs/protocol.md, "Snapshots"
 */
import { equalBytes } from "../bytes.ts";
import { bytes, count, type DecodeRefusal, decode, encode, nullable, oneOf, tuple } from "../codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../consensus/certificateCodec.ts";
import { MAX_BODY_BYTES } from "../consensus/messageCodec.ts";
import type { Hash } from "../hash.ts";
import { MAX_STATE_BYTES } from "../ledger/state/state.ts";
import { type Height, height } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./chainMark.ts";

/** What proves a snapshot. */
export type SnapshotProof = { readonly block: Uint8Array; readonly certificate: Uint8Array };

/** A piece of a state. */
export type SnapshotPiece = {
  readonly height: Height;
  /** Length of the whole state. */
  readonly totalBytes: number;
  /** Where this piece begins. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** With the first piece only. */
  readonly proof: SnapshotProof | null;
};

/** Codes a piece is refused with. */
export type SnapshotAnswerRefusal = DecodeRefusal | "WRONG_MICROGRID";

/** Bytes of an answer beside its piece and its proof, rounded up. */
export const PIECE_FRAME_BYTES = 96;

const KIND = 2;

/** @param piece to send @param chainId of the microgrid @returns its bytes */
export function encodeSnapshotPiece(piece: SnapshotPiece, chainId: Hash): Uint8Array {
  const { proof } = piece;
  return encode([
    KIND,
    chainMark(chainId),
    piece.height,
    piece.totalBytes,
    piece.offset,
    piece.bytes,
    proof === null ? null : [proof.block, proof.certificate],
  ]);
}

/**
 * Reads an untrusted piece; nothing in it is verified yet.
 *
 * @param received its bytes
 * @param chainId of this microgrid
 * @param maxBytes longest acceptable answer
 * @returns the piece, or why it is none
 */
export function readSnapshotPiece(
  received: Uint8Array,
  chainId: Hash,
  maxBytes: number,
): Verdict<SnapshotPiece, SnapshotAnswerRefusal> {
  const decoded = decode(received, pieceDecoder, maxBytes);
  if (decoded.kind !== "accept") return decoded;
  const [, mark, at, totalBytes, offset, piece, proof] = decoded.value;
  if (!equalBytes(mark, chainMark(chainId))) return reject("WRONG_MICROGRID");
  return accept({
    height: height(at),
    totalBytes,
    offset,
    bytes: piece,
    proof: proof === null ? null : { block: proof[0], certificate: proof[1] },
  });
}

const pieceDecoder = tuple(
  oneOf([KIND]),
  bytes(CHAIN_MARK_BYTES),
  count(),
  count(MAX_STATE_BYTES),
  count(MAX_STATE_BYTES),
  bytes(1, MAX_STATE_BYTES),
  nullable(tuple(bytes(0, MAX_BODY_BYTES), bytes(0, MAX_CERTIFICATE_BYTES))),
);
