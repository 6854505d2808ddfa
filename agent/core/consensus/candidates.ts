/**
 * Who may be DSO at a height, in order: the sticky incumbent, then the others by ballots.
 * Everything comes from committed state, so every voter derives the same list.
 *
 * @source docs/protocol.md, "The office"
 */
import { joinBytes } from "../bytes.ts";
import { encode } from "../codec.ts";
import { type Hash, hashOf } from "../hash.ts";
import { type Round, type Term, term } from "../units.ts";
import { ConsensusError } from "./consensusError.ts";

/** Who votes; the core takes it as opaque text. */
export type VoterId = string;

/** The office as the last committed block left it. */
export type Office = {
  readonly dso: VoterId;
  readonly term: Term;
  /** Blocks of this term so far, the last one included; from 1. */
  readonly blocksInTerm: number;
};

/** The committed facts that decide who may be DSO at the next height. */
export type Seating = {
  /** In any order, no one twice. */
  readonly voters: readonly VoterId[];
  /** Null before the first block. */
  readonly office: Office | null;
  /** Blocks after which a term is over, ≥ 1. */
  readonly termMax: number;
  /** Ballots received in this term; a voter that is not named has none. */
  readonly ballots: ReadonlyMap<VoterId, number>;
  /** Named by evidence that the last block committed. */
  readonly demoted: ReadonlySet<VoterId>;
  /** Bytes of the genesis that fix the order among equals. */
  readonly seed: Uint8Array;
};

/** Who created a block, and in which term: the two header fields that the office is derived from. */
export type DsoInHeader = { readonly dso: VoterId; readonly term: Term };

/** The term of the first block, and the one whose hash order seats the first candidates. */
const FIRST_TERM = term(1);

/** Places in the list: who keeps the office, who is next, whose term is over, who was caught. */
const RANK = { incumbent: 0, sound: 1, termOver: 2, demoted: 3 } as const;

/**
 * Orders the candidates of a height: the incumbent unless its term is over, the others by ballots and then by
 * hash, then an incumbent whose term is over, then whoever committed evidence names.
 *
 * @param seating committed facts; the order of its voters changes nothing
 * @returns every voter once; the one at `round mod length` is DSO of that round
 */
export function candidates(seating: Seating): readonly VoterId[] {
  const termOfOrder = seating.office?.term ?? FIRST_TERM;
  const places = seating.voters.map((voter) => ({
    voter,
    rank: rankOf(seating, voter),
    ballots: seating.ballots.get(voter) ?? 0,
    draw: drawOf(seating.seed, termOfOrder, voter),
  }));
  places.sort(
    (left, right) =>
      left.rank - right.rank || right.ballots - left.ballots || (left.draw < right.draw ? -1 : 1),
  );
  return places.map((place) => place.voter);
}

/**
 * @param candidates as {@link candidates} orders them, at least one
 * @param round of the height, from 0
 * @returns who is DSO in that round
 * @throws ConsensusError `CONSENSUS_NO_CANDIDATE` for an empty list
 */
export function dsoOf(candidates: readonly VoterId[], round: Round): VoterId {
  const dso = candidates[round % candidates.length];
  if (dso === undefined) throw new ConsensusError("CONSENSUS_NO_CANDIDATE", { round });
  return dso;
}

/**
 * @param seating committed facts
 * @returns true when the incumbent does not keep the office: term served, named by evidence, or no longer a voter
 */
export function isTermOver(seating: Seating): boolean {
  const { office } = seating;
  if (office === null) return false;
  return (
    office.blocksInTerm >= seating.termMax ||
    seating.demoted.has(office.dso) ||
    !seating.voters.includes(office.dso)
  );
}

/**
 * @param before the office that the parent left, null for the first block
 * @param header of the committed block; the round it was certified in plays no part
 * @returns the office it leaves
 */
export function officeAfter(before: Office | null, header: DsoInHeader): Office {
  const continues = before !== null && before.term === header.term;
  return { dso: header.dso, term: header.term, blocksInTerm: continues ? before.blocksInTerm + 1 : 1 };
}

function rankOf(seating: Seating, voter: VoterId): number {
  if (seating.demoted.has(voter)) return RANK.demoted;
  if (voter !== seating.office?.dso) return RANK.sound;
  return isTermOver(seating) ? RANK.termOver : RANK.incumbent;
}

function drawOf(seed: Uint8Array, termOfOrder: Term, voter: VoterId): Hash {
  return hashOf(joinBytes(seed, encode([termOfOrder, voter])));
}
