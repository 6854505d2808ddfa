/** The product's side of a comparison: contexts and states that were never signed, and parts of blocks as they are encoded. */
import * as dagCbor from "@ipld/dag-cbor";
import { equalBytes } from "../../agent/core/bytes.ts";
import type { Cbor } from "../../agent/core/codec.ts";
import { ZERO_HASH } from "../../agent/core/hash.ts";
import { type BlockBody, encodeBlock, readBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { tieOrder } from "../../agent/core/market/tieOrder.ts";
import { type MemberId, memberIdFromBytes } from "../../agent/core/membership/address.ts";
import type { EnrolledMeter } from "../../agent/core/membership/enrolment.ts";
import type { GridMode } from "../../agent/core/membership/genesis.ts";
import { SIGNATURE_BYTES } from "../../agent/core/signature.ts";
import { height, intervalIndex, term } from "../../agent/core/units.ts";

/** What a street and its genesis say. */
export type PaperStreet = {
  readonly mode: GridMode;
  readonly seed: Uint8Array;
  readonly intervalMs: number;
  readonly timeLapse: number;
  readonly members: readonly PaperMember[];
};

/** What a member enrolled with. */
export type PaperMember = {
  readonly id: MemberId;
  readonly area: string;
  readonly meters: readonly EnrolledMeter[];
  readonly ratingW: number;
};

/** Parts of a body, and their places in an encoded one. */
const PLACES = { late: 2, intervals: 3 } as const;

const HEADER = {
  chainId: ZERO_HASH,
  epoch: 0,
  height: height(1),
  parentHash: ZERO_HASH,
  from: intervalIndex(0),
  to: intervalIndex(0),
  dso: memberIdFromBytes(new Uint8Array(20)),
  term: term(1),
  mandate: "genesis",
  bodyRoot: ZERO_HASH,
  stateRoot: ZERO_HASH,
} as const;
const EMPTY: BlockBody = {
  parentCertificate: null,
  mandateProof: null,
  late: [],
  intervals: [],
  transactions: [],
};

/** Settling looks at no signature. */
export const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES);

/** @param street any @returns only what settling looks at: nothing here was signed, so no whole genesis could be */
export function paperContext({ mode, seed, intervalMs, timeLapse, members }: PaperStreet): LedgerContext {
  const roster = byId(members).map(({ ratingW, ...member }) => ({ ...member, connectionRatingW: ratingW }));
  const context = {
    genesis: { mode, intervalMs, timeLapse },
    roster: { members: roster, byId: new Map(roster.map((member) => [member.id, member])) },
    tieOrder: tieOrder(
      seed,
      members.map(({ id }) => id),
    ),
  };
  return context as unknown as LedgerContext;
}

/** @param members in any sequence @returns them as a roster has them */
export function byId<T extends { readonly id: MemberId }>(members: readonly T[]): readonly T[] {
  return [...members].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/**
 * @param part of a body with one entry
 * @returns the entry as a block has it
 * @throws RangeError when the block does not read back to itself
 */
export function encodedEntry(part: Pick<BlockBody, "late"> | Pick<BlockBody, "intervals">): Cbor {
  const block = encodeBlock({ header: HEADER, body: { ...EMPTY, ...part } });
  const read = readBlock(block);
  if (read.kind !== "accept") throw new RangeError(`a block that nobody can read: ${read.code}`);
  if (!equalBytes(encodeBlock(read.value), block)) throw new RangeError("a block that reads as another");
  const body = dagCbor.decode<Cbor[][][]>(block)[1];
  const entry = body?.["late" in part ? PLACES.late : PLACES.intervals]?.[0];
  if (entry === undefined) throw new RangeError("the block has no entry at the known place");
  return entry;
}
