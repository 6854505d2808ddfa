import type { InstanceInput } from "../../../../../agent/core/consensus/instanceState.ts";
import { type Item, itemListOf } from "../../../../../agent/core/consensus/item.ts";
import { round } from "../../../../../agent/core/units.ts";
import { block, commitBy, roundChangeBy, signed } from "../../../../support/consensusNodes.ts";
import {
  begin,
  body,
  built,
  judged,
  message,
  PREPARED,
  proposal,
  timeout,
  transitionSuite,
} from "../../../../support/transitionTable.ts";

const A = block("a");
const B = block("b");
const ITEM: Item = { kind: "reading", position: 1, signer: 3 };
const naming = (voter: string) => signed({ ...roundChangeBy(voter, 1, "v2"), named: itemListOf([ITEM]) });
const lacking = (atRound: number): InstanceInput => ({
  kind: "lacking",
  round: round(atRound),
  items: [ITEM],
});

transitionSuite("the DSO of a later round", {
  "builds a block of its own when nobody prepared one": {
    rows: [
      [begin, ["set-timer 0"]],
      [message(roundChangeBy("v3", 1, "v2")), []],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [message(roundChangeBy("v4", 1, "v2")), ["set-timer 1", "build 1"]],
      [message(roundChangeBy("v1", 1, "v2", PREPARED)), []],
      [built(1, B), ["send proposal 1", "send prepare 1"]],
    ],
  },
  "takes other ROUND_CHANGEs when what it would owe is lacking, as they come": {
    rows: [
      [begin, ["set-timer 0"]],
      [message(naming("v1")), []],
      [
        message(roundChangeBy("v3", 1, "v2")),
        ["cancel-timer", "recall 0>1 jump v2", "send round-change 1", "set-timer 1", "build 1"],
      ],
      [lacking(0), []],
      [lacking(1), []],
      [message(roundChangeBy("v4", 1, "v2")), ["build 1"]],
      [lacking(1), []],
      [built(1, B), ["send proposal 1", "send prepare 1"]],
      [lacking(1), []],
    ],
  },
  "proposes a prepared block in place of one that it could not build, also when its body comes last": {
    rows: [
      [message(naming("v1")), []],
      [
        message(roundChangeBy("v3", 1, "v2")),
        ["recall 0>1 jump v2", "send round-change 1", "set-timer 1", "build 1"],
      ],
      [lacking(1), []],
      [message(roundChangeBy("v4", 1, "v2", PREPARED)), ["need-body"]],
      [body(), ["send proposal 1", "judge 1 again"]],
    ],
  },
  "proposes the highest prepared block again, unchanged, and no other": {
    rows: [
      [message(proposal(0)), ["judge 0 fresh"]],
      [begin, ["set-timer 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [message(roundChangeBy("v3", 1, "v2")), []],
      [message(roundChangeBy("v4", 1, "v2", PREPARED)), ["set-timer 1", "send proposal 1", "judge 1 again"]],
      [built(1, B), []],
      [judged(1, "valid"), ["send prepare 1"]],
    ],
  },
  "waits for ROUND_CHANGEs of its very round": {
    rows: [
      [begin, ["set-timer 0"]],
      [timeout(0), ["cancel-timer", "recall 0>1 timeout v2", "send round-change 1"]],
      [message(roundChangeBy("v3", 1, "v2")), []],
      [message(roundChangeBy("v4", 2, "v3")), ["set-timer 1"]],
    ],
  },
}).run();

transitionSuite("the timer of a round above 0", {
  "starts only with ROUND_CHANGEs of a quorum, for this round or higher": {
    self: "v4",
    rows: [
      [begin, ["set-timer 0"]],
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
}).run();

transitionSuite("a gateway that lags", {
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
}).run();
