/**
 * What every rule of the ledger needs beside the state: the genesis, who takes part and who votes, the order of ties,
 * the verifier. Members change by transactions, so who votes is a matter of the height: {@link contextAt}.
 */

import type { Seating } from "../consensus/candidates.ts";
import type { VerifyContext } from "../consensus/certificate.ts";
import { tieOrder } from "../market/tieOrder.ts";
import type { MemberId } from "../membership/address.ts";
import type { Genesis, GenesisBody } from "../membership/genesis.ts";
import { type Roster, rosterOf } from "../membership/roster.ts";
import { NO_DELTA, type RosterDelta, withChange } from "../membership/rosterDelta.ts";
import type { Verify } from "../signature.ts";
import { type Height, height } from "../units.ts";
import type { PendingChange } from "./governance.ts";
import { emptyState, type LedgerState, NEW_MEMBER } from "./state.ts";

/** The facts of one epoch, with the roster of one height. */
export type LedgerContext = {
  readonly genesis: GenesisBody;
  readonly roster: Roster;
  readonly tieOrder: readonly MemberId[];
  /** Voters, chain and verifier, as certificates are judged with. */
  readonly voters: VerifyContext;
};

/** What was computed for a roster before; a delta is never changed, so the same one means the same roster. */
const contextsOf = new WeakMap<GenesisBody, WeakMap<RosterDelta, LedgerContext>>();
const deltasOf = new WeakMap<PendingChange, RosterDelta>();

/** @param genesis read and verified @param verify judges signatures @returns the facts of epoch 0, with the roster of the genesis */
export function ledgerContext(genesis: Genesis, verify: Verify): LedgerContext {
  return contextOf(genesis.body, NO_DELTA, verify);
}

/**
 * The facts with the roster of a height. Known are that of the head, and since a change becomes active two heights
 * after the block that holds it, those of the next two heights.
 *
 * @param context of the epoch, with the roster of any height
 * @param state after the head
 * @param at a height; before the head's the head's is taken, beyond the next two the last that is known
 * @returns the facts, the same object for the same roster
 */
export function contextAt(context: LedgerContext, state: LedgerState, at: Height): LedgerContext {
  const { genesis, voters } = context;
  const delta = deltaAt(state, at);
  const known = contextsOf.get(genesis) ?? new WeakMap<RosterDelta, LedgerContext>();
  contextsOf.set(genesis, known);
  const found = known.get(delta);
  if (found?.voters.verify === voters.verify) return found;
  const derived = contextOf(genesis, delta, voters.verify);
  known.set(delta, derived);
  return derived;
}

/** @param context of the epoch @param state after the head @returns the facts that the next block is computed with */
export function contextOfNext(context: LedgerContext, state: LedgerState): LedgerContext {
  return contextAt(context, state, height(state.height + 1));
}

/**
 * @param context of the epoch
 * @param state after the parent
 * @returns what the next block is computed from: the facts with its roster, and the state at its height before any of
 *   its facts, in which a change of the roster that becomes active with it has done so
 */
export function beginBlock(
  context: LedgerContext,
  state: LedgerState,
): { readonly context: LedgerContext; readonly state: LedgerState } {
  const own = contextOfNext(context, state);
  return { context: own, state: activated(own, { ...state, height: height(state.height + 1) }) };
}

function deltaAt({ roster, pendingChange }: LedgerState, at: Height): RosterDelta {
  if (pendingChange === null || at < pendingChange.activeAt) return roster;
  const known = deltasOf.get(pendingChange) ?? withChange(roster, pendingChange.change);
  deltasOf.set(pendingChange, known);
  return known;
}

function activated({ roster }: LedgerContext, state: LedgerState): LedgerState {
  const { pendingChange } = state;
  if (pendingChange === null || state.height < pendingChange.activeAt) return state;
  const { change } = pendingChange;
  const members = new Map(state.members);
  const inherited = change.kind === "rekey" ? members.get(change.member) : undefined;
  if (change.kind === "rekey") members.delete(change.member);
  for (const { id } of roster.members) if (!members.has(id)) members.set(id, inherited ?? NEW_MEMBER);
  return { ...state, members, roster: deltaAt(state, state.height), pendingChange: null };
}

function contextOf(genesis: GenesisBody, delta: RosterDelta, verify: Verify): LedgerContext {
  const roster = rosterOf(genesis, delta);
  const voters = roster.members.filter(({ isVoter }) => isVoter);
  return {
    genesis,
    roster,
    tieOrder: tieOrder(
      genesis.seed,
      roster.members.map(({ id }) => id),
    ),
    voters: {
      voters: voters.map(({ id, publicKey }) => ({ id, publicKey })),
      chainId: roster.chainId,
      epoch: roster.epoch,
      verify,
    },
  };
}

/** @param context of the epoch @returns the state before block 1 */
export function genesisState(context: LedgerContext): LedgerState {
  return emptyState(
    context.roster.members.map((member) => member.id),
    context.genesis.firstInterval,
  );
}

/** @param context of the epoch @param state before a block @returns the committed facts that decide who may be DSO */
export function seatingOf(context: LedgerContext, state: LedgerState): Seating {
  const { voters } = contextOfNext(context, state).voters;
  return {
    voters: voters.map((voter) => voter.id),
    office: state.office,
    termMax: context.genesis.termMax,
    ballots: ballotCounts(state),
    demoted: demotedBy(state),
    seed: context.genesis.seed,
  };
}

function ballotCounts({ ballots }: LedgerState): ReadonlyMap<MemberId, number> {
  const counts = new Map<MemberId, number>();
  for (const candidate of ballots.values()) counts.set(candidate, (counts.get(candidate) ?? 0) + 1);
  return counts;
}

/** Named by evidence in the head: goes last at the next height. */
function demotedBy({ offences, height: head }: LedgerState): ReadonlySet<MemberId> {
  if (head === 0) return new Set();
  return new Set([...offences].flatMap(([member, { provenAt }]) => (provenAt === head ? [member] : [])));
}
