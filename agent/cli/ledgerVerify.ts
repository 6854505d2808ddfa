/**
 * Walks a ledger from the genesis, or from the certified state that it begins with: every block is recomputed, every
 * signature checked, and what the gateway stores beside the blocks is compared with what they come to.
 */
import { equalBytes } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import { proveState } from "../core/ledger/chain/certifiedState.ts";
import { verifyNext } from "../core/ledger/chain/chain.ts";
import { judgeTrailEnd, storedTrailBegin, votersAlongStored } from "../core/ledger/chain/votersAlong.ts";
import { genesisState, type LedgerContext } from "../core/ledger/state/context.ts";
import { encodeState, type LedgerState } from "../core/ledger/state/state.ts";
import { type Height, height } from "../core/units.ts";
import { CliError } from "./cliError.ts";
import type { LedgerReader } from "./dependencies.ts";
import type { LedgerSource, SourceHead } from "./ledgerSource.ts";

/** Certified changes of the roster that lead to the voters of the head. */
export type VerifiedTrail = {
  readonly changes: number;
  /** So many of them lead to the block that the ledger begins with. */
  readonly changesToBase: number;
};

/** What a sound ledger was found to be. */
export type VerifyReport = {
  readonly schema: "edso.ledger-verify/1";
  readonly ok: true;
  readonly source: LedgerSource["kind"];
  /** Block whose certified state it begins with; 0 for the genesis. */
  readonly base: number;
  readonly height: number;
  readonly head: Hash;
  readonly signatures: number;
  /** Whether the stored state equals the recomputed one; null when an agent holds it. */
  readonly stateEqual: true | null;
  /** Null when an agent holds it, and where nobody follows one: see `storedTrailBegin`. */
  readonly trail: VerifiedTrail | null;
  /** Newest own reading that the outbox knows to be in a block: its block's height; null when there is none. */
  readonly outboxHeight: number | null;
};

type Walk = {
  readonly state: LedgerState;
  readonly signatures: number;
  /** Of each block that was walked over. */
  readonly hashes: ReadonlyMap<number, Hash>;
};

/**
 * @param source of the blocks
 * @param context of the genesis
 * @returns what was found
 * @throws CliError `LEDGER_DAMAGED` with height and reason, `LEDGER_BEHIND_OUTBOX`; StoreError `STORE_DAMAGED`
 */
export async function verifyLedger(source: LedgerSource, context: LedgerContext): Promise<VerifyReport> {
  const head = await source.head();
  const walk = await walkTo(head, source, context);
  if (head !== null && walk.state.head !== head.blockHash) throw damaged(head.height, "HEAD_DIFFERS");
  const { reader } = source;
  const stored = reader === null ? null : await compareStored(reader, head, walk);
  return {
    schema: "edso.ledger-verify/1",
    ok: true,
    source: source.kind,
    base: head?.base ?? 0,
    height: walk.state.height,
    head: walk.state.head,
    signatures: walk.signatures,
    stateEqual: stored === null ? null : true,
    trail: reader === null ? null : await followTrail(reader, context, walk.state),
    outboxHeight: stored?.outboxHeight ?? null,
  };
}

async function walkTo(head: SourceHead, source: LedgerSource, context: LedgerContext): Promise<Walk> {
  let state = await firstState(head, source, context);
  let signatures = 0;
  const hashes = new Map<number, Hash>([[state.height, state.head]]);
  while (state.height < (head?.height ?? 0)) {
    const at = height(state.height + 1);
    const stored = await source.block(at);
    if (stored === null) throw damaged(at, "BLOCK_MISSING");
    const verdict = verifyNext(context, state, stored);
    if (verdict.kind !== "accept") throw damaged(at, verdict.code, verdict.detail);
    state = verdict.value.state;
    signatures += verdict.value.signatures;
    hashes.set(at, stored.blockHash);
  }
  return { state, signatures, hashes };
}

export async function firstState(
  head: SourceHead,
  { reader }: LedgerSource,
  context: LedgerContext,
): Promise<LedgerState> {
  if (head === null || head.base === 0) return genesisState(context);
  const base = height(head.base);
  if (reader === null) throw new CliError("LEDGER_BEGINS_LATER", { base });
  const [stored, snapshot] = [await reader.block(base), await reader.snapshot(base)];
  if (stored === null || snapshot === null) throw damaged(base, "SNAPSHOT_MISSING");
  const proven = proveState(context, stored, snapshot.state);
  if (proven.kind !== "accept") throw damaged(base, proven.code, proven.detail);
  return proven.value;
}

/** The outbox remembers the last block with an own reading: a ledger that went back is behind it. */
async function compareStored(
  reader: LedgerReader,
  head: SourceHead,
  walk: Walk,
): Promise<{ readonly outboxHeight: number | null }> {
  const stored = await reader.head();
  const top = head?.height ?? height(0);
  if (stored !== null && !equalBytes(stored.state, encodeState(walk.state)))
    throw damaged(top, "STATE_DIFFERS");
  if ((await reader.block(height(top + 1))) !== null) throw damaged(top, "BLOCK_ABOVE_HEAD");
  const release = await reader.lastRelease();
  if (release === null) return { outboxHeight: null };
  if (release.height > top) {
    const why = `the outbox saw an own reading in block ${release.height}, the ledger ends at ${top}`;
    throw new CliError("LEDGER_BEHIND_OUTBOX", { height: top, outboxHeight: release.height, why });
  }
  const isKnown = release.height >= (head?.base ?? 0);
  if (isKnown && walk.hashes.get(release.height) !== release.blockHash)
    throw damaged(release.height, "OUTBOX_DIFFERS");
  return { outboxHeight: release.height };
}

/** What leads to the voters by whom the first block at hand is believed, and what another gateway would be given. */
async function followTrail(
  reader: LedgerReader,
  context: LedgerContext,
  state: LedgerState,
): Promise<VerifiedTrail | null> {
  let known = storedTrailBegin(context, state);
  if (known === null) return null;
  let [changes, changesToBase] = [0, 0];
  for (;;) {
    const change = await reader.changeAbove(known.height);
    if (change === null) break;
    const followed = votersAlongStored(context, known, change);
    if (followed.kind !== "accept") throw damaged(change.height, followed.code, followed.detail);
    known = followed.value;
    changes += 1;
    if (change.height <= reader.base) changesToBase += 1;
  }
  const end = judgeTrailEnd(known, state);
  if (end.kind !== "accept") throw damaged(state.height, end.code, end.detail);
  return { changes, changesToBase };
}

function damaged(at: Height, reason: string, seen?: string): CliError {
  const why = `height ${at}: ${reason}${seen === undefined ? "" : ` (${seen})`}`;
  return new CliError("LEDGER_DAMAGED", { height: at, reason, why });
}
