/**
 * Opens a stored chain without trusting the disk. Hash links are followed through all of it, always. What was noted as
 * sound is then believed, once its state is proven; after any other stop the newest blocks are recomputed at once and
 * the rest beside the running agent (see ledgerAudit).
 *
 * @source docs/protocol.md, "A ledger that is not trusted"
 */
import { equalBytes } from "../../core/bytes.ts";
import { judgeLink, proveState } from "../../core/ledger/chain/certifiedState.ts";
import { verifyNext } from "../../core/ledger/chain/chain.ts";
import { genesisState, type LedgerContext } from "../../core/ledger/state/context.ts";
import { encodeState, type LedgerState } from "../../core/ledger/state/state.ts";
import { type Height, height as heightOf } from "../../core/units.ts";
import type { Refusal } from "../../core/verdict.ts";
import type { LedgerStore, StoredBlock, StoredHead } from "../../ports/ledgerStore.ts";
import { ServiceError } from "../base/serviceError.ts";
import { faultOfTrail } from "./storedTrail.ts";

/** Where a chain is stored, and what it is judged by. */
export type ChainModules = { readonly context: LedgerContext; readonly store: LedgerStore };

/** Blocks that are still to be recomputed, from the one after the state on; `until` is the last. */
export type Unaudited = { readonly from: LedgerState; readonly until: Height };

/** A chain as it was found. */
export type OpenedChain = {
  /** After the head. */
  readonly state: LedgerState;
  /** Encoded commit certificate of the head; null on the genesis. */
  readonly headCertificate: Uint8Array | null;
  /** Blocks that were recomputed by now. */
  readonly recomputed: number;
  /** Null when nothing is left to recompute. */
  readonly unaudited: Unaudited | null;
};

/** Newest blocks that are recomputed before this gateway takes part, after an unclean stop. */
export const RECOMPUTED_AT_OPEN = 1_024;

/**
 * @param modules of this gateway
 * @returns the chain
 * @throws ServiceError `LEDGER_DAMAGED` with height and reason; StoreError
 */
export async function openChain(modules: ChainModules): Promise<OpenedChain> {
  const { context, store } = modules;
  const head = await store.head();
  if (head === null)
    return { state: genesisState(context), headCertificate: null, recomputed: 0, unaudited: null };
  await followLinks(modules, head);
  const headBlock = await storedBlock(store, head.height);
  const start = store.isSound ? proven(context, headBlock, head.state) : await startBelow(modules, head);
  const state = await recompute(modules, start, head.height);
  if (!equalBytes(encodeState(state), head.state)) throw ledgerDamaged(head.height, "STATE_DIFFERS");
  const trail = await faultOfTrail(modules, state);
  if (trail !== null) throw ledgerDamaged(trail.height, trail.code, trail.detail);
  const first = await firstState(modules);
  return {
    state,
    headCertificate: headBlock.certificate,
    recomputed: state.height - start.height,
    unaudited: store.isSound || start.height === first.height ? null : { from: first, until: start.height },
  };
}

/**
 * Recomputes one stored block.
 *
 * @param modules of this gateway
 * @param state after its parent
 * @returns the state after it
 * @throws ServiceError `LEDGER_DAMAGED`; StoreError
 */
export async function recomputeNext({ context, store }: ChainModules, state: LedgerState) {
  const at = heightOf(state.height + 1);
  const verified = verifyNext(context, state, await storedBlock(store, at));
  if (verified.kind !== "accept") throw damagedBy(at, verified);
  return verified.value.state;
}

/** @param at height of what does not hold @param reason stable code @param detail what was seen @returns the failure */
export function ledgerDamaged(at: Height, reason: string, detail = ""): ServiceError {
  return new ServiceError("LEDGER_DAMAGED", { height: at, reason, detail });
}

async function followLinks({ context, store }: ChainModules, head: StoredHead): Promise<void> {
  const genesis = genesisState(context);
  let place = store.base === 0 ? { height: genesis.height, head: genesis.head } : null;
  for (let at = Math.max(1, store.base); at <= head.height; at += 1) {
    const linked = judgeLink(context, place, await storedBlock(store, heightOf(at)));
    if (linked.kind !== "accept") throw damagedBy(heightOf(at), linked);
    place = linked.value;
  }
  if (place?.head !== head.blockHash) throw ledgerDamaged(head.height, "HEAD_DIFFERS");
}

/** The newest snapshot that leaves enough to recompute, else where the chain begins. */
async function startBelow(modules: ChainModules, head: StoredHead): Promise<LedgerState> {
  const { context, store } = modules;
  const bound = head.height - RECOMPUTED_AT_OPEN;
  const at = store.snapshotHeights().find((height) => height <= bound && height > store.base);
  if (at === undefined) return firstState(modules);
  return provenSnapshot({ context, store }, at);
}

async function firstState(modules: ChainModules): Promise<LedgerState> {
  const { context, store } = modules;
  return store.base === 0 ? genesisState(context) : provenSnapshot(modules, store.base);
}

async function provenSnapshot({ context, store }: ChainModules, at: Height): Promise<LedgerState> {
  const snapshot = await store.snapshot(at);
  if (snapshot === null) throw ledgerDamaged(at, "SNAPSHOT_MISSING");
  return proven(context, await storedBlock(store, at), snapshot.state);
}

function proven(context: LedgerContext, block: StoredBlock, state: Uint8Array): LedgerState {
  const verdict = proveState(context, block, state);
  if (verdict.kind !== "accept") throw damagedBy(block.height, verdict);
  return verdict.value;
}

async function recompute(modules: ChainModules, start: LedgerState, to: Height): Promise<LedgerState> {
  let state = start;
  while (state.height < to) state = await recomputeNext(modules, state);
  return state;
}

async function storedBlock(store: LedgerStore, at: Height): Promise<StoredBlock> {
  const stored = await store.block(at);
  if (stored === null) throw ledgerDamaged(at, "BLOCK_MISSING");
  return stored;
}

function damagedBy(at: Height, { code, detail }: Refusal): ServiceError {
  return ledgerDamaged(at, code, detail);
}
