/**
 * Epochs: the genesis begins the first, a recovery each later one. A recovery is signed by the GridAdmin when fewer than
 * a quorum of voters are left for good. It names where the epoch before it ends and who takes part from then on; all
 * else of the genesis stays. What a signature is bound to is the hash of what began its epoch, so that none of one
 * epoch can be read in another, nor under another recovery of the same number.
 *
 * @source docs/protocol.md, "Recovery"; docs/adr/0026
 */
import {
  type Cbor,
  cborHash,
  count,
  type Decoder,
  encode,
  hash,
  list,
  nullable,
  oneOf,
  shape,
  tuple,
} from "../codec.ts";
import { type Hash, hashOf } from "../hash.ts";
import { signBytes } from "../signature.ts";
import { type Height, height, type Round, round } from "../units.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "./address.ts";
import { chainIdOf, type GenesisBody, MAX_MEMBERS } from "./genesis.ts";
import { cborRosterDelta, type RosterDelta, rosterDeltaDecoder } from "./rosterDelta.ts";

/** What the GridAdmin signs to begin a later epoch. */
export type RecoveryBody = {
  /** From 1. */
  readonly epoch: number;
  /** What signatures of the epoch before are bound to. */
  readonly previous: Hash;
  /** The newest block that is known to be certified; height 0 and the zero hash when there is none. */
  readonly head: { readonly height: Height; readonly hash: Hash; readonly stateRoot: Hash };
  /** A block above the head that a quorum may have decided: it ends the epoch before, unchanged. */
  readonly prepared: { readonly round: Round; readonly hash: Hash } | null;
  /** Who takes part from then on, as what differs from the genesis. */
  readonly roster: RosterDelta;
  /** Voters whose sound reports it rests on, in order of ids. */
  readonly reporters: readonly MemberId[];
  /** Voters that the GridAdmin declares lost for good; they are no members any more. */
  readonly lost: readonly MemberId[];
  /** False when fewer reported than prove that every decided block is taken over. */
  readonly isProven: boolean;
};

/** One epoch. */
export type Epoch = {
  /** From 0. */
  readonly number: number;
  /** What its signatures are bound to: the hash of what the GridAdmin signed to begin it. */
  readonly chainId: Hash;
  /** Null for the first. */
  readonly recovery: RecoveryBody | null;
};

/** Where an epoch goes on from. */
export type EpochBase = { readonly height: Height; readonly hash: Hash };

/** The first epochs' number; a street that was recovered more often has a fault that no recovery mends. */
export const MAX_EPOCHS = 16;

const VERSION = 1;

/** @param genesis of the microgrid @returns the epoch it begins */
export function firstEpoch(genesis: GenesisBody): Epoch {
  return { number: 0, chainId: chainIdOf(genesis), recovery: null };
}

/** @param recovery signed by the GridAdmin @returns the epoch it begins */
export function epochOf(recovery: RecoveryBody): Epoch {
  return { number: recovery.epoch, chainId: recoveryHash(recovery), recovery };
}

/** @param recovery of an epoch @returns its base: the last block of the epoch before */
export function baseOf({ head, prepared }: RecoveryBody): EpochBase {
  if (prepared === null) return { height: head.height, hash: head.hash };
  return { height: height(head.height + 1), hash: prepared.hash };
}

/** @param epoch any @returns height of the last block of the epochs before it, 0 for the first */
export function baseHeight({ recovery }: Epoch): Height {
  return recovery === null ? height(0) : baseOf(recovery).height;
}

/** @param epochs of a chain, ascending, at least one @param at a height @returns the epoch of the block at that height */
export function epochAt(epochs: readonly Epoch[], at: Height): Epoch {
  const found = epochs.findLast((epoch) => baseHeight(epoch) < at) ?? epochs[0];
  if (found === undefined) throw new RangeError("a chain has at least one epoch");
  return found;
}

/** @param recovery any @returns what identifies it */
export function recoveryHash(recovery: RecoveryBody): Hash {
  return hashOf(encode(cborRecovery(recovery)));
}

/** @param recovery any @returns the bytes that the GridAdmin's key signs */
export function recoverySignBytes(recovery: RecoveryBody): Uint8Array {
  const { epoch, previous, head } = recovery;
  return signBytes(
    { type: "recovery", chainId: previous, epoch, height: head.height, round: 0 },
    recoveryHash(recovery),
  );
}

/** @param recovery any @returns its place in a file */
export function cborRecovery(recovery: RecoveryBody): Cbor {
  const { epoch, previous, head, prepared, roster, reporters, lost, isProven } = recovery;
  return [
    VERSION,
    epoch,
    cborHash(previous),
    [head.height, cborHash(head.hash), cborHash(head.stateRoot)],
    prepared === null ? null : [prepared.round, cborHash(prepared.hash)],
    cborRosterDelta(roster),
    reporters.map(memberIdBytes),
    lost.map(memberIdBytes),
    isProven,
  ];
}

/** Decoder of a recovery. */
export const recoveryDecoder: Decoder<RecoveryBody> = (value) => {
  const [, epoch, previous, head, prepared, roster, reporters, lost, isProven] = tuple(
    oneOf([VERSION]),
    count(MAX_EPOCHS - 1),
    hash,
    tuple(count(), hash, hash),
    nullable(tuple(count(), hash)),
    rosterDeltaDecoder,
    members,
    members,
    oneOf([true, false]),
  )(value);
  if (epoch === 0) throw shape("an epoch after the first", epoch);
  return {
    epoch,
    previous,
    head: { height: height(head[0]), hash: head[1], stateRoot: head[2] },
    prepared: prepared === null ? null : { round: round(prepared[0]), hash: prepared[1] },
    roster,
    reporters,
    lost,
    isProven,
  };
};

/** Each member once, so that a list has one form. */
const members: Decoder<readonly MemberId[]> = (value) => {
  const ids = list(memberDecoder, MAX_MEMBERS)(value);
  if (ids.some((id, index) => index > 0 && id <= (ids[index - 1] ?? ""))) throw shape("ascending ids", value);
  return ids;
};
