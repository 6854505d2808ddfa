import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_VOTERS, maxFaulty, quorum } from "../../../../../agent/core/consensus/quorum.ts";
import { failsWith } from "../../../../support/failure.ts";

const quorums = suite("quorum");

/** Written out by hand: voters, f, q. */
const TABLE = [
  [1, 0, 1],
  [2, 0, 2],
  [3, 0, 2],
  [4, 1, 3],
  [5, 1, 4],
  [6, 1, 4],
  [7, 2, 5],
  [8, 2, 6],
  [9, 2, 6],
  [10, 3, 7],
  [13, 4, 9],
  [100, 33, 67],
  [200, 66, 134],
] as const;

/** The greatest number of liars that n voters bear, by search. */
function liarsBorne(voterCount: number): number {
  let liars = 0;
  while (voterCount >= 3 * (liars + 1) + 1) liars += 1;
  return liars;
}

/** The smallest set of which any two share more than f voters, by search over the smallest overlap. */
function smallestSafeQuorum(voterCount: number, liars: number): number {
  for (let size = 1; size <= voterCount; size++) {
    const overlap = Math.max(0, 2 * size - voterCount);
    if (overlap > liars) return size;
  }
  return Number.NaN;
}

quorums("has the values of the table", () => {
  for (const [voters, faulty, needed] of TABLE) {
    assert.is(maxFaulty(voters), faulty, `f of ${voters}`);
    assert.is(quorum(voters), needed, `q of ${voters}`);
  }
});

quorums("is for 1 to 200 voters the smallest set of which any two share an honest voter", () => {
  for (let voters = 1; voters <= MAX_VOTERS; voters++) {
    assert.is(maxFaulty(voters), liarsBorne(voters), `f of ${voters}`);
    assert.is(quorum(voters), smallestSafeQuorum(voters, liarsBorne(voters)), `q of ${voters}`);
  }
});

quorums("remains when f voters are silent, for 1 to 200 voters", () => {
  for (let voters = 1; voters <= MAX_VOTERS; voters++)
    assert.ok(quorum(voters) <= voters - maxFaulty(voters), `${voters} voters`);
});

quorums("overlaps in an honest voter in every pair of sets, counted one by one up to 7 voters", () => {
  for (let voters = 1; voters <= 7; voters++) {
    const sets = Array.from({ length: 2 ** voters }, (_, set) => set).filter(
      (set) => ones(set) === quorum(voters),
    );
    for (const left of sets)
      for (const right of sets)
        assert.ok(ones(left & right) > maxFaulty(voters), `${voters}: ${left} ${right}`);
  }
});

quorums("is not 2f + 1, which forks where n is not 3f + 1", () => {
  for (const voters of [2, 3, 5, 6, 8, 9, 200])
    assert.ok(quorum(voters) > 2 * maxFaulty(voters) + 1, `${voters}`);
});

quorums("refuses a number of voters outside 1 to 200", async () => {
  for (const voters of [0, -1, 201, 2.5, Number.NaN])
    await failsWith(() => quorum(voters), "CONSENSUS_VOTER_COUNT");
});

function ones(set: number): number {
  return set.toString(2).replaceAll("0", "").length;
}

quorums.run();
