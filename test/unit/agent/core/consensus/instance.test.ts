import { suite } from "uvu";
import * as assert from "uvu/assert";
import { height } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  prepareBy,
  proposalBy,
  roundChangeBy,
  TestNode,
  voterIds,
  wordsOf,
} from "../../../../support/consensusNodes.ts";
import {
  again,
  begin,
  body,
  built,
  judged,
  mandate,
  message,
  PREPARED,
  proposal,
  type Transition,
  timeout,
  transitionSuite,
} from "../../../../support/transitionTable.ts";

const A = block("a");
const B = block("b");

transitionSuite("a replica in round 0", {
  "prepares, commits and decides a block that is right": {
    rows: [
      [begin, ["set-timer 0"]],
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "valid"), ["send prepare 0"]],
      [message(prepareBy("v1", 0, A.blockHash)), []],
      [message(prepareBy("v3", 0, A.blockHash)), ["send commit 0"]],
      [message(prepareBy("v4", 0, A.blockHash)), []],
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(commitBy("v4", 0, A.blockHash)), ["cancel-timer", "decide"]],
      [message(commitBy("v1", 0, A.blockHash)), []],
      [timeout(0), []],
    ],
  },
  "uses votes that came before the proposal": {
    rows: [
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(prepareBy("v3", 0, A.blockHash)), []],
      [message(prepareBy("v4", 0, A.blockHash)), []],
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "valid"), ["send prepare 0", "send commit 0"]],
      [message(commitBy("v1", 0, A.blockHash)), ["decide"]],
    ],
  },
  "prepares before its own round began": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "valid"), ["send prepare 0"]],
      [begin, ["set-timer 0"]],
      [begin, []],
    ],
  },
  "holds an early block, and asks again when its own round begins": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "early"), []],
      [begin, ["set-timer 0", "judge 0 fresh"]],
      [judged(0, "early"), []],
      [judged(0, "valid"), ["send prepare 0"]],
    ],
  },
  "recalls the DSO at once over a block that is wrong": {
    rows: [
      [begin, ["set-timer 0"]],
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "invalid"), ["cancel-timer", "recall 0>1 invalid-proposal v2", "send round-change 1"]],
      [judged(0, "valid"), []],
    ],
  },
  "recalls a silent DSO when the timer runs out, once": {
    rows: [
      [begin, ["set-timer 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [timeout(0), []],
      [timeout(1), []],
    ],
  },
  "does not heed a timer that was not set": { rows: [[timeout(0), []]] },
  "passes over answers to other questions": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "valid", B), []],
      [judged(1, "valid"), []],
      [built(0), []],
      [body(B), []],
      [judged(0, "valid"), ["send prepare 0"]],
      [judged(0, "invalid"), []],
    ],
  },
  "decides a block it found wrong itself when a quorum committed it": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "invalid"), ["recall 0>1 invalid-proposal v2", "send round-change 1"]],
      [message(commitBy("v1", 0, A.blockHash)), []],
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(commitBy("v4", 0, A.blockHash)), ["decide"]],
    ],
  },
}).run();

transitionSuite("a gateway that lacks a body", {
  "asks for it once a quorum has committed its hash, and decides when it comes": {
    rows: [
      [message(commitBy("v1", 0, A.blockHash)), []],
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(commitBy("v4", 0, A.blockHash)), ["need-body"]],
      [body(B), []],
      [body(), ["decide"]],
    ],
  },
  "goes on asking for it in later rounds: what a quorum has committed is decided, whatever the round": {
    rows: [
      [begin, ["set-timer 0"]],
      [message(commitBy("v1", 0, A.blockHash)), []],
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(commitBy("v4", 0, A.blockHash)), ["need-body"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [body(), ["decide"]],
    ],
  },
  "decides also when the late proposal brings it": {
    rows: [
      [message(commitBy("v1", 0, A.blockHash)), []],
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(commitBy("v4", 0, A.blockHash)), ["need-body"]],
      [message(proposal(0)), ["decide"]],
    ],
  },
  "asks for that of a block proposed again without it, then judges": {
    rows: [
      [
        message(again(2, { ...A, body: null })),
        ["recall 0>2 jump v3", "send round-change 2", "set-timer 2", "need-body"],
      ],
      [body(), ["judge 2 again"]],
      [judged(2, "valid"), ["send prepare 2"]],
    ],
  },
  "judges it as well when a proposal of a round that was left brings it": {
    rows: [
      [
        message(again(2, { ...A, body: null })),
        ["recall 0>2 jump v3", "send round-change 2", "set-timer 2", "need-body"],
      ],
      [message(proposal(0)), ["judge 2 again"]],
    ],
  },
  "proposes again also when a proposal of a round that was left brings it": {
    rows: [
      [message(roundChangeBy("v1", 1, "v2", PREPARED)), []],
      [
        message(roundChangeBy("v3", 1, "v2")),
        ["recall 0>1 jump v2", "send round-change 1", "set-timer 1", "need-body"],
      ],
      [message(proposal(0)), ["send proposal 1", "judge 1 again"]],
    ],
  },
  "asks for that of the block it must propose again, then proposes": {
    rows: [
      [message(roundChangeBy("v1", 1, "v2", PREPARED)), []],
      [
        message(roundChangeBy("v3", 1, "v2")),
        ["recall 0>1 jump v2", "send round-change 1", "set-timer 1", "need-body"],
      ],
      [message(roundChangeBy("v4", 1, "v2")), []],
      [body(), ["send proposal 1", "judge 1 again"]],
    ],
  },
}).run();

