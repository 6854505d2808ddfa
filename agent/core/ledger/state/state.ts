/** The state after a block: office, orders in force, and per member what was last settled and in total. */
import {
  type Cbor,
  cborHash,
  count,
  type DecodeRefusal,
  decode,
  encode,
  energy,
  hash,
  interval,
  list,
  nullable,
  oneOf,
  signedEnergy,
  tuple,
} from "../../codec.ts";
import { type Hash, ZERO_HASH } from "../../hash.ts";
import { cborMoney, type Money, moneyDecoder, moneyLeaves, NO_MONEY } from "../../market/accounts.ts";
import {
  cborStandingBid,
  MAX_STANDING_BIDS,
  type StandingBid,
  standingBidDecoder,
} from "../../market/bid.ts";
import type { StandingOrder } from "../../market/curtail.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../../membership/address.ts";
import {
  cborSignedPolicy,
  MAX_POLICIES,
  policyHash,
  type SignedPolicy,
  signedPolicy,
} from "../../membership/policy.ts";
import { type Coverage, cborCoverage, coverageDecoder, NOTHING_CLOSED } from "../../metering/coverage.ts";
import {
  type Height,
  height,
  type IntervalIndex,
  type Round,
  round,
  type Term,
  term,
  type Wh,
  wh,
} from "../../units.ts";
import type { Verdict } from "../../verdict.ts";
import {
  byKey,
  cborGovernance,
  type Governance,
  governanceDecoder,
  governanceLeaves,
  NO_GOVERNANCE,
} from "./governance.ts";
import { merkleRoot } from "./merkle.ts";
import { cborStandingOrder, standingOrderDecoder } from "./orderCodec.ts";

/** How a term began, and whose signatures prove it. */
export type OfficeMandate = {
  readonly kind: "genesis" | "term-end" | "recall";
  /** The first block of the term. */
  readonly height: Height;
  /** The round that the recall mandated; null unless `recall`. */
  readonly round: Round | null;
  /** Voters that signed the recall; empty unless `recall`. */
  readonly signedBy: readonly MemberId[];
};

/** The DSO in office after a block. */
export type OfficeRecord = {
  readonly dso: MemberId;
  readonly term: Term;
  readonly blocksInTerm: number;
  readonly mandate: OfficeMandate;
};

/** Generated and consumed energy of one member, in Wh. */
export type EnergyPair = { readonly generated: Wh; readonly consumed: Wh };

/** Settled energy of one member since the genesis. */
export type Totals = {
  readonly generated: Wh;
  readonly consumed: Wh;
  readonly sold: Wh;
  readonly bought: Wh;
  /** Late energy, set against the supplier or the imbalance; the other totals are without it. */
  readonly corrected: EnergyPair;
  /** More than the connection carries: stated, but neither traded nor set against anything. */
  readonly quarantined: EnergyPair;
};

/** One member's place in the state. */
export type MemberState = {
  readonly coverage: Coverage;
  readonly totals: Totals;
  /** Highest sequence number of its settled readings, 0 before the first: a gateway that forgot some goes on above. */
  readonly sequence: number;
};

/** Everything the next block is computed from. */
export type LedgerState = Governance & {
  readonly height: Height;
  /** Hash of the block at `height`; the zero hash at the genesis. */
  readonly head: Hash;
  /** The interval that the next block begins with. */
  readonly nextInterval: IntervalIndex;
  /** Null before block 1. */
  readonly office: OfficeRecord | null;
  readonly members: ReadonlyMap<MemberId, MemberState>;
  /** Curtailment orders that bind intervals not settled yet. */
  readonly orders: readonly StandingOrder[];
  readonly money: Money;
  /** In force, to come, or over but for corrections, and the newest; in the order in which they were deployed. */
  readonly policies: readonly SignedPolicy[];
  /** By member, then side: one of each at most, none that is over. */
  readonly bids: readonly StandingBid[];
};

/** Longest encoded state in bytes: 200 members, each with all its gaps open, need less than half of it. */
export const MAX_STATE_BYTES = 4_194_304;
/** A member of whom nothing was settled yet. */
export const NEW_MEMBER: MemberState = {
  coverage: NOTHING_CLOSED,
  totals: {
    generated: wh(0n),
    consumed: wh(0n),
    sold: wh(0n),
    bought: wh(0n),
    corrected: { generated: wh(0n), consumed: wh(0n) },
    quarantined: { generated: wh(0n), consumed: wh(0n) },
  },
  sequence: 0,
};

const MANDATE_KINDS = ["genesis", "term-end", "recall"] as const;

