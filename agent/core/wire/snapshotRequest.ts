/**
 * Asks for a piece of a certified state, on the stream that summaries go over. The first piece, of whatever snapshot is
 * newest, brings the proof with it.
 *
 * @source docs/protocol.md, "Snapshots"
 */
import { equalBytes } from "../bytes.ts";
import { bytes, count, type DecodeRefusal, decode, encode, oneOf, tuple } from "../codec.ts";
import { MAX_STATE_BYTES } from "../ledger/state.ts";
import type { Roster } from "../membership/roster.ts";
import { type Height, height } from "../units.ts";
import { accept, ignore, reject, type Verdict } from "../verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./chainMark.ts";

/** Which piece is wanted. */
export type SnapshotRequest = {
  /** Of the snapshot; null for the newest there is. */
  readonly height: Height | null;
  /** Bytes of the state that are here already. */
  readonly offset: number;
};

/** Codes a request is refused with. */
export type SnapshotRequestRefusal = DecodeRefusal | "WRONG_MICROGRID" | "WRONG_EPOCH";

/** Longest request: five short fields. */
export const MAX_SNAPSHOT_REQUEST_BYTES = 64;

/** Tells it from a summary, which begins with 1. */
const KIND = 2;

/** @param request what is wanted @param roster of the microgrid @returns its bytes */
export function encodeSnapshotRequest(request: SnapshotRequest, { chainId, epoch }: Roster): Uint8Array {
  return encode([KIND, chainMark(chainId), epoch, request.height ?? 0, request.offset]);
}

/** @param received a request of any kind @returns true when it can only be one for a snapshot */
export function isSnapshotRequest(received: Uint8Array): boolean {
  return received.length <= MAX_SNAPSHOT_REQUEST_BYTES && received[1] === KIND;
}

/** @param received untrusted @param roster of this microgrid @returns the request, or why it is none of ours */
export function readSnapshotRequest(
  received: Uint8Array,
  roster: Roster,
): Verdict<SnapshotRequest, SnapshotRequestRefusal> {
  const decoded = decode(received, requestDecoder, MAX_SNAPSHOT_REQUEST_BYTES);
  if (decoded.kind !== "accept") return decoded;
  const [, mark, epoch, at, offset] = decoded.value;
  if (!equalBytes(mark, chainMark(roster.chainId))) return reject("WRONG_MICROGRID");
  if (epoch !== roster.epoch) return ignore("WRONG_EPOCH", `${epoch}`);
  return accept({ height: at === 0 ? null : height(at), offset });
}

const requestDecoder = tuple(
  oneOf([KIND]),
  bytes(CHAIN_MARK_BYTES),
  count(),
  count(),
  count(MAX_STATE_BYTES),
);
