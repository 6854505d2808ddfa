import { suite } from "uvu";
import * as assert from "uvu/assert";
import { itemListOf } from "../../../../../agent/core/consensus/item.ts";
import type { KeptVote, VoteKeeper } from "../../../../../agent/core/consensus/voteKeeper.ts";
import {
  commitsFor,
  emptyKeeper,
  keepVote,
  preparesFor,
  ROUNDS_KEPT,
  roundChangesFor,
  votesOf,
} from "../../../../../agent/core/consensus/voteKeeper.ts";
import { height, round } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  HEIGHT_1,
  prepareBy,
  roundChangeBy,
  voterIds,
} from "../../../../support/consensusNodes.ts";

const keeper = suite("voteKeeper");

const VOTERS = voterIds(4);
const A = block("a").blockHash;
const B = block("b").blockHash;
const HELD = itemListOf([{ kind: "reading", position: 1, signer: 2 }]);

/** Keeps votes in order. @returns the keeper and a word for each */
function keepAll(...votes: readonly KeptVote[]): { kept: VoteKeeper; words: string[] } {
  let kept = emptyKeeper(HEIGHT_1, VOTERS);
  const words: string[] = [];
  for (const vote of votes) {
    const next = keepVote(kept, vote);
    kept = next.keeper;
    words.push(next.outcome.kind === "refused" ? next.outcome.code : next.outcome.kind);
  }
  return { kept, words };
}

keeper("counts each voter once, for one hash of one round", () => {
  const { kept } = keepAll(
    prepareBy("v1", 0, A),
    prepareBy("v1", 0, A),
    prepareBy("v2", 0, B),
    prepareBy("v3", 1, A),
    prepareBy("v4", 0, A),
    commitBy("v2", 0, A),
  );
  assert.equal(
    preparesFor(kept, round(0), A).map((vote) => vote.voter),
    ["v1", "v4"],
  );
  assert.equal(
    commitsFor(kept, round(0), A).map((vote) => vote.voter),
    ["v2"],
  );
});

keeper("keeps the first of two different votes and tells of the second once", () => {
  const first = prepareBy("v1", 0, A);
  const second = prepareBy("v1", 0, B);
  const { kept, words } = keepAll(first, second, second, prepareBy("v1", 0, block("c").blockHash));
  assert.equal(words, ["kept", "equivocation", "duplicate", "duplicate"]);
  assert.equal(preparesFor(kept, round(0), A), [first]);
  assert.equal(preparesFor(kept, round(0), B), []);
  const { outcome } = keepVote(keepAll(first).kept, second);
  assert.equal(outcome, { kind: "equivocation", first, second });
});

keeper("takes a COMMIT that says it holds something else for a second vote", () => {
  assert.equal(keepAll(commitBy("v1", 0, A), commitBy("v1", 0, A, HELD)).words, ["kept", "equivocation"]);
});

keeper("tells of equivocation in each round and kind by itself", () => {
  const { words } = keepAll(
    prepareBy("v1", 0, A),
    commitBy("v1", 0, B),
    prepareBy("v1", 1, B),
    roundChangeBy("v1", 1, "v2"),
    prepareBy("v1", 1, A),
    roundChangeBy("v1", 1, "v3"),
  );
  assert.equal(words, ["kept", "kept", "kept", "kept", "equivocation", "equivocation"]);
});

keeper("keeps the 8 highest rounds of a voter, so that a flood costs its sender alone", () => {
  const flood = Array.from({ length: 500 }, (_, at) => prepareBy("v1", 100 + at, A));
  const { kept, words } = keepAll(prepareBy("v2", 3, A), ...flood, prepareBy("v1", 3, A));
  assert.is(words.at(-1), "OUTDATED_VOTE");
  assert.is(votesOf(kept).filter((vote) => "voter" in vote && vote.voter === "v1").length, ROUNDS_KEPT);
  assert.is(preparesFor(kept, round(3), A).length, 1);
  assert.is(preparesFor(kept, round(599), A).length, 1);
});

keeper("always keeps a voter's highest ROUND_CHANGE", () => {
  const vote = roundChangeBy("v1", 5, "v2");
  const flood = Array.from({ length: 20 }, (_, at) => prepareBy("v1", 10 + at, A));
  const { kept, words } = keepAll(
    vote,
    ...flood,
    vote,
    roundChangeBy("v1", 4, "v1"),
    roundChangeBy("v1", 6, "v3"),
  );
  assert.equal(words.slice(-3), ["duplicate", "OUTDATED_VOTE", "kept"]);
  assert.equal(roundChangesFor(kept, round(6)).length, 1);
  assert.is(votesOf(kept).length, ROUNDS_KEPT + 1);
});

keeper("finds a second, different ROUND_CHANGE also where only the highest was kept", () => {
  const flood = Array.from({ length: 20 }, (_, at) => prepareBy("v1", 10 + at, A));
  const { words } = keepAll(roundChangeBy("v1", 5, "v2"), ...flood, roundChangeBy("v1", 5, "v3"));
  assert.is(words.at(-1), "equivocation");
});

keeper("refuses strangers and other heights", () => {
  const { words } = keepAll(prepareBy("x", 0, A), { ...prepareBy("v1", 0, A), height: height(2) });
  assert.equal(words, ["UNKNOWN_VOTER", "WRONG_HEIGHT"]);
});

keeper("leaves the keeper it was given as it was", () => {
  const { kept } = keepAll(prepareBy("v1", 0, A));
  keepVote(kept, prepareBy("v2", 0, A));
  assert.is(preparesFor(kept, round(0), A).length, 1);
});

keeper.run();
