/**
 * What every rule of the ledger needs beside the state: the genesis, who takes part and who votes, the order of ties,
 * the verifier. Members change by transactions, so who votes is a matter of the height: {@link contextAt}.
 */

import type { Seating } from "../../consensus/candidates.ts";
import type { VerifyContext } from "../../consensus/certificate.ts";
import { moved } from "../../market/accounts.ts";
import { tieOrder } from "../../market/tieOrder.ts";
import type { MemberId } from "../../membership/address.ts";
import { enrolledMember } from "../../membership/enrolment.ts";
import { baseHeight, type Epoch, epochAt, firstEpoch } from "../../membership/epoch.ts";
import type { Genesis, GenesisBody } from "../../membership/genesis.ts";
import { type AdoptedBlock, epochsOf, type GenesisFile } from "../../membership/genesisFile.ts";
import { electorsOf, type Roster, rosterOf } from "../../membership/roster.ts";
import { NO_DELTA, type RosterDelta, withChange } from "../../membership/rosterDelta.ts";
import type { Verify } from "../../signature.ts";
import { type Height, height } from "../../units.ts";
import type { PendingChange } from "./governance.ts";
import { emptyState, type LedgerState, NEW_MEMBER } from "./state.ts";

/** The facts of a chain, with epoch and roster of one height. */
export type LedgerContext = {
  readonly genesis: GenesisBody;
  /** Every epoch, oldest first. */
  readonly epochs: readonly Epoch[];
  /** Of the height. */
  readonly epoch: Epoch;
  /** The block that the newest epoch takes over from the one before; null when it takes over none. */
  readonly adopted: AdoptedBlock | null;
  readonly roster: Roster;
  readonly tieOrder: readonly MemberId[];
  /** Voters, chain and verifier, as certificates are judged with. */
  readonly voters: VerifyContext;
};

/** What the voters of a height follow from: those of a height before, and the change on its way. */
export type VoterFacts = Pick<LedgerState, "height" | "roster" | "pendingChange">;

/** What was computed for a roster before; a delta is never changed, so the same one means the same roster. */
const contextsOf = new WeakMap<Epoch, WeakMap<RosterDelta, LedgerContext>>();
const deltasOf = new WeakMap<PendingChange, RosterDelta>();

/** @param genesis read and verified @param verify judges signatures @returns the facts of a chain of one epoch, with the roster of the genesis */
export function ledgerContext(genesis: Genesis, verify: Verify): LedgerContext {
  const epoch = firstEpoch(genesis.body);
  return contextOf({ genesis: genesis.body, epochs: [epoch], adopted: null }, epoch, NO_DELTA, verify);
}

/** @param file read and verified @param verify judges signatures @returns the facts of its chain, with the roster that its newest epoch begins with */
export function chainContext(file: GenesisFile, verify: Verify): LedgerContext {
  const { genesis, adopted } = file;
  const epochs = epochsOf(file);
  const newest = epochs.at(-1) ?? firstEpoch(genesis.body);
  const delta = newest.recovery?.roster ?? NO_DELTA;
  return contextOf({ genesis: genesis.body, epochs, adopted }, newest, delta, verify);
}

/**
 * The facts with the roster of a height. Known are that of the head, and since a change becomes active two heights
 * after the block that holds it, those of the next two heights.
 *
 * @param context of the epoch, with the roster of any height
 * @param state after the head; of it, who votes
 * @param at a height; before the head's the head's is taken, beyond the next two the last that is known
 * @returns the facts, the same object for the same roster
 */
export function contextAt(context: LedgerContext, state: VoterFacts, at: Height): LedgerContext {
  const { epochs, voters } = context;
  const epoch = epochAt(epochs, at);
  const delta = deltaAt(epoch, state, at);
  const known = contextsOf.get(epoch) ?? new WeakMap<RosterDelta, LedgerContext>();
  contextsOf.set(epoch, known);
  const found = known.get(delta);
  if (found?.voters.verify === voters.verify && found.epochs === epochs) return found;
  const derived = contextOf(context, epoch, delta, voters.verify);
  known.set(delta, derived);
  return derived;
}

/**
 * Who votes at a height, without the other facts: for whoever passes through the rosters of a whole epoch.
 *
 * @param context of the epoch, with the roster of any height
 * @param state as of {@link contextAt}
 * @param at a height, as of {@link contextAt}
 * @returns what the certificates of that height are judged with
 */
