/** The part of the state that transactions and votes change, not energy: who takes part, who votes, who was chosen. */
import { type Cbor, count, encode, list, nullable, tuple } from "../../codec.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../../membership/address.ts";
import {
  cborRosterChange,
  cborRosterDelta,
  NO_DELTA,
  type RosterChange,
  type RosterDelta,
  rosterChangeDecoder,
  rosterDeltaDecoder,
} from "../../membership/rosterDelta.ts";
import { type Height, height } from "../../units.ts";
import type { Offence } from "./evidence.ts";
import { GRID_ADMIN, type TransactionSigner } from "./transaction.ts";

/** Members, voters and their choices after a block. */
export type Governance = {
  /** Sequence of each signer's newest transaction; who has none is not in it. */
  readonly sequences: ReadonlyMap<TransactionSigner, number>;
  /** Whom each voter has chosen as next DSO in this term. */
  readonly ballots: ReadonlyMap<MemberId, MemberId>;
  /** The roster at `height`, as what it differs in from that of the genesis. */
  readonly roster: RosterDelta;
  /** A change of the roster that is not active yet; one at a time. */
  readonly pendingChange: PendingChange | null;
  /** How many changes of the roster this epoch has seen: whoever follows them one by one knows that none is left out. */
  readonly rosterChanges: number;
  /** In how many certificates on end, as blocks embed them, a voter had no part; who is not in it was in the newest. */
  readonly absences: ReadonlyMap<MemberId, number>;
  /** Members whose contradictions were proven. */
  readonly offences: ReadonlyMap<MemberId, Offence>;
};

/** A change of the roster on the ledger, and the first height it holds for. */
export type PendingChange = { readonly change: RosterChange; readonly activeAt: Height };

/** Before the first transaction. */
export const NO_GOVERNANCE: Governance = {
  sequences: new Map(),
  ballots: new Map(),
  roster: NO_DELTA,
  pendingChange: null,
  rosterChanges: 0,
  absences: new Map(),
  offences: new Map(),
};

/** Entries of a map; a bound above what {@link MAX_MEMBERS} and keys that left can make. */
const MAX_ENTRIES = 10_000;

/** @param state any @returns its leaves under the state root, one a fact */
export function governanceLeaves(state: Governance): readonly Uint8Array[] {
  return [
    ...cborSequences(state).map((entry) => encode(["sequence", entry])),
    ...cborBallots(state).map((entry) => encode(["ballot", entry])),
    encode(["roster", cborRosterDelta(state.roster)]),
    changeLeaf(state),
    ...cborAbsences(state).map((entry) => encode(["absence", entry])),
    ...cborOffences(state).map((entry) => encode(["offence", entry])),
  ];
}

/** @param state any @returns the leaf that says what change is on its way: apart from the roster, so that it is short */
export function changeLeaf(state: Pick<Governance, "rosterChanges" | "pendingChange">): Uint8Array {
  return encode(["change", state.rosterChanges, cborPending(state.pendingChange)]);
}

/** @param state any @returns its place in an encoded state */
export function cborGovernance(state: Governance): Cbor {
  return [
    cborSequences(state),
    cborBallots(state),
    cborRosterDelta(state.roster),
    cborPending(state.pendingChange),
    state.rosterChanges,
    cborAbsences(state),
    cborOffences(state),
  ];
}

/** Decoder of {@link cborGovernance}. */
export function governanceDecoder(value: unknown): Governance {
  const [sequences, ballots, roster, pending, rosterChanges, absences, offences] = tuple(
    list(tuple(nullable(memberDecoder), count()), MAX_ENTRIES),
    list(tuple(memberDecoder, memberDecoder), MAX_ENTRIES),
    rosterDeltaDecoder,
    nullable(tuple(rosterChangeDecoder, count())),
    count(),
    list(tuple(memberDecoder, count()), MAX_ENTRIES),
    list(tuple(memberDecoder, tuple(count(), count(), count())), MAX_ENTRIES),
  )(value);
  return {
    sequences: new Map(sequences.map(([signer, sequence]) => [signer ?? GRID_ADMIN, sequence])),
    ballots: new Map(ballots),
    roster,
    pendingChange: pending === null ? null : { change: pending[0], activeAt: height(pending[1]) },
    rosterChanges,
    absences: new Map(absences),
    offences: new Map(
      offences.map(([member, [votes, readings, provenAt]]) => [member, { votes, readings, provenAt }]),
    ),
  };
}

/** @param map any @returns its entries in the order of their keys: one order for one content */
export function byKey<Key extends string, Value>(
  map: ReadonlyMap<Key, Value>,
): readonly (readonly [Key, Value])[] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}

function cborSequences({ sequences }: Governance): readonly Cbor[] {
  return byKey(sequences).map(([signer, sequence]) => [
    signer === GRID_ADMIN ? null : memberIdBytes(signer),
    sequence,
  ]);
}

function cborBallots({ ballots }: Governance): readonly Cbor[] {
  return byKey(ballots).map(([voter, candidate]) => [memberIdBytes(voter), memberIdBytes(candidate)]);
}

function cborPending(pending: PendingChange | null): Cbor {
  return pending === null ? null : [cborRosterChange(pending.change), pending.activeAt];
}

function cborAbsences({ absences }: Governance): readonly Cbor[] {
  return byKey(absences).map(([voter, certificates]) => [memberIdBytes(voter), certificates]);
}

function cborOffences({ offences }: Governance): readonly Cbor[] {
  return byKey(offences).map(([member, { votes, readings, provenAt }]) => [
    memberIdBytes(member),
    [votes, readings, provenAt],
  ]);
}
