/** Gives another gateway a piece of a certified state. */

import { MAX_TRAIL } from "../../core/ledger/chain/trailEntry.ts";
import { type LedgerContext, newestEpoch } from "../../core/ledger/state/context.ts";
import { readState } from "../../core/ledger/state/state.ts";
import { baseHeight } from "../../core/membership/epoch.ts";
import {
  encodeSnapshotPiece,
  PIECE_FRAME_BYTES,
  type SnapshotProof,
} from "../../core/wire/snapshotAnswer.ts";
import type { PieceRequest } from "../../core/wire/snapshotRequest.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";

/** What is answered from. */
export type SnapshotSources = {
  readonly context: LedgerContext;
  readonly store: LedgerStore;
  /** Longest answer in bytes. */
  readonly maxAnswerBytes: number;
};

/** Bytes that block and certificate cost beyond their own: heads of byte strings and of an array. */
const PROOF_FRAME_BYTES = 16;

/**
 * @param sources of this gateway
 * @param request of the other
 * @returns the piece, which fits {@link SnapshotSources.maxAnswerBytes}; null when there is none to give
 */
export async function answerSnapshot(
  { context, store, maxAnswerBytes }: SnapshotSources,
  { height, offset }: PieceRequest,
): Promise<Uint8Array | null> {
  const at = height ?? store.snapshotHeights()[0];
  const snapshot = at === undefined ? null : await store.snapshot(at);
  if (at === undefined || snapshot === null || offset >= snapshot.state.length) return null;
  if (offset === 0 && !isProvable(context, snapshot.state)) return null;
  const proof = offset === 0 ? await proofOf(store, at) : null;
  const proofBytes = proof === null ? 0 : proof.block.length + proof.certificate.length + PROOF_FRAME_BYTES;
  const roomBytes = maxAnswerBytes - PIECE_FRAME_BYTES - proofBytes;
  if (roomBytes <= 0) return null;
  const bytes = snapshot.state.subarray(offset, offset + roomBytes);
  const totalBytes = snapshot.state.length;
  return encodeSnapshotPiece({ height: at, totalBytes, offset, bytes, proof }, context.roster.chainId);
}

/** Of the newest epoch, and not behind more changes than anybody follows. */
function isProvable(context: LedgerContext, encoded: Uint8Array): boolean {
  const read = readState(encoded);
  if (read.kind !== "accept") return false;
  const { height, rosterChanges } = read.value;
  return height > baseHeight(newestEpoch(context)) && rosterChanges <= MAX_TRAIL;
}

async function proofOf(store: LedgerStore, at: PieceRequest["height"] & {}): Promise<SnapshotProof | null> {
  const stored = await store.block(at);
  return stored === null ? null : { block: stored.block, certificate: stored.certificate };
}
