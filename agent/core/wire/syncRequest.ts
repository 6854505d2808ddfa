/**
 * What a gateway asks another for: a summary of what it holds. Whoever answers sends what is missing from it.
 * Nothing in it is signed and nothing is believed: a head that it claims is a hint to ask back.
 *
 * @source docs/protocol.md, "What gossip lost"
 */
import { equalBytes } from "../bytes.ts";
import {
  bytes,
  type Cbor,
  cborHash,
  count,
  type DecodeRefusal,
  type Decoder,
  decode,
  encode,
  hash,
  list,
  oneOf,
  shape,
  tuple,
} from "../codec.ts";
import { roundDecoder } from "../consensus/certificateCodec.ts";
import { MAX_ROUNDS_TOLD, VOTE_KINDS, type VotesHeld } from "../consensus/missingVotes.ts";
import type { Hash } from "../hash.ts";
import type { MemberId } from "../membership/address.ts";
import type { Roster } from "../membership/roster.ts";
import { type Height, height, type IntervalIndex, intervalIndex, type Round } from "../units.ts";
import { accept, ignore, reject, type Verdict } from "../verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./chainMark.ts";
import { cborLateHeld, type LateHeld, lateHeldDecoder } from "./lateHeld.ts";
import { cborPlaces, placesDecoder } from "./places.ts";
import { cborTransactionsHeld, type TransactionsHeld, transactionsHeldDecoder } from "./transactionsHeld.ts";

/** Whose readings of one interval are held. */
export type ReadingsHeld = { readonly interval: IntervalIndex; readonly members: ReadonlySet<MemberId> };

/** What a gateway holds. */
export type SyncSummary = {
  /** Its newest committed block; it works on the height above. */
  readonly head: Height;
  /** Its round of that height. */
  readonly round: Round;
  /** Its oldest unsettled interval. */
  readonly nextInterval: IntervalIndex;
  readonly votes: readonly VotesHeld[];
  /** Blocks of the height in progress whose bodies it holds. */
  readonly bodies: readonly Hash[];
  /** Blocks of the height in progress that a quorum stands behind and whose bodies it lacks. */
  readonly wanted: readonly Hash[];
  readonly readings: readonly ReadingsHeld[];
  readonly late: readonly LateHeld[];
  readonly transactions: TransactionsHeld;
};

/** Codes a request is refused with. */
export type SyncRequestRefusal = DecodeRefusal | "WRONG_MICROGRID" | "WRONG_EPOCH";

/** Most bodies that are named, held or wanted. */
export const MAX_BODIES_NAMED = 16;
/** Most unsettled intervals that are told of: the newest. */
export const MAX_INTERVALS_TOLD = 98;
/** Longest request: 200 members, every list full, rounded up. */
export const MAX_SYNC_REQUEST_BYTES = 16_384;

const VERSION = 1;
/** Fields that say where the asker stands, and those that say what it holds. */
const PLACE_FIELDS = 6;
const HELD_FIELDS = 6;

/** @param summary of this gateway @param roster of its microgrid @returns the request; lists are cut to their newest */
export function encodeSyncRequest(summary: SyncSummary, roster: Roster): Uint8Array {
  const { members, chainId, epoch } = roster;
  const readings = summary.readings.slice(-MAX_INTERVALS_TOLD);
  return encode([
    VERSION,
    chainMark(chainId),
    epoch,
    summary.head,
    summary.round,
    summary.nextInterval,
    summary.votes.slice(-MAX_ROUNDS_TOLD).map((held) => cborVotesHeld(held, roster)),
    summary.bodies.slice(-MAX_BODIES_NAMED).map(cborHash),
    summary.wanted.slice(-MAX_BODIES_NAMED).map(cborHash),
    readings.map(({ interval, members: of }): Cbor => [interval, cborPlaces(of, members)]),
    cborTransactionsHeld(summary.transactions, roster),
    cborLateHeld(summary.late, summary.nextInterval, roster),
  ]);
}

