/**
 * Who votes at a height whose chain is not here. Voters change by blocks that the voters before them certified, so the
 * entries of the trail, one for each change, lead from voters that are known to those of any height. Each is judged by
 * the voters before it; nobody else is believed.
 *
 * @source docs/protocol.md, "Snapshots"; docs/adr/0031
 */
import { equalBytes } from "../../bytes.ts";
import { type DecodeRefusal, encode } from "../../codec.ts";
import { MAX_VOTERS } from "../../consensus/quorum.ts";
import { baseHeight } from "../../membership/epoch.ts";
import { cborRosterDelta } from "../../membership/rosterDelta.ts";
import { type Height, height } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import { type BlockRefusal, judgeCertificateOf } from "../blocks/judgeBlock.ts";
import {
  genesisState,
  type LedgerContext,
  newestEpoch,
  settledRoster,
  type VoterFacts,
  votersAt,
} from "../state/context.ts";
import { changeLeaf } from "../state/governance.ts";
import { rootAlong } from "../state/merkle.ts";
import type { LedgerState } from "../state/state.ts";
import { ACTIVE_AFTER } from "../transactions/applyRosterChange.ts";
import { MAX_TRAIL, readTrailEntry, type TrailEntry } from "./trailEntry.ts";

/** How far the voters are known: those of a height, the change on its way, and how many there were in the epoch. */
export type KnownVoters = VoterFacts & Pick<LedgerState, "rosterChanges">;

/** Codes an entry is refused with. */
export type TrailRefusal =
  | DecodeRefusal
  | BlockRefusal
  | "TRAIL_ORDER"
  | "TRAIL_GAP"
  | "TRAIL_TOO_LONG"
  | "TRAIL_UNPROVEN"
  | "TRAIL_NO_VOTERS";

/** Codes the end of a trail is refused with. */
export type TrailEndRefusal = "TRAIL_INCOMPLETE" | "TRAIL_OTHER";

/**
 * @param context of the chain
 * @param state that this gateway has found right by itself
 * @returns the voters that it knows of the newest epoch: those that the epoch begins with while it stands below
 */
export function knownVoters(context: LedgerContext, state: LedgerState): KnownVoters {
  const epoch = newestEpoch(context);
  const base = baseHeight(epoch);
  if (epoch.recovery !== null && state.height <= base)
    return { height: base, roster: epoch.recovery.roster, pendingChange: null, rosterChanges: 0 };
  const { height: at, roster, pendingChange, rosterChanges } = state;
  return { height: at, roster, pendingChange, rosterChanges };
}

/**
 * Follows the trail by one change.
 *
 * @param context of the chain
 * @param known who votes before it
 * @param encoded the next entry, untrusted
 * @returns who votes after it, or why it does not lead there
 */
export function votersAlong(
  context: LedgerContext,
  known: KnownVoters,
  encoded: Uint8Array,
): Verdict<KnownVoters, TrailRefusal> {
  const read = readTrailEntry(encoded);
  if (read.kind !== "accept") return read;
  const entry = read.value;
  const place = judgePlace(context, known, entry);
  if (place.kind !== "accept") return place;
  const { header, blockHash, change, number, certificate, path } = entry;
  const pendingChange = { change, activeAt: height(header.height + ACTIVE_AFTER) };
  const leaf = changeLeaf({ rosterChanges: number, pendingChange });
  // [REJECT] a change that is not the one in the state after that block
  if (rootAlong(leaf, path) !== header.stateRoot) return reject("TRAIL_UNPROVEN", `height ${header.height}`);
  const voters = votersAt(context, known, header.height);
  const certified = judgeCertificateOf(voters, { height: header.height, head: blockHash }, certificate);
  if (certified.kind !== "accept") return certified;
  const roster = rosterAt(known, header.height);
  const after = { height: header.height, roster, pendingChange, rosterChanges: number };
  const next = votersAt(context, after, pendingChange.activeAt).voters.length;
  // [REJECT] nobody could certify anything after it
  if (next === 0 || next > MAX_VOTERS) return reject("TRAIL_NO_VOTERS");
  return accept(after);
}

