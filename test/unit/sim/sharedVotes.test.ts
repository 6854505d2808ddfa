/** Lists of votes that grow are the lists that the core makes anew. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as original from "../../../agent/core/consensus/voteKeeper.ts";
import { round } from "../../../agent/core/units.ts";
import * as growing from "../../sim/shared/consensus/voteKeeper.ts";
import {
  block,
  commitBy,
  HEIGHT_1,
  prepareBy,
  roundChangeBy,
  voterIds,
} from "../../support/consensusNodes.ts";
import { seeded } from "../../support/simSchedule.ts";

const votes = suite("lists of votes that grow");

const VOTERS = voterIds(7);
const HASHES = ["a", "b"].map((name) => block(name).blockHash);
/** Few, and above what is kept of a voter, so that its lowest rounds are dropped. */
const ROUNDS = [3, original.ROUNDS_KEPT + 3] as const;
const DRAWN = 400;

type Keeper = original.VoteKeeper;

function assertSame(kept: Keeper, expected: Keeper, rounds: number): void {
  for (const blockHash of HASHES)
    for (let at = 0; at < rounds; at += 1) {
      const place = [round(at), blockHash] as const;
      assert.equal(growing.preparesFor(kept, ...place), original.preparesFor(expected, ...place));
      assert.equal(growing.commitsFor(kept, ...place), original.commitsFor(expected, ...place));
    }
}

function drawnVote(random: () => number, rounds: number) {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const [voter, at, hash] = [pick(VOTERS), Math.floor(random() * rounds), pick(HASHES)];
  return pick([
    prepareBy(voter, at, hash),
    commitBy(voter, at, hash),
    roundChangeBy(voter, at + 1, VOTERS[0]!),
  ]);
}

for (const rounds of ROUNDS)
  votes(`are the same after every vote of ${rounds} rounds, also contradicting and outdated ones`, () => {
    const random = seeded(rounds);
    let kept = growing.emptyKeeper(HEIGHT_1, VOTERS);
    let expected = original.emptyKeeper(HEIGHT_1, VOTERS);
    for (let drawn = 0; drawn < DRAWN; drawn += 1) {
      const vote = drawnVote(random, rounds);
      const next = growing.keepVote(kept, vote);
      const wanted = original.keepVote(expected, vote);
      assert.equal(next.outcome, wanted.outcome);
      [kept, expected] = [next.keeper, wanted.keeper];
      if (drawn % 8 === 0 || drawn < 40) assertSame(kept, expected, rounds);
    }
  });

votes("of a keeper stay what they were when another is made from it, and from that again", () => {
  const first = growing.keepVote(
    growing.emptyKeeper(HEIGHT_1, VOTERS),
    prepareBy("v3", 0, HASHES[0]!),
  ).keeper;
  const left = growing.keepVote(first, prepareBy("v1", 0, HASHES[0]!)).keeper;
  const right = growing.keepVote(first, prepareBy("v2", 0, HASHES[0]!)).keeper;
  const votersIn = (keeper: Keeper) =>
    growing.preparesFor(keeper, round(0), HASHES[0]!).map(({ voter }) => voter);
  assert.equal([first, left, right].map(votersIn), [["v3"], ["v1", "v3"], ["v2", "v3"]]);
});

votes.run();
