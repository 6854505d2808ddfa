import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildPreparedCertificate } from "../../../../../agent/core/consensus/certificate.ts";
import type { InstanceInput } from "../../../../../agent/core/consensus/instanceState.ts";
import { buildJustification } from "../../../../../agent/core/consensus/justification.ts";
import type { Message, PreparedCertificate } from "../../../../../agent/core/consensus/message.ts";
import { height, round } from "../../../../../agent/core/units.ts";
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

const VOTERS = voterIds(4);
const A = block("a");
const B = block("b");

const BEGIN: InstanceInput = { kind: "begin" };
const message = (sent: Message): InstanceInput => ({ kind: "message", message: sent });
const timeout = (at: number): InstanceInput => ({ kind: "timeout", round: round(at) });
const judged = (at: number, verdict: "valid" | "invalid" | "early", of = A): InstanceInput => ({
  kind: "judged",
  round: round(at),
  blockHash: of.blockHash,
  verdict,
});
const built = (at: number, of = A): InstanceInput => ({ kind: "built", round: round(at), ...of });
const body = (of = A): InstanceInput => ({ kind: "body", ...of });

const PREPARED: PreparedCertificate = buildPreparedCertificate(
  ["v1", "v3", "v4"].map((voter) => prepareBy(voter, 0, A.blockHash)),
  VOTERS,
);
const mandate = (at: number, candidate: string, prepared: PreparedCertificate | null = null) =>
  buildJustification(
    ["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, at, candidate, prepared)),
    VOTERS,
  );
const proposal = (
  at: number,
  of: { readonly blockHash: typeof A.blockHash; readonly body: Uint8Array | null } = A,
) => proposalBy(VOTERS[at % 4] ?? "", at, of, at === 0 ? null : mandate(at, VOTERS[at % 4] ?? ""));
const again = (
  at: number,
  of: { readonly blockHash: typeof A.blockHash; readonly body: Uint8Array | null } = A,
) => proposalBy(VOTERS[at % 4] ?? "", at, of, mandate(at, VOTERS[at % 4] ?? "", PREPARED));

type Row = readonly [input: InstanceInput, outputs: readonly string[]];
type Table = Readonly<
  Record<string, { readonly self?: string; readonly isVoter?: boolean; readonly rows: readonly Row[] }>
>;

function play(name: string, table: Table): void {
  const transitions = suite(name);
  for (const [what, { self = "v2", isVoter = true, rows }] of Object.entries(table)) {
    transitions(what, () => {
      const node = new TestNode({ self, isVoter, voters: VOTERS });
      for (const [index, [input, outputs]] of rows.entries())
        assert.equal(wordsOf(node.give(input)), outputs, `step ${index + 1}`);
    });
  }
  transitions.run();
}

play("a replica in round 0", {
  "prepares, commits and decides a block that is right": {
    rows: [
      [BEGIN, ["set-timer 0"]],
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
      [BEGIN, ["set-timer 0"]],
      [BEGIN, []],
    ],
  },
  "holds an early block, and asks again when its own round begins": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "early"), []],
      [BEGIN, ["set-timer 0", "judge 0 fresh"]],
      [judged(0, "early"), []],
      [judged(0, "valid"), ["send prepare 0"]],
    ],
  },
  "recalls the DSO at once over a block that is wrong": {
    rows: [
      [BEGIN, ["set-timer 0"]],
      [message(proposal(0)), ["judge 0 fresh"]],
      [judged(0, "invalid"), ["cancel-timer", "recall 0>1 invalid-proposal v2", "send round-change 1"]],
      [judged(0, "valid"), []],
    ],
  },
  "recalls a silent DSO when the timer runs out, once": {
    rows: [
      [BEGIN, ["set-timer 0"]],
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
});

