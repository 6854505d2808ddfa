/**
 * Fetches the newest certified state of another gateway, piece by piece, and proves it before anything is built on it.
 * The proof comes first, so that no more than one piece is fetched for nothing.
 */
import { joinBytes } from "../../core/bytes.ts";
import { readHeader } from "../../core/ledger/blocks/header.ts";
import { judgeCertificate } from "../../core/ledger/blocks/judgeBlock.ts";
import { judgeLink, proveState } from "../../core/ledger/chain/certifiedState.ts";
import { judgeTrailEnd, type KnownVoters } from "../../core/ledger/chain/votersAlong.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import { type LedgerState, MAX_STATE_BYTES } from "../../core/ledger/state/state.ts";
import type { Height } from "../../core/units.ts";
import { accept, ignore, reject, type Verdict } from "../../core/verdict.ts";
import { readSnapshotPiece, type SnapshotPiece, type SnapshotProof } from "../../core/wire/snapshotAnswer.ts";
import { encodeSnapshotRequest } from "../../core/wire/snapshotRequest.ts";
import type { StoredBlock, StoredChange } from "../../ports/ledgerStore.ts";
import { type FetchModules, fetchTrail } from "./trailFetch.ts";

/** A certified state with what proves it, and the changes of the roster that led to its voters. */
export type ProvenSnapshot = {
  readonly block: StoredBlock;
  readonly state: LedgerState;
  readonly changes: readonly StoredChange[];
};

/** Shortest piece that is taken before the last: a liar cannot make one state a million requests. */
const MIN_PIECE_BYTES = 4_096;
/**
 * Waiting for the answers of one gateway altogether, during which nobody else is asked anything: the longest trail and
 * state there are, 22 MB, at 75 kB/s. Who is slower is no liar, but the blocks come from others meanwhile.
 */
export const MAX_WAIT_MS = 300_000;

/**
 * @param from modules of this gateway, and whom to ask
 * @param above the snapshot must be of a greater height than this
 * @returns the snapshot; an ignore when nobody answers; a reject that blames whoever was asked
 */
export async function fetchSnapshot(from: FetchModules, above: Height): Promise<Verdict<ProvenSnapshot>> {
  const modules = { ...from, ask: patientAsk(from) };
  const first = await askPiece(modules, null, 0);
  if (first.kind !== "accept") return first;
  const { proof, height, totalBytes } = first.value;
  if (proof === null) return reject("SNAPSHOT_UNPROVEN");
  // [REJECT] a snapshot that is no use leads the asker in small steps, and away from the blocks between
  if (height <= above) return reject("SNAPSHOT_TOO_LOW", `height ${height}`);
  const trail = await fetchTrail(modules, height);
  if (trail.kind !== "accept") return trail;
  const { voters, changes } = trail.value;
  const block = judgeProof(modules.context, voters, height, proof);
  if (block.kind !== "accept") return block;
  const encoded = await fetchRest(modules, first.value);
  if (encoded.kind !== "accept") return encoded;
  if (encoded.value.length !== totalBytes) return reject("SNAPSHOT_PIECE_OTHER", "length");
  const proven = proveState(modules.context, block.value, encoded.value);
  if (proven.kind !== "accept") return proven;
  // [REJECT] voters that only the snapshot itself speaks for
  const state = judgeTrailEnd(voters, proven.value);
  return state.kind === "accept" ? accept({ block: block.value, state: state.value, changes }) : state;
}

/** Asks until all answers together have taken too long: short ones, each just in time, would otherwise never end. */
function patientAsk({ ask, clock }: FetchModules): FetchModules["ask"] {
  let waitedMs = 0;
  return async (request) => {
    if (waitedMs >= MAX_WAIT_MS) return null;
    const fromMs = clock.monotonicMs();
    const received = await ask(request);
    waitedMs += clock.monotonicMs() - fromMs;
    return received;
  };
}

/** [REJECT] a block that no quorum of the voters decided */
function judgeProof(
  context: LedgerContext,
  voters: KnownVoters,
  height: Height,
  { block, certificate }: SnapshotProof,
): Verdict<StoredBlock> {
  const read = readHeader(block);
  if (read.kind !== "accept") return read;
  const { blockHash } = read.value;
  const stored = { height, blockHash, block, certificate };
  const linked = judgeLink(context, null, stored);
  if (linked.kind !== "accept") return linked;
  const certified = judgeCertificate(context, { ...voters, height, head: blockHash }, certificate);
  return certified.kind === "accept" ? accept(stored) : certified;
}

async function fetchRest(modules: FetchModules, first: SnapshotPiece): Promise<Verdict<Uint8Array>> {
  const { height, totalBytes } = first;
  const pieces = [first.bytes];
  let offset = first.bytes.length;
  while (offset < totalBytes) {
    const next = await askPiece(modules, height, offset);
    if (next.kind !== "accept") return next;
    const { bytes, ...piece } = next.value;
    // [REJECT] a piece of another state
    if (piece.height !== height || piece.totalBytes !== totalBytes || piece.offset !== offset)
      return reject("SNAPSHOT_PIECE_OTHER", `height ${piece.height}, offset ${piece.offset}`);
    pieces.push(bytes);
    offset += bytes.length;
    // [REJECT] pieces so short that they never come to an end
    if (offset < totalBytes && bytes.length < MIN_PIECE_BYTES) return reject("SNAPSHOT_PIECE_SHORT");
  }
  return offset <= MAX_STATE_BYTES ? accept(joinBytes(...pieces)) : reject("SNAPSHOT_PIECE_OTHER", "length");
}

async function askPiece(
  { context, maxAnswerBytes, ask }: FetchModules,
  height: Height | null,
  offset: number,
): Promise<Verdict<SnapshotPiece>> {
  const received = await ask(encodeSnapshotRequest({ kind: "piece", height, offset }, context.roster));
  if (received === null) return ignore("SNAPSHOT_UNANSWERED");
  return readSnapshotPiece(received, context.roster.chainId, maxAnswerBytes);
}
