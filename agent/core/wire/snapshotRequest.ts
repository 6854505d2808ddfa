/**
 * Asks for what a gateway that is far behind begins with, on the stream that summaries go over: a piece of a certified
 * state, or the changes of the roster that lead to the voters that certified it. The first piece, of whatever snapshot is
 * newest, brings the proof with it.
 *
 * @source docs/protocol.md, "Snapshots"
 */
import { equalBytes } from "../bytes.ts";
import { bytes, count, type DecodeRefusal, decode, encode, oneOf, tuple } from "../codec.ts";
import { MAX_STATE_BYTES } from "../ledger/state/state.ts";
import type { Roster } from "../membership/roster.ts";
import { type Height, height } from "../units.ts";
import { accept, ignore, reject, type Verdict } from "../verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./chainMark.ts";

/** Which piece is wanted. */
export type PieceRequest = {
  readonly kind: "piece";
  /** Of the snapshot; null for the newest there is. */
  readonly height: Height | null;
  /** Bytes of the state that are here already. */
  readonly offset: number;
};

/** Which changes are wanted: those that blocks above `above` hold, up to `until`. */
export type TrailRequest = { readonly kind: "trail"; readonly above: Height; readonly until: Height };

/** What is wanted. */
export type SnapshotRequest = PieceRequest | TrailRequest;

/** Codes a request is refused with. */
export type SnapshotRequestRefusal = DecodeRefusal | "WRONG_MICROGRID" | "WRONG_EPOCH";

/** Longest request: five short fields. */
export const MAX_SNAPSHOT_REQUEST_BYTES = 64;

/** What tells them from a summary, which begins with 1. */
const PIECE = 2;
const TRAIL = 3;

/** @param request what is wanted @param roster of the microgrid @returns its bytes */
export function encodeSnapshotRequest(request: SnapshotRequest, { chainId, epoch }: Roster): Uint8Array {
  const [kind, first, second] =
    request.kind === "piece"
      ? [PIECE, request.height ?? 0, request.offset]
      : [TRAIL, request.above, request.until];
  return encode([kind, chainMark(chainId), epoch, first, second]);
}

/** @param received a request of any kind @returns true when it can only be one of these */
export function isSnapshotRequest(received: Uint8Array): boolean {
  const isKind = received[1] === PIECE || received[1] === TRAIL;
  return isKind && received.length <= MAX_SNAPSHOT_REQUEST_BYTES;
}

/** @param received untrusted @param roster of this microgrid @returns the request, or why it is none of ours */
export function readSnapshotRequest(
  received: Uint8Array,
  roster: Roster,
): Verdict<SnapshotRequest, SnapshotRequestRefusal> {
  const decoded = decode(received, requestDecoder, MAX_SNAPSHOT_REQUEST_BYTES);
  if (decoded.kind !== "accept") return decoded;
  const [kind, mark, epoch, first, second] = decoded.value;
  if (!equalBytes(mark, chainMark(roster.chainId))) return reject("WRONG_MICROGRID");
  if (epoch !== roster.epoch) return ignore("WRONG_EPOCH", `${epoch}`);
  if (kind === TRAIL) return accept({ kind: "trail", above: height(first), until: height(second) });
  if (second > MAX_STATE_BYTES) return reject("BAD_SHAPE", `offset ${second}`);
  return accept({ kind: "piece", height: first === 0 ? null : height(first), offset: second });
}

const requestDecoder = tuple(oneOf([PIECE, TRAIL]), bytes(CHAIN_MARK_BYTES), count(), count(), count());