/**
 * @param context of the chain
 * @param state after the head of a ledger
 * @returns the voters that its stored trail begins with; null where nobody follows one: below the newest epoch, and
 *   behind more changes than {@link MAX_TRAIL}
 */
export function storedTrailBegin(context: LedgerContext, state: LedgerState): KnownVoters | null {
  const isFollowed = state.height > baseHeight(newestEpoch(context)) && state.rosterChanges <= MAX_TRAIL;
  return isFollowed ? knownVoters(context, genesisState(context)) : null;
}

/**
 * Follows a stored trail by one change.
 *
 * @param context of the chain
 * @param known who votes before it
 * @param stored the next entry, and the height that it is kept under
 * @returns who votes after it, or why it is not the entry of that height
 */
export function votersAlongStored(
  context: LedgerContext,
  known: KnownVoters,
  stored: { readonly height: Height; readonly entry: Uint8Array },
): Verdict<KnownVoters, TrailRefusal> {
  const along = votersAlong(context, known, stored.entry);
  if (along.kind !== "accept" || along.value.height === stored.height) return along;
  return reject("TRAIL_ORDER", `height ${along.value.height}`);
}

/**
 * @param known where the trail has led to
 * @param state that is proven at its end
 * @returns the state, or why its voters are not those that the trail leads to
 */
export function judgeTrailEnd(known: KnownVoters, state: LedgerState): Verdict<LedgerState, TrailEndRefusal> {
  // [REJECT] a change that was left out, though nobody was needed who votes by it
  if (state.rosterChanges !== known.rosterChanges)
    return reject("TRAIL_INCOMPLETE", `${known.rosterChanges} of ${state.rosterChanges} changes`);
  const isActive = known.pendingChange !== null && known.pendingChange.activeAt <= state.height;
  const end = {
    roster: rosterAt(known, state.height),
    pendingChange: isActive ? null : known.pendingChange,
    rosterChanges: known.rosterChanges,
  };
  return equalBytes(votersOf(end), votersOf(state)) ? accept(state) : reject("TRAIL_OTHER");
}

function judgePlace(
  context: LedgerContext,
  known: KnownVoters,
  { header, number }: TrailEntry,
): Verdict<Height, TrailRefusal> {
  const epoch = newestEpoch(context);
  // [REJECT] of another microgrid or another epoch
  if (header.chainId !== epoch.chainId || header.epoch !== epoch.number) return reject("BLOCK_WRONG_CHAIN");
  // [REJECT] repeated, out of order, or while another change is on its way: one at a time
  const first = known.pendingChange?.activeAt ?? known.height + 1;
  const isAbove = header.height > known.height && header.height >= first;
  if (!isAbove || !Number.isSafeInteger(header.height + ACTIVE_AFTER))
    return reject("TRAIL_ORDER", `height ${header.height}`);
  // [REJECT] without an end
  if (number > MAX_TRAIL) return reject("TRAIL_TOO_LONG", `change ${number}`);
  // [REJECT] one left out before it
  if (number !== known.rosterChanges + 1) return reject("TRAIL_GAP", `change ${number}`);
  return accept(header.height);
}

/** The roster that the state of a height holds: a change that is active by then has been made. */
function rosterAt(known: KnownVoters, at: Height) {
  const { roster, pendingChange } = known;
  return pendingChange !== null && pendingChange.activeAt <= at ? settledRoster(known) : roster;
}

/** Meters are swapped without a change of who takes part, so a trail does not know them. */
function votersOf({ roster, pendingChange, rosterChanges }: Omit<KnownVoters, "height">): Uint8Array {
  return encode([cborRosterDelta({ ...roster, meters: [] }), changeLeaf({ rosterChanges, pendingChange })]);
}