transitionSuite("the DSO of round 0", {
  "builds when its round begins, proposes, and does not judge its own block": {
    self: "v1",
    rows: [
      [begin, ["set-timer 0", "build 0"]],
      [built(0), ["send proposal 0", "send prepare 0"]],
      [built(0, B), []],
    ],
  },
  "does not propose once it has left the round": {
    self: "v1",
    rows: [
      [begin, ["set-timer 0", "build 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [built(0), []],
    ],
  },
  "does not build when the others had left the round before it began": {
    self: "v1",
    rows: [
      [message(roundChangeBy("v3", 1, "v2")), []],
      [message(roundChangeBy("v4", 1, "v2")), ["recall 0>1 jump v2", "send round-change 1", "set-timer 1"]],
      [begin, []],
    ],
  },
}).run();

transitionSuite("an observer", {
  "sends, builds, judges and times nothing, but follows and decides": {
    self: "v1",
    isVoter: false,
    rows: [
      [begin, []],
      [message(proposal(0)), []],
      [message(proposal(2)), ["recall 0>2 jump v3"]],
      [timeout(2), []],
      [message(prepareBy("v2", 2, A.blockHash)), []],
      [message(prepareBy("v3", 2, A.blockHash)), []],
      [message(prepareBy("v4", 2, A.blockHash)), []],
      [message(commitBy("v2", 2, A.blockHash)), []],
      [message(commitBy("v3", 2, A.blockHash)), []],
      [message(commitBy("v4", 2, A.blockHash)), ["decide"]],
    ],
  },
}).run();

transitionSuite("a message that is not taken", {
  "is counted by its code": {
    rows: [
      [message(proposalBy("v3", 0, A)), ["refused NOT_IN_OFFICE v3"]],
      [message(proposalBy("v3", 2, A)), ["refused UNJUSTIFIED_PROPOSAL v3"]],
      [message(proposalBy("v1", 0, A, mandate(0, "v1"))), ["refused UNJUSTIFIED_PROPOSAL v1"]],
      [message(proposalBy("v3", 2, B, mandate(2, "v3", PREPARED))), ["refused UNJUSTIFIED_PROPOSAL v3"]],
      [message({ ...prepareBy("v1", 0, A.blockHash), height: height(2) }), ["refused WRONG_HEIGHT v1"]],
      [message(prepareBy("x", 0, A.blockHash)), ["refused UNKNOWN_VOTER x"]],
      [message(roundChangeBy("v1", 1, "v3")), ["refused WRONG_CANDIDATE v1"]],
      [message(roundChangeBy("v1", 0, "v1")), ["refused BAD_ROUND_CHANGE v1"]],
      [
        message({ ...roundChangeBy("v1", 1, "v2", PREPARED), prepared: null }),
        ["refused BAD_ROUND_CHANGE v1"],
      ],
    ],
  },
  "because it is a second one is reported as equivocation, once, also after the decision": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [message(proposal(0, B)), ["equivocation"]],
      [message(proposal(0, B)), []],
      [message(proposal(0)), []],
      ...["v1", "v3"].map((voter): Transition => [message(commitBy(voter, 0, A.blockHash)), []]),
      [message(commitBy("v4", 0, A.blockHash)), ["decide"]],
      [message(commitBy("v4", 0, B.blockHash)), ["equivocation"]],
    ],
  },
}).run();

const alone = suite("few voters");

for (const count of [1, 2, 3]) {
  alone(`${count} of them decide together, the first as DSO`, () => {
    const voters = voterIds(count);
    const nodes = voters.map((self) => new TestNode({ self, voters }));
    for (const node of nodes) node.give(begin);
    nodes[0]?.give(built(0));
    for (const _phase of ["proposal", "prepare", "commit"]) {
      for (const node of nodes) {
        node.receive(...nodes.flatMap((peer) => (peer === node ? [] : peer.sent)));
        node.give(judged(0, "valid"));
      }
    }
    for (const node of nodes) assert.is(wordsOf(node.outputs).filter((word) => word === "decide").length, 1);
  });
}

alone("one of them alone recalls itself and takes office again", () => {
  const node = new TestNode({ self: "v1", voters: ["v1"] });
  assert.equal(wordsOf(node.give(begin)), ["set-timer 0", "build 0"]);
  assert.equal(wordsOf(node.timeout(0)), [
    "cancel-timer",
    "recall 0>1 timeout v1",
    "send round-change 1",
    "set-timer 1",
    "build 1",
  ]);
  assert.equal(wordsOf(node.give(built(1))), [
    "send proposal 1",
    "send prepare 1",
    "send commit 1",
    "cancel-timer",
    "decide",
  ]);
});

alone.run();