/** @param members of the roster @param firstInterval of the genesis @param policies of the genesis @returns the state before block 1 */
export function emptyState(
  members: readonly MemberId[],
  firstInterval: IntervalIndex,
  policies: readonly SignedPolicy[] = [],
): LedgerState {
  return {
    height: height(0),
    head: ZERO_HASH,
    nextInterval: firstInterval,
    office: null,
    members: new Map(members.map((id) => [id, NEW_MEMBER])),
    orders: [],
    money: NO_MONEY,
    policies,
    bids: [],
    ...NO_GOVERNANCE,
  };
}

/** @param state after a block @returns the root that the block's header carries; the head itself is no part of it */
export function stateRoot(state: LedgerState): Hash {
  return merkleRoot(stateLeaves(state));
}

/** @param state after a block @returns its leaves under the root, one a fact */
export function stateLeaves(state: LedgerState): readonly Uint8Array[] {
  return [
    encode(["state", state.height, state.nextInterval]),
    encode(["office", cborOffice(state.office)]),
    ...cborMembers(state).map((entry) => encode(["member", entry])),
    ...state.orders.map((order) => encode(["order", cborStandingOrder(order)])),
    ...moneyLeaves(state.money),
    ...state.policies.map(({ policy, signature }) =>
      encode(["policy", policy.version, cborHash(policyHash(policy)), signature]),
    ),
    ...state.bids.map((standing) => encode(["bid", cborStandingBid(standing)])),
    ...governanceLeaves(state),
  ];
}

/** @param state after a block @returns its canonical bytes, as stored */
export function encodeState(state: LedgerState): Uint8Array {
  return encode([
    state.height,
    cborHash(state.head),
    state.nextInterval,
    cborOffice(state.office),
    cborMembers(state),
    state.orders.map(cborStandingOrder),
    cborMoney(state.money),
    state.policies.map(cborSignedPolicy),
    state.bids.map(cborStandingBid),
    cborGovernance(state),
  ]);
}

/** @param encoded bytes from the store @returns the state, or why they are not one */
export function readState(encoded: Uint8Array): Verdict<LedgerState, DecodeRefusal> {
  return decode(encoded, stateDecoder, MAX_STATE_BYTES);
}

function cborOffice(office: OfficeRecord | null): Cbor {
  if (office === null) return null;
  const { kind, height: since, round: mandated, signedBy } = office.mandate;
  return [
    memberIdBytes(office.dso),
    office.term,
    office.blocksInTerm,
    [kind, since, mandated, signedBy.map(memberIdBytes)],
  ];
}

function cborMembers(state: LedgerState): readonly Cbor[] {
  return byKey(state.members).map(([id, { coverage, totals, sequence }]) => [
    memberIdBytes(id),
    cborCoverage(coverage),
    [totals.generated, totals.consumed, totals.sold, totals.bought],
    cborPair(totals.corrected),
    cborPair(totals.quarantined),
    sequence,
  ]);
}

function cborPair({ generated, consumed }: EnergyPair): Cbor {
  return [generated, consumed];
}

function stateDecoder(value: unknown): LedgerState {
  const [at, head, nextInterval, office, members, orders, money, policies, bids, governance] = tuple(
    count(),
    hash,
    interval,
    nullable(officeDecoder),
    list(memberStateDecoder, 1_000),
    list(standingOrderDecoder, 1_000),
    moneyDecoder,
    list(signedPolicy, MAX_POLICIES),
    list(standingBidDecoder, MAX_STANDING_BIDS),
    governanceDecoder,
  )(value);
  return {
    height: height(at),
    head,
    nextInterval,
    office,
    members: new Map(members),
    orders,
    money,
    policies,
    bids,
    ...governance,
  };
}

function officeDecoder(value: unknown): OfficeRecord {
  const [dso, termCount, blocksInTerm, mandate] = tuple(
    memberDecoder,
    count(),
    count(),
    mandateDecoder,
  )(value);
  return { dso, term: term(termCount), blocksInTerm, mandate };
}

function mandateDecoder(value: unknown): OfficeMandate {
  const [kind, since, mandated, signedBy] = tuple(
    oneOf(MANDATE_KINDS),
    count(),
    nullable(count()),
    list(memberDecoder, 1_000),
  )(value);
  return { kind, height: height(since), round: mandated === null ? null : round(mandated), signedBy };
}

function memberStateDecoder(value: unknown): readonly [MemberId, MemberState] {
  const [id, coverage, [generated, consumed, sold, bought], corrected, quarantined, sequence] = tuple(
    memberDecoder,
    coverageDecoder,
    tuple(energy, energy, energy, energy),
    pairDecoder,
    pairDecoder,
    count(),
  )(value);
  return [id, { coverage, totals: { generated, consumed, sold, bought, corrected, quarantined }, sequence }];
}

function pairDecoder(value: unknown): EnergyPair {
  const [generated, consumed] = tuple(signedEnergy, signedEnergy)(value);
  return { generated, consumed };
}
