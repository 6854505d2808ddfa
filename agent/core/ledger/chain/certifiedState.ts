/**
 * What holds without recomputing: that a block hangs on its parent, and that a state is the one a quorum certified.
 *
 * @source docs/protocol.md, "A ledger that is not trusted" and "Snapshots"
 */
import type { DecodeRefusal } from "../../codec.ts";
import type { Hash } from "../../hash.ts";
import { epochAt } from "../../membership/epoch.ts";
import type { Height } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { readHeader } from "../blocks/header.ts";
import type { BlockRefusal } from "../blocks/judgeBlock.ts";
import type { LedgerContext } from "../state/context.ts";
import { type LedgerState, readState, stateRoot } from "../state/state.ts";
import type { ChainEntry } from "./chain.ts";
import { judgeDecided } from "./epochEnd.ts";

/** A place in the chain: what the next block hangs on. */
export type ChainPlace = { readonly height: Height; readonly head: Hash };

/** Codes a link is refused with. */
export type LinkRefusal =
  | DecodeRefusal
  | "BLOCK_WRONG_CHAIN"
  | "BLOCK_WRONG_HEIGHT"
  | "BLOCK_WRONG_PARENT"
  | "BLOCK_WRONG_HASH";

/** Codes a certified state is refused with. */
export type CertifiedStateRefusal = BlockRefusal | "STATE_DIFFERS";

/**
 * Judges the header of a stored block: of this chain and of its height's epoch, at its height, under its own hash, on its parent.
 *
 * @param context of the epoch
 * @param parent the place before it; null when it is not known
 * @param entry as stored or fetched
 * @returns its place, or the first fault; its body and its certificate are not looked at
 */
export function judgeLink(
  context: LedgerContext,
  parent: ChainPlace | null,
  entry: ChainEntry,
): Verdict<ChainPlace, LinkRefusal> {
  const read = readHeader(entry.block);
  if (read.kind !== "accept") return read;
  const { header, blockHash } = read.value;
  if (blockHash !== entry.blockHash) return reject("BLOCK_WRONG_HASH", entry.blockHash);
  const { chainId, number } = epochAt(context.epochs, header.height);
  if (header.chainId !== chainId || header.epoch !== number) return reject("BLOCK_WRONG_CHAIN");
  const isNext = parent === null || header.height === parent.height + 1;
  if (header.height !== entry.height || !isNext) return reject("BLOCK_WRONG_HEIGHT", `${header.height}`);
  if (parent !== null && header.parentHash !== parent.head)
    return reject("BLOCK_WRONG_PARENT", header.parentHash);
  return accept({ height: header.height, head: blockHash });
}

/**
 * Proves a state by the root in the header of its block and by the certificate that decided that block. Nothing is
 * recomputed: that the block was right is what its quorum of voters says.
 *
 * @param context of the epoch; its voters are those of the block
 * @param entry the block and its certificate, as stored or fetched
 * @param encoded the state after it
 * @returns the state, or why it is not that block's
 */
export function proveState(
  context: LedgerContext,
  entry: ChainEntry,
  encoded: Uint8Array,
): Verdict<LedgerState, CertifiedStateRefusal> {
  const place = judgeLink(context, null, entry);
  if (place.kind !== "accept") return place;
  const header = readHeader(entry.block);
  if (header.kind !== "accept") return header;
  const read = readState(encoded);
  if (read.kind !== "accept") return reject("STATE_DIFFERS", read.code);
  const state = read.value;
  const isOfBlock = state.height === entry.height && state.head === entry.blockHash;
  if (!isOfBlock || stateRoot(state) !== header.value.header.stateRoot) return reject("STATE_DIFFERS");
  const certified = judgeDecided(context, state, entry.certificate);
  return certified.kind === "accept" ? accept(state) : certified;
}
