/** Rules S1 to S4 of an honest voter, each by name. S5 is kept by whoever starts instances. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  buildPreparedCertificate,
  verifyPreparedCertificate,
} from "../../../../../agent/core/consensus/certificate.ts";
import { apply } from "../../../../../agent/core/consensus/instance.ts";
import { buildJustification } from "../../../../../agent/core/consensus/justification.ts";
import type { Justification, Message } from "../../../../../agent/core/consensus/message.ts";
import { round } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  prepareBy,
  proposalBy,
  roundChangeBy,
  TestNode,
  verifyContext,
  voterIds,
  wordsOf,
} from "../../../../support/consensusNodes.ts";

const rules = suite("rules of an honest voter");

const VOTERS = voterIds(4);
const A = block("a");
const B = block("b");
const replica = (self = "v2"): TestNode => new TestNode({ self, voters: VOTERS });
const valid = (at: number, of = A) =>
  ({ kind: "judged", round: round(at), blockHash: of.blockHash, verdict: "valid" }) as const;
const mandate = (at: number, candidate: string): Justification =>
  buildJustification(
    ["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, at, candidate)),
    VOTERS,
  );

rules("S1: a replica prepares one block of a round, whatever else the DSO proposes", () => {
  const node = replica();
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  node.receive(proposalBy("v1", 0, B));
  node.give(valid(0, B));
  assert.equal(
    node.sentOf("prepare").map((vote) => vote.blockHash),
    [A.blockHash],
  );
});

rules("S1: a replica commits once in a round, however often PREPAREs come", () => {
  const node = replica();
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  const prepares = ["v1", "v3", "v4"].map((voter) => prepareBy(voter, 0, A.blockHash));
  node.receive(...prepares, ...prepares);
  assert.is(node.sentOf("commit").length, 1);
});

rules("S1: the DSO proposes once in a round, however often its block is built", () => {
  const node = replica("v1");
  node.give({ kind: "begin" });
  node.give({ kind: "built", round: round(0), ...A });
  node.give({ kind: "built", round: round(0), ...B });
  node.give({ kind: "begin" });
  assert.equal(
    node.sentOf("proposal").map((vote) => vote.blockHash),
    [A.blockHash],
  );
});

rules("S1: the DSO of a later round proposes once, however many ROUND_CHANGEs come", () => {
  const node = replica("v2");
  node.receive(...["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, 1, "v2")));
  node.give({ kind: "built", round: round(1), ...A });
  node.receive(roundChangeBy("v1", 1, "v2"));
  node.give({ kind: "built", round: round(1), ...B });
  assert.is(node.sentOf("proposal").length, 1);
  assert.is(wordsOf(node.outputs).filter((word) => word === "build 1").length, 1);
});

rules("S2: after a ROUND_CHANGE no PREPARE and no COMMIT of a lower round", () => {
  const node = replica();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A));
  node.timeout(0);
  node.give(valid(0));
  node.receive(
    proposalBy("v1", 0, A),
    ...["v1", "v3", "v4"].map((voter) => prepareBy(voter, 0, A.blockHash)),
  );
  node.give(valid(0));
  assert.equal(
    node.sent.map((vote) => `${vote.kind} ${vote.round}`),
    ["round-change 1"],
  );
});

rules("S2: a replica that prepared and then left the round does not commit in it", () => {
  const node = replica();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  node.timeout(0);
  node.receive(...["v1", "v3", "v4"].map((voter) => prepareBy(voter, 0, A.blockHash)));
  assert.is(node.sentOf("commit").length, 0);
  assert.is(node.sentOf("round-change")[0]?.preparedHash, null);
});

rules("S2: after a ROUND_CHANGE no PROPOSAL of a lower round", () => {
  const node = replica("v1");
  node.give({ kind: "begin" });
  node.timeout(0);
  node.give({ kind: "built", round: round(0), ...A });
  assert.is(node.sentOf("proposal").length, 0);
});

rules("S2: whatever comes, the round never goes back", () => {
  const node = replica();
  node.receive(proposalBy("v1", 4, A, mandate(4, "v1")));
  node.receive(proposalBy("v4", 3, B, mandate(3, "v4")));
  node.receive(roundChangeBy("v1", 2, "v3"), roundChangeBy("v3", 2, "v3"), roundChangeBy("v4", 2, "v3"));
  node.timeout(0);
  node.timeout(1);
  assert.is(node.state.round, 4);
  assert.equal(
    node.sent.map((vote) => `${vote.kind} ${vote.round}`),
    ["round-change 4"],
  );
});

rules("S3: no PREPARE above round 0 without a valid justification", () => {
  const prepared = buildPreparedCertificate(
    ["v1", "v3", "v4"].map((voter) => prepareBy(voter, 0, A.blockHash)),
    VOTERS,
  );
  const needsA = buildJustification(
    ["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, 2, "v3", prepared)),
    VOTERS,
  );
  const { signers } = needsA.roundChanges;
  const tooFew = { ...needsA, roundChanges: { ...needsA.roundChanges, signers: signers.slice(1) } };
  const refused: readonly (readonly [string, Message])[] = [
    ["none", proposalBy("v3", 2, A)],
    ["of too few", proposalBy("v3", 2, A, tooFew)],
    ["that demands another block", proposalBy("v3", 2, B, needsA)],
    ["without its proof", proposalBy("v3", 2, B, { ...needsA, prepared: null })],
    ["of another round", proposalBy("v3", 2, B, mandate(6, "v3"))],
  ];
  for (const [what, proposal] of refused) {
    const node = replica();
    assert.equal(wordsOf(node.receive(proposal)), ["refused UNJUSTIFIED_PROPOSAL v3"], what);
    node.give(valid(2));
    node.give(valid(2, B));
    assert.equal(node.sent, [], what);
  }
  const node = replica();
  node.receive(proposalBy("v3", 2, A, needsA));
  node.give(valid(2));
  assert.is(node.sentOf("prepare", 2).length, 1);
});

rules("S4: no COMMIT on PREPAREs of mixed rounds or blocks, nor on a quorum less one", () => {
  const node = replica();
  node.receive(proposalBy("v3", 2, A, mandate(2, "v3")));
  node.give(valid(2));
  node.receive(
    prepareBy("v1", 0, A.blockHash),
    prepareBy("v3", 1, A.blockHash),
    prepareBy("v4", 2, B.blockHash),
  );
  assert.is(node.sentOf("commit").length, 0);
  node.receive(prepareBy("v1", 2, A.blockHash));
  assert.is(node.sentOf("commit").length, 0, "two of three");
  node.receive(prepareBy("v3", 2, A.blockHash));
  assert.is(node.sentOf("commit").length, 1);
});

rules("S4: no COMMIT for a block that this gateway did not find right itself", () => {
  const node = replica();
  node.receive(
    proposalBy("v1", 0, A),
    ...["v1", "v3", "v4"].map((voter) => prepareBy(voter, 0, A.blockHash)),
  );
  assert.is(node.sentOf("commit").length, 0);
  node.give(valid(0));
  assert.is(node.sentOf("commit").length, 1);
});

rules("S4: the DSO judges a block in its name that it did not build", () => {
  const node = replica("v1");
  assert.equal(wordsOf(node.give({ kind: "begin" })), ["set-timer 0", "build 0"]);
  assert.equal(wordsOf(node.receive(proposalBy("v1", 0, B))), ["judge 0 fresh"]);
});

rules("S4: the COMMIT goes into one write with its body and the proof it rests on", () => {
  const node = replica();
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  const outputs = node.receive(prepareBy("v1", 0, A.blockHash), prepareBy("v4", 0, A.blockHash));
  const [commit] = outputs.filter((output) => output.kind === "sign-and-send");
  assert.is(commit?.message.kind, "commit");
  assert.equal(commit?.rest?.body, A.body);
  assert.is(
    commit?.rest && verifyPreparedCertificate(commit.rest.prepared, verifyContext(VOTERS)).kind,
    "accept",
  );
});

rules("S4: what was prepared stays claimed, with its proof, in every later ROUND_CHANGE", () => {
  const node = replica();
  node.give({ kind: "begin" });
  node.receive(proposalBy("v1", 0, A));
  node.give(valid(0));
  node.receive(prepareBy("v1", 0, A.blockHash), prepareBy("v4", 0, A.blockHash));
  node.timeout(0);
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

rules("leave a state as it was when an input is applied to it", () => {
  const node = replica();
  node.receive(proposalBy("v1", 0, A));
  const before = node.state;
  const copy = structuredClone(before);
  apply(before, valid(0));
  apply(before, { kind: "message", message: commitBy("v3", 0, A.blockHash) });
  apply(before, { kind: "message", message: proposalBy("v3", 2, B, mandate(2, "v3")) });
  assert.equal(before, copy);
});

rules.run();
