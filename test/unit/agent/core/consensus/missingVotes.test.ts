import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  MAX_ROUNDS_TOLD,
  missingVotes,
  type VotesHeld,
  votesHeld,
} from "../../../../../agent/core/consensus/missingVotes.ts";
import { round } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  prepareBy,
  proposalBy,
  roundChangeBy,
  TestNode,
  voterIds,
} from "../../../../support/consensusNodes.ts";

const test = suite("missingVotes");

const VOTERS = voterIds(4);
const A = block("a");
const NOTHING: ReadonlySet<never> = new Set();

function observer(voters = VOTERS): TestNode {
  return new TestNode({ self: "v4", voters, isVoter: false });
}

function wordsOfHeld(held: readonly VotesHeld[]): readonly string[] {
  return held.flatMap(({ round: of, voters }) =>
    Object.entries(voters).flatMap(([kind, who]) => [...who].map((voter) => `${of} ${kind} ${voter}`)),
  );
}

test("tells whose votes of which kind and round are held", () => {
  const node = observer();
  node.receive(
    prepareBy("v2", 0, A.blockHash),
    commitBy("v3", 0, A.blockHash),
    proposalBy("v1", 0, A),
    roundChangeBy("v2", 2, "v3"),
  );
  assert.equal([...wordsOfHeld(votesHeld(node.state))].sort(), [
    "0 commit v3",
    "0 prepare v2",
    "0 proposal v1",
    "2 round-change v2",
  ]);
});

test("gives what the other lacks, by round, and within a round the proposal before the votes on it", () => {
  const node = observer();
  const change = roundChangeBy("v2", 1, "v2");
  const commit = commitBy("v3", 0, A.blockHash);
  const prepare = prepareBy("v2", 0, A.blockHash);
  const proposal = proposalBy("v1", 0, A);
  node.receive(change, commit, prepare, proposal);
  assert.equal(missingVotes(node.state, [], NOTHING), [proposal, prepare, commit, change]);
});

test("gives nothing to whoever holds the same", () => {
  const node = observer();
  node.receive(proposalBy("v1", 0, A), prepareBy("v2", 0, A.blockHash), roundChangeBy("v3", 1, "v2"));
  assert.equal(missingVotes(node.state, votesHeld(node.state), NOTHING), []);
});

test("what it gives makes the other hold the same, and act on it", () => {
  const [ahead, behind] = [observer(), observer()];
  ahead.receive(proposalBy("v1", 0, A), prepareBy("v2", 0, A.blockHash), prepareBy("v3", 0, A.blockHash));
  behind.receive(prepareBy("v3", 0, A.blockHash));
  behind.receive(...missingVotes(ahead.state, votesHeld(behind.state), NOTHING));
  assert.equal(votesHeld(behind.state), votesHeld(ahead.state));
  assert.is(behind.state.proposal?.blockHash, A.blockHash);
  assert.equal(behind.state.bodies.get(A.blockHash), A.body);
});

test("leaves out the body of a proposal that the other holds", () => {
  const node = observer();
  node.receive(proposalBy("v1", 0, A));
  const [given] = missingVotes(node.state, [], new Set([A.blockHash]));
  assert.equal(given, proposalBy("v1", 0, { ...A, body: null }));
});

test("does not give the proposal of a round that was left: its justification is not kept", () => {
  const node = observer();
  node.receive(proposalBy("v1", 0, A), roundChangeBy("v2", 1, "v2"), roundChangeBy("v3", 1, "v2"));
  assert.is(node.state.round, 1);
  assert.equal(
    missingVotes(node.state, [], NOTHING).map(({ kind }) => kind),
    ["round-change", "round-change"],
  );
});

test("tells of the highest rounds when there are too many", () => {
  const voters = voterIds(9);
  const node = observer(voters);
  voters.slice(0, 8).forEach((voter, index) => {
    for (let at = 0; at < 8; at += 1) node.receive(prepareBy(voter, index * 8 + at, A.blockHash));
  });
  const told = votesHeld(node.state);
  assert.is(told.length, MAX_ROUNDS_TOLD);
  assert.equal([told[0]?.round, told.at(-1)?.round], [round(32), round(63)]);
});

test.run();