play("a gateway that lacks a body", {
  "asks for it once a quorum has committed its hash, and decides when it comes": {
    rows: [
      [message(commitBy("v1", 0, A.blockHash)), []],
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(commitBy("v4", 0, A.blockHash)), ["need-body"]],
      [body(B), []],
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
});

play("the DSO of round 0", {
  "builds when its round begins, proposes, and does not judge its own block": {
    self: "v1",
    rows: [
      [BEGIN, ["set-timer 0", "build 0"]],
      [built(0), ["send proposal 0", "send prepare 0"]],
      [built(0, B), []],
    ],
  },
  "does not propose once it has left the round": {
    self: "v1",
    rows: [
      [BEGIN, ["set-timer 0", "build 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [built(0), []],
    ],
  },
  "does not build when the others had left the round before it began": {
    self: "v1",
    rows: [
      [message(roundChangeBy("v3", 1, "v2")), []],
      [message(roundChangeBy("v4", 1, "v2")), ["recall 0>1 jump v2", "send round-change 1", "set-timer 1"]],
      [BEGIN, []],
    ],
  },
});

play("the DSO of a later round", {
  "builds a block of its own when nobody prepared one": {
    rows: [
      [BEGIN, ["set-timer 0"]],
      [message(roundChangeBy("v3", 1, "v2")), []],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [message(roundChangeBy("v4", 1, "v2")), ["set-timer 1", "build 1"]],
      [message(roundChangeBy("v1", 1, "v2", PREPARED)), []],
      [built(1, B), ["send proposal 1", "send prepare 1"]],
    ],
  },
  "proposes the highest prepared block again, unchanged, and no other": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [BEGIN, ["set-timer 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [message(roundChangeBy("v3", 1, "v2")), []],
      [message(roundChangeBy("v4", 1, "v2", PREPARED)), ["set-timer 1", "send proposal 1", "judge 1 again"]],
      [built(1, B), []],
      [judged(1, "valid"), ["send prepare 1"]],
    ],
  },
  "waits for ROUND_CHANGEs of its very round": {
    rows: [
      [BEGIN, ["set-timer 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [message(roundChangeBy("v3", 1, "v2")), []],
      [message(roundChangeBy("v4", 2, "v3")), ["set-timer 1"]],
    ],
  },
});

play("the timer of a round above 0", {
  "starts only with ROUND_CHANGEs of a quorum, for this round or higher": {
    self: "v4",
    rows: [
      [BEGIN, ["set-timer 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [timeout(1), []],
      [message(roundChangeBy("v1", 1, "v2")), []],
      [message(roundChangeBy("v3", 4, "v1")), ["set-timer 1"]],
      [timeout(1), ["cancel-timer", "recall 1>2 timeout v3", "send round-change 2"]],
    ],
  },
  "starts with a justified proposal, whose headers are ROUND_CHANGEs too": {
    rows: [
      [message(proposal(2)), ["recall 0>2 jump v3", "send round-change 2", "set-timer 2", "judge 2 fresh"]],
    ],
  },
});

play("a gateway that lags", {
  "follows f + 1 others to the (f + 1)-th highest round": {
    rows: [
      [message(roundChangeBy("v1", 7, "v4")), []],
      [message(roundChangeBy("v3", 3, "v4")), ["recall 0>3 jump v4", "send round-change 3", "set-timer 3"]],
      [
        message(roundChangeBy("v4", 5, "v2")),
        ["cancel-timer", "recall 3>5 jump v2", "send round-change 5", "set-timer 5"],
      ],
    ],
  },
  "does not follow one alone, however high": {
    rows: [
      [message(roundChangeBy("v1", 9, "v2")), []],
      [message(roundChangeBy("v1", 13, "v2")), []],
    ],
  },
  "counts COMMITs of a round it has left": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [
        message(proposal(2, B)),
        ["recall 0>2 jump v3", "send round-change 2", "set-timer 2", "judge 2 fresh"],
      ],
      [message(commitBy("v1", 0, A.blockHash)), []],
      [message(commitBy("v3", 0, A.blockHash)), []],
      [message(commitBy("v4", 0, A.blockHash)), ["cancel-timer", "decide"]],
    ],
  },
});

play("an observer", {
  "sends, builds, judges and times nothing, but follows and decides": {
    self: "v1",
    isVoter: false,
    rows: [
      [BEGIN, []],
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
});

play("a message that is not taken", {
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
      ...["v1", "v3"].map((voter): Row => [message(commitBy(voter, 0, A.blockHash)), []]),
      [message(commitBy("v4", 0, A.blockHash)), ["decide"]],
      [message(commitBy("v4", 0, B.blockHash)), ["equivocation"]],
    ],
  },
});

const alone = suite("few voters");

for (const count of [1, 2, 3]) {
  alone(`${count} of them decide together, the first as DSO`, () => {
    const voters = voterIds(count);
    const nodes = voters.map((self) => new TestNode({ self, voters }));
    for (const node of nodes) node.give(BEGIN);
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
  assert.equal(wordsOf(node.give(BEGIN)), ["set-timer 0", "build 0"]);
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
