/** A gateway that restarts in the middle of a height goes on where it was: S1, S2, S4 by name. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { apply, startInstance } from "../../../../../agent/core/consensus/instance.ts";
import type { InstanceConfig } from "../../../../../agent/core/consensus/instanceState.ts";
import { buildJustification } from "../../../../../agent/core/consensus/justification.ts";
import type { Justification } from "../../../../../agent/core/consensus/message.ts";
import { resumeInstance } from "../../../../../agent/core/consensus/resume.ts";
import { round } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  HEIGHT_1,
  prepareBy,
  proposalBy,
  roundChangeBy,
  TestNode,
  voterIds,
  wordsOf,
} from "../../../../support/consensusNodes.ts";

const VOTERS = voterIds(4);
const A = block("a");
const B = block("b");
const replica = (self = "v2"): TestNode => new TestNode({ self, voters: VOTERS });
const configOf = (self: string): InstanceConfig => ({
  height: HEIGHT_1,
  self,
  isVoter: true,
  voters: VOTERS,
  candidates: VOTERS,
});
const valid = (at: number, of = A) =>
  ({ kind: "judged", round: round(at), blockHash: of.blockHash, verdict: "valid" }) as const;
const mandate = (at: number, candidate: string): Justification =>
  buildJustification(
    ["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, at, candidate)),
    VOTERS,
  );
const others = (atRound: number, of = A) =>
  ["v1", "v3"].map((voter) => prepareBy(voter, atRound, of.blockHash));

/** A replica that prepared and committed A in round 0. */
function committed(): TestNode {
  const node = replica();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  node.receive(...others(0));
  assert.is(node.sentOf("commit").length, 1);
  return node;
}

const resume = suite("a resumed gateway");

resume("without votes is a started one", () => {
  assert.equal(resumeInstance(configOf("v2"), []), startInstance(configOf("v2")));
});

resume("passes over votes of another height and of another voter", () => {
  const other = { ...configOf("v3"), height: HEIGHT_1 };
  const votes = committed().journal;
  assert.equal(resumeInstance(other, votes), startInstance(other));
});

resume("S1: that prepared a block prepares no other in that round, and not the same again", () => {
  const node = replica();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  node.restart();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, B));
  node.give(valid(0, B));
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  assert.equal(
    node.sentOf("prepare").map((vote) => vote.blockHash),
    [A.blockHash],
  );
});

resume("S1: that committed in a round commits no more in it", () => {
  const node = committed();
  node.restart();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A), ...others(0));
  node.give(valid(0));
  assert.is(node.sentOf("commit").length, 1);
  assert.is(node.sentOf("prepare").length, 1);
});

resume("S1: that proposed in round 0 builds no other block, and prepares its own", () => {
  const node = replica("v1");
  const proposing = apply(apply(node.state, { kind: "begin" }).state, {
    kind: "built",
    round: round(0),
    ...A,
  });
  const sending = proposing.outputs.find((output) => output.kind === "sign-and-send");
  assert.is(sending?.message.kind, "proposal");
  node.journal = [{ message: proposalBy("v1", 0, A), basis: null }];
  const answers = node.restart();
  assert.equal(wordsOf(answers), ["send prepare 0"]);
  assert.equal(wordsOf(node.give({ kind: "begin" })), ["set-timer 0"]);
  node.give({ kind: "built", round: round(0), ...B });
  assert.is(node.sentOf("proposal").length, 0);
});

resume("S1: that proposed in a later round proposes no other in it", () => {
  const node = replica("v2");
  node.receive(...["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, 1, "v2")));
  node.give({ kind: "built", round: round(1), ...A });
  node.restart();
  node.receive(...["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, 1, "v2")));
  node.give({ kind: "built", round: round(1), ...B });
  assert.equal(
    node.sentOf("proposal").map((vote) => vote.blockHash),
    [A.blockHash],
  );
});

resume("S2: that left a round votes in it no more", () => {
  const node = replica();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A));
  node.timeout(0);
  node.restart();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A), ...others(0), prepareBy("v4", 0, A.blockHash));
  node.give(valid(0));
  assert.is(node.state.round, 1);
  assert.equal(
    node.sent.map((vote) => `${vote.kind} ${vote.round}`),
    ["round-change 1"],
  );
});

resume("S2: is in the highest round it voted in, and leaves it only forward", () => {
  const node = replica();
  node.receive(proposalBy("v4", 3, A, mandate(3, "v4")));
  node.give(valid(3));
  node.restart();
  assert.is(node.state.round, 3);
  node.receive(proposalBy("v3", 2, B, mandate(2, "v3")));
  node.give(valid(2, B));
  assert.is(node.sentOf("prepare", 2).length, 0);
  node.receive(...["v1", "v4"].map((voter) => roundChangeBy(voter, 5, "v2")));
  assert.is(node.state.round, 5);
});

resume("S4: that prepared and holds the block commits once the PREPAREs are there again", () => {
  const node = replica();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  node.restart();
  node.receive(...others(0));
  assert.is(node.sentOf("commit").length, 0, "the body is not there yet");
  node.receive(proposalBy("v1", 0, A));
  assert.is(node.sentOf("commit").length, 1);
  assert.is(node.sentOf("prepare").length, 1);
});

resume("S4: claims what it prepared, with its proof, in every later ROUND_CHANGE", () => {
  const node = committed();
  node.restart();
  node.give({ kind: "begin" });
  node.timeout(0);
  node.restart();
  node.receive(...["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, 6, "v3")));
  const claims = node
    .sentOf("round-change")
    .map((vote) => [vote.round, vote.preparedRound, vote.preparedHash]);
  assert.equal(claims, [
    [1, 0, A.blockHash],
    [6, 0, A.blockHash],
  ]);
  assert.is(node.sentOf("round-change", 6)[0]?.prepared?.signers.length, 3);
});

resume("S4: in office proposes again what it prepared, from the body it kept", () => {
  const node = committed();
  node.timeout(0);
  node.restart();
  node.receive(...["v1", "v3"].map((voter) => roundChangeBy(voter, 1, "v2")));
  const [proposal] = node.sentOf("proposal", 1);
  assert.is(proposal?.blockHash, A.blockHash);
  assert.equal(proposal?.body, A.body);
});

resume("decides on the COMMITs of others and its own, from the body it kept", () => {
  const node = committed();
  node.restart();
  const outputs = node.receive(commitBy("v1", 0, A.blockHash), commitBy("v4", 0, A.blockHash));
  assert.ok(wordsOf(outputs).includes("decide"));
});

resume("counts its stored ROUND_CHANGE: the timer of its round starts with the quorum's", () => {
  const node = replica();
  node.give({ kind: "begin" });
  node.timeout(0);
  node.restart();
  const outputs = node.receive(...["v3", "v4"].map((voter) => roundChangeBy(voter, 1, "v2")));
  assert.ok(wordsOf(outputs).includes("set-timer 1"));
});

resume.run();
