/** The first market: the product settles a drawn interval, and the interval's bytes are taken out of a block of its own. */
import * as dagCbor from "@ipld/dag-cbor";
import { type Cbor, encode } from "../../agent/core/codec.ts";
import { ZERO_HASH } from "../../agent/core/hash.ts";
import { encodeBlock, type SettledInterval } from "../../agent/core/ledger/block.ts";
import type { LedgerContext } from "../../agent/core/ledger/context.ts";
import { settleInterval } from "../../agent/core/ledger/settleInterval.ts";
import { emptyState, type LedgerState } from "../../agent/core/ledger/state.ts";
import { cborMoney } from "../../agent/core/market/accounts.ts";
import { tieOrder } from "../../agent/core/market/tieOrder.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { SIGNATURE_BYTES } from "../../agent/core/signature.ts";
import { height, term } from "../../agent/core/units.ts";
import type { DrawnInterval, DrawnMember } from "./drawInterval.ts";

/** Places in an encoded block. */
const BODY = 1;
const INTERVALS = 3;
const HEADER = {
  chainId: ZERO_HASH,
  epoch: 0,
  height: height(1),
  parentHash: ZERO_HASH,
  term: term(1),
  mandate: "genesis",
  bodyRoot: ZERO_HASH,
  stateRoot: ZERO_HASH,
} as const;
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES);

/** @param drawn one interval @returns canonical bytes: what a block has of it, and the money after it */
export function settleFirst(drawn: DrawnInterval): Uint8Array {
  const { settled, state } = settledOf(drawn);
  return encode([intervalPart(settled), cborMoney(state.money)]);
}

/** @param drawn one interval @returns what the market makes of it */
export function settledByFirst(drawn: DrawnInterval): SettledInterval {
  return settledOf(drawn).settled;
}

/** @param drawn one interval @returns what its members state, by member, as a block lists it */
export function readingsOf({ interval, members }: DrawnInterval): readonly SignedReading[] {
  return byId(members).flatMap(({ id, content }, index) =>
    content === null
      ? []
      : [
          {
            reading: { member: id, interval, sequence: index + 1, boot: 1, time: "synchronised", content },
            signature: NO_SIGNATURE,
          },
        ],
  );
}

function settledOf(drawn: DrawnInterval): { readonly settled: SettledInterval; readonly state: LedgerState } {
  return settleInterval(contextOf(drawn), stateBefore(drawn), readingsOf(drawn), drawn.money);
}

/** Only what settling an interval looks at: nothing here was signed, so no whole genesis could be. */
function contextOf({ mode, seed, intervalMs, timeLapse, members }: DrawnInterval): LedgerContext {
  const roster = byId(members).map(({ id, area, meters, ratingW }) => ({
    id,
    area,
    meters,
    connectionRatingW: ratingW,
  }));
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

function stateBefore({ interval, members, orders, policies, money, bids }: DrawnInterval): LedgerState {
  return {
    ...emptyState(
      members.map(({ id }) => id),
      interval,
    ),
    orders,
    policies: policies.map((policy) => ({ policy, signature: NO_SIGNATURE })),
    money,
    bids,
  };
}

function byId(members: readonly DrawnMember[]): readonly DrawnMember[] {
  return [...members].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Block and back: the layout of an interval is the block's own matter, and its only encoding is the canonical one. */
function intervalPart(settled: SettledInterval): Cbor {
  const { interval, outcome } = settled;
  const dso = settled.readings[0]?.reading.member ?? outcome.missing[0]?.member;
  if (dso === undefined) throw new RangeError("a street without members has no block");
  const block = encodeBlock({
    header: { ...HEADER, from: interval, to: interval, dso },
    body: { parentCertificate: null, mandateProof: null, late: [], intervals: [settled], transactions: [] },
  });
  const parts = dagCbor.decode<Cbor[][][]>(block);
  const encoded = parts[BODY]?.[INTERVALS]?.[0];
  if (encoded === undefined) throw new RangeError("the block has no interval at the known place");
  return encoded;
}
