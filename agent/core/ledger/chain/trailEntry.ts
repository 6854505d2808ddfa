/**
 * One entry of the trail that leads to the voters of a height: a change of the roster, the block that holds it, what
 * decided that block, and the way from the change to the root of the state after it. It proves itself to whoever knows
 * the voters of that block; nothing else of the block or of the state is needed.
 *
 * @source docs/protocol.md, "Snapshots"; docs/adr/0031
 */
import { equalBytes } from "../../bytes.ts";
import { bytes, count, type DecodeRefusal, decode, encode, list, oneOf, tuple } from "../../codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../../consensus/certificateCodec.ts";
import { MAX_ENROLMENT_BYTES } from "../../membership/enrolment.ts";
import { cborRosterChange, type RosterChange, rosterChangeDecoder } from "../../membership/rosterDelta.ts";
import { accept, type Verdict } from "../../verdict.ts";
import { decodeHeader, headerBytes, MAX_HEADER_BYTES, type ReadHeader } from "../blocks/header.ts";
import { changeLeaf } from "../state/governance.ts";
import { MAX_PATH, merklePath, type PathStep } from "../state/merkle.ts";
import { type LedgerState, stateLeaves } from "../state/state.ts";
import { ACTIVE_AFTER } from "../transactions/applyRosterChange.ts";

/** An entry as read; nothing in it is verified. */
export type TrailEntry = ReadHeader & {
  /** Encoded commit certificate of the block. */
  readonly certificate: Uint8Array;
  /** Of the change among those of its epoch, from 1. */
  readonly number: number;
  readonly change: RosterChange;
  /** From the leaf of the change to the state root in the header. */
  readonly path: readonly PathStep[];
};

/**
 * Changes that one epoch's trail may have. So many hold fewer signatures than the blocks that an opening recomputes, and
 * at 200 voters some 20 MB.
 */
export const MAX_TRAIL = 2_048;
/** Bytes of an entry beside its header, its certificate and an enrolment: heads, and 35 bytes for each step. */
const FRAME_BYTES = 2_048;
/** Longest entry. */
export const MAX_TRAIL_ENTRY_BYTES =
  MAX_HEADER_BYTES + MAX_CERTIFICATE_BYTES + MAX_ENROLMENT_BYTES + FRAME_BYTES;
const HASH_BYTES = 32;

/**
 * @param block its bytes
 * @param certificate that decided it
 * @param state after it
 * @returns the entry for the change that the block holds; null when it holds none, or more came before than anybody follows
 */
export function trailEntry(
  block: Uint8Array,
  certificate: Uint8Array,
  state: LedgerState,
): Uint8Array | null {
  const change = changeHeldBy(state);
  const header = headerBytes(block);
  if (change === null || header === null || state.rosterChanges > MAX_TRAIL) return null;
  const leaves = stateLeaves(state);
  const leaf = changeLeaf(state);
  const place = leaves.findIndex((one) => equalBytes(one, leaf));
  const path = merklePath(leaves, place).map(({ isLeft, hash }) => [isLeft, hash]);
  return encode([header, certificate, state.rosterChanges, cborRosterChange(change), path]);
}

/** @param encoded untrusted @returns the entry, or why it is none */
export function readTrailEntry(encoded: Uint8Array): Verdict<TrailEntry, DecodeRefusal> {
  const decoded = decode(encoded, entryDecoder, MAX_TRAIL_ENTRY_BYTES);
  if (decoded.kind !== "accept") return decoded;
  const [header, certificate, number, change, steps] = decoded.value;
  const read = decodeHeader(header);
  if (read.kind !== "accept") return read;
  const path = steps.map(([isLeft, hash]) => ({ isLeft, hash }));
  return accept({ ...read.value, certificate, number, change, path });
}

/** A change that a block before holds may still be on its way. */
function changeHeldBy({ height, pendingChange }: LedgerState): RosterChange | null {
  return pendingChange?.activeAt === height + ACTIVE_AFTER ? pendingChange.change : null;
}

const entryDecoder = tuple(
  bytes(0, MAX_HEADER_BYTES),
  bytes(0, MAX_CERTIFICATE_BYTES),
  count(),
  rosterChangeDecoder,
  list(tuple(oneOf([true, false]), bytes(HASH_BYTES)), MAX_PATH),
);