/**
 * Reads an untrusted request. Members are named by their places, so the lists of one with another head are empty:
 * its roster may be another one, and what it holds is of no use to know.
 *
 * @param received its bytes
 * @param roster of the height above this gateway's head
 * @param ownHead height of this gateway's head
 * @returns the summary, or why it is none of ours
 */
export function readSyncRequest(
  received: Uint8Array,
  roster: Roster,
  ownHead: Height,
): Verdict<SyncSummary, SyncRequestRefusal> {
  const decoded = decode(received, requestDecoder(roster, ownHead), MAX_SYNC_REQUEST_BYTES);
  if (decoded.kind !== "accept") return decoded;
  const { mark, epoch, summary } = decoded.value;
  if (!equalBytes(mark, chainMark(roster.chainId))) return reject("WRONG_MICROGRID");
  return epoch === roster.epoch ? accept(summary) : ignore("WRONG_EPOCH", `${epoch}`);
}

function cborVotesHeld({ round, voters }: VotesHeld, { members }: Roster): Cbor {
  return [round, ...VOTE_KINDS.map((kind) => cborPlaces(voters[kind], members))];
}

type Held = Omit<SyncSummary, "head" | "round" | "nextInterval">;

const NOTHING_HELD: Held = {
  votes: [],
  bodies: [],
  wanted: [],
  readings: [],
  transactions: new Map(),
  late: [],
};

function requestDecoder(roster: Roster, ownHead: Height) {
  const heldDecoder = heldDecoderOf(roster);
  const placeDecoder = tuple(
    oneOf([VERSION]),
    bytes(CHAIN_MARK_BYTES),
    count(),
    count(),
    roundDecoder,
    count(),
  );
  return (value: unknown): { mark: Uint8Array; epoch: number; summary: SyncSummary } => {
    if (!Array.isArray(value) || value.length !== PLACE_FIELDS + HELD_FIELDS) throw shape("request", value);
    const [, mark, epoch, head, round, nextInterval] = placeDecoder(value.slice(0, PLACE_FIELDS));
    const place = { head: height(head), round, nextInterval: intervalIndex(nextInterval) };
    const held = head === ownHead ? heldDecoder(value.slice(PLACE_FIELDS), place.nextInterval) : NOTHING_HELD;
    return { mark, epoch, summary: { ...place, ...held } };
  };
}

function heldDecoderOf(roster: Roster): (value: unknown, nextInterval: IntervalIndex) => Held {
  const places = placesDecoder(roster.members);
  const votesDecoder = tuple(roundDecoder, places, places, places, places);
  const bodiesDecoder = list(hash, MAX_BODIES_NAMED);
  const listsDecoder = tuple(
    ascending(votesDecoder, MAX_ROUNDS_TOLD),
    bodiesDecoder,
    bodiesDecoder,
    ascending(tuple(count(), places), MAX_INTERVALS_TOLD),
    transactionsHeldDecoder(roster),
    lateHeldDecoder(roster),
  );
  return (value, nextInterval) => {
    const [votes, bodies, wanted, readings, transactions, late] = listsDecoder(value);
    return {
      votes: votes.map(([of, roundChanges, proposals, prepares, commits]) => ({
        round: of,
        voters: { "round-change": roundChanges, proposal: proposals, prepare: prepares, commit: commits },
      })),
      bodies,
      wanted,
      readings: readings.map(([interval, of]) => ({ interval: intervalIndex(interval), members: of })),
      transactions,
      late: late(nextInterval),
    };
  };
}

/** A list of entries whose first fields ascend: each round and each interval at most once. */
function ascending<Entry extends readonly [number, ...unknown[]]>(
  entry: Decoder<Entry>,
  max: number,
): Decoder<readonly Entry[]> {
  return (value) => {
    const entries = list(entry, max)(value);
    if (entries.some(([key], index) => index > 0 && key <= (entries[index - 1]?.[0] ?? 0)))
      throw shape("ascending entries", value);
    return entries;
  };
}
