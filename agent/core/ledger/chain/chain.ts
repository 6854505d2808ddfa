/** A stored chain, block by block: what `edso ledger verify` and a gateway at start walk through. */
import type { Hash } from "../../hash.ts";
import type { Height } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { type BlockRefusal, type JudgedBlock, judgeBlock } from "../blocks/judgeBlock.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import { type EpochRefusal, judgeDecided, judgeEpochEnd } from "./epochEnd.ts";

/** A block as it stands on disk. */
export type ChainEntry = {
  readonly height: Height;
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
};

/** A block that follows its parent and that a quorum decided. */
export type VerifiedBlock = {
  readonly judged: JudgedBlock;
  readonly state: LedgerState;
  /** Signatures that were verified in it and in its certificate. */
  readonly signatures: number;
};

/** Codes a stored or fetched block is refused with. */
export type ChainRefusal = BlockRefusal | EpochRefusal;

/**
 * Verifies the next stored or fetched block: recomputed byte for byte, stored under its own hash, decided by a quorum,
 * and where an epoch ends the one that it ends with.
 *
 * @param context of the epoch
 * @param state after its parent
 * @param entry as stored or fetched
 * @returns the block and the state after it, or the first fault
 */
export function verifyNext(
  context: LedgerContext,
  state: LedgerState,
  entry: ChainEntry,
): Verdict<VerifiedBlock, ChainRefusal> {
  if (entry.height !== state.height + 1) return reject("BLOCK_WRONG_HEIGHT", `${entry.height}`);
  const judged = judgeBlock(context, state, entry.block, null);
  if (judged.kind !== "accept") return judged;
  if (judged.value.blockHash !== entry.blockHash) return reject("BLOCK_WRONG_HASH", entry.blockHash);
  const { state: after, signatures } = judged.value;
  const end = judgeEpochEnd(context, after);
  if (end.kind !== "accept") return end;
  const certified = judgeDecided(context, after, entry.certificate);
  if (certified.kind !== "accept") return certified;
  return accept({ judged: judged.value, state: after, signatures: signatures + certified.value });
}
