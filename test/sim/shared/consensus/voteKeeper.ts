/**
 * One list of a block's PREPAREs and COMMITs that grows with each vote, where the core makes it anew after every vote:
 * in a street of 200 that is most of a height. A keeper hands its lists on to the one that is made from it; whoever
 * has none, and what does not simply grow, is given to the original.
 */
import type { VoterId } from "../../../../agent/core/consensus/candidates.ts";
import type { Commit, Prepare } from "../../../../agent/core/consensus/message.ts";
import * as original from "../../../../agent/core/consensus/voteKeeper.ts";
import type { Hash } from "../../../../agent/core/hash.ts";
import type { Round } from "../../../../agent/core/units.ts";
import { isWorkShared } from "../sharedWork.ts";

type Counted = Prepare | Commit;
type Lists = {
  /** Place of each voter in the roster. */
  readonly places: ReadonlyMap<VoterId, number>;
  /** By kind, round and block: votes in roster order. */
  readonly votes: Map<string, Counted[]>;
};

const listsOf = new WeakMap<original.VoteKeeper, Lists>();

export * from "../../../../agent/core/consensus/voteKeeper.ts";

export const emptyKeeper: typeof original.emptyKeeper = (height, voters) => {
  const keeper = original.emptyKeeper(height, voters);
  const places = new Map([...keeper.voters.keys()].map((voter, place) => [voter, place]));
  if (isWorkShared()) listsOf.set(keeper, { places, votes: new Map() });
  return keeper;
};

export const keepVote: typeof original.keepVote = (keeper, vote) => {
  const kept = original.keepVote(keeper, vote);
  const lists = listsOf.get(keeper);
  if (kept.keeper === keeper || lists === undefined) return kept;
  listsOf.delete(keeper);
  // Whoever votes in round after round has its lowest dropped; evidence changes nobody's votes.
  const isGrown = kept.outcome.kind === "kept" && vote.round < original.ROUNDS_KEPT;
  if (!isGrown) return kept;
  if (vote.kind === "prepare" || vote.kind === "commit") insert(lists, vote);
  listsOf.set(kept.keeper, lists);
  return kept;
};

export const preparesFor: typeof original.preparesFor = (keeper, round, blockHash) =>
  (listed(keeper, "prepare", round, blockHash) as readonly Prepare[] | null) ??
  original.preparesFor(keeper, round, blockHash);

export const commitsFor: typeof original.commitsFor = (keeper, round, blockHash) =>
  (listed(keeper, "commit", round, blockHash) as readonly Commit[] | null) ??
  original.commitsFor(keeper, round, blockHash);

/** A copy: the list goes on growing. */
function listed(
  keeper: original.VoteKeeper,
  kind: Counted["kind"],
  round: Round,
  blockHash: Hash,
): readonly Counted[] | null {
  const lists = listsOf.get(keeper);
  return lists === undefined ? null : [...(lists.votes.get(keyOf(kind, round, blockHash)) ?? [])];
}

function insert({ places, votes }: Lists, vote: Counted): void {
  const key = keyOf(vote.kind, vote.round, vote.blockHash);
  const list = votes.get(key) ?? [];
  votes.set(key, list);
  const place = placeOf(places, vote);
  let at = list.length;
  while (at > 0 && placeOf(places, list[at - 1]!) > place) at -= 1;
  list.splice(at, 0, vote);
}

function placeOf(places: Lists["places"], { voter }: Counted): number {
  return places.get(voter) ?? Number.POSITIVE_INFINITY;
}

function keyOf(kind: Counted["kind"], round: Round, blockHash: Hash): string {
  return `${kind}/${round}/${blockHash}`;
}