export function votersAt(
  { genesis, epochs, voters }: LedgerContext,
  state: VoterFacts,
  at: Height,
): VerifyContext {
  const epoch = epochAt(epochs, at);
  return votersOf(genesis, epoch, deltaAt(epoch, state, at), voters.verify);
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

/** @param context with the roster of a block @param at its height @returns true when it is the first of a later epoch: no certificate stands below it */
export function opensEpoch({ epochs }: LedgerContext, at: Height): boolean {
  return epochs.some((epoch) => epoch.recovery !== null && at === baseHeight(epoch) + 1);
}

/** @param context of the chain @returns its newest epoch: the only one that anything is signed in */
export function newestEpoch({ epochs, epoch }: LedgerContext): Epoch {
  return epochs.at(-1) ?? epoch;
}

/** @param state after a block @returns the roster with the change that is on its way */
export function settledRoster({ roster, pendingChange }: VoterFacts): RosterDelta {
  return pendingChange === null ? roster : withChange(roster, pendingChange.change);
}

function deltaAt(epoch: Epoch, state: VoterFacts, at: Height): RosterDelta {
  const { roster, pendingChange } = state;
  if (epoch.recovery !== null && state.height <= baseHeight(epoch)) return epoch.recovery.roster;
  if (pendingChange === null || at < pendingChange.activeAt) return roster;
  const known = deltasOf.get(pendingChange) ?? withChange(roster, pendingChange.change);
  deltasOf.set(pendingChange, known);
  return known;
}

function activated(context: LedgerContext, state: LedgerState): LedgerState {
  const { pendingChange } = state;
  const { recovery } = context.epoch;
  if (recovery !== null && opensEpoch(context, state.height)) {
    // Nobody was absent in an epoch that begins.
    const members = membersAfter(context.roster, state);
    const money = moneyAfter(context.roster, state);
    const begun = { roster: recovery.roster, pendingChange: null, rosterChanges: 0, absences: new Map() };
    return { ...state, members, money, ...begun };
  }
  if (pendingChange === null || state.height < pendingChange.activeAt) return state;
  const members = membersAfter(context.roster, state);
  const money = moneyAfter(context.roster, state);
  const roster = deltaAt(context.epoch, state, state.height);
  return { ...state, members, money, roster, pendingChange: null };
}

/** What a household holds and owes stays with it under its new key. */
function moneyAfter({ byId }: Roster, { money, pendingChange }: LedgerState): LedgerState["money"] {
  const change = pendingChange?.change;
  if (change?.kind !== "rekey") return money;
  const successor = enrolledMember(change.enrolment.body);
  return byId.has(successor) ? moved(money, change.member, successor) : money;
}

function membersAfter({ members: present }: Roster, state: LedgerState): LedgerState["members"] {
  const change = state.pendingChange?.change;
  const members = new Map(state.members);
  const inherited = change?.kind === "rekey" ? members.get(change.member) : undefined;
  if (change?.kind === "rekey") members.delete(change.member);
  for (const { id } of present) if (!members.has(id)) members.set(id, inherited ?? NEW_MEMBER);
  return members;
}

function contextOf(
  { genesis, epochs, adopted }: Pick<LedgerContext, "genesis" | "epochs" | "adopted">,
  epoch: Epoch,
  delta: RosterDelta,
  verify: Verify,
): LedgerContext {
  const roster = rosterOf(genesis, delta, epoch);
  return {
    genesis,
    epochs,
    epoch,
    adopted,
    roster,
    tieOrder: tieOrder(
      genesis.seed,
      roster.members.map(({ id }) => id),
    ),
    voters: votersOf(genesis, epoch, delta, verify),
  };
}

function votersOf(genesis: GenesisBody, epoch: Epoch, delta: RosterDelta, verify: Verify): VerifyContext {
  const { chainId, number } = epoch;
  return { voters: electorsOf(genesis, delta), chainId, epoch: number, verify };
}

/** @param context of the epoch @returns the state before block 1 */
export function genesisState(context: LedgerContext): LedgerState {
  return emptyState(
    rosterOf(context.genesis).members.map((member) => member.id),
    context.genesis.firstInterval,
    context.genesis.policies,
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
