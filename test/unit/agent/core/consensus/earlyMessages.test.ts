import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  EARLY_PROPOSALS_KEPT,
  type EarlyMessages,
  earlyMessages,
  keepEarly,
  noEarlyMessages,
} from "../../../../../agent/core/consensus/earlyMessages.ts";
import type { Message } from "../../../../../agent/core/consensus/message.ts";
import { block, HEIGHT_1, prepareBy, proposalBy, voterIds } from "../../../../support/consensusNodes.ts";

const early = suite("earlyMessages");

const VOTERS = voterIds(20);
const A = block("a");

function keepAll(...messages: readonly Message[]): EarlyMessages {
  return messages.reduce(
    (kept, message) => keepEarly(kept, message).early,
    noEarlyMessages(HEIGHT_1, VOTERS),
  );
}

early("gives votes and then proposals with their bodies to the instance to come", () => {
  const proposal = proposalBy("v1", 0, A);
  const vote = prepareBy("v2", 0, A.blockHash);
  assert.equal(earlyMessages(keepAll(proposal, vote)), [vote, proposal]);
});

early("keeps one proposal of each proposer, the one of the highest round", () => {
  const last = proposalBy("v1", 4, A);
  assert.equal(earlyMessages(keepAll(proposalBy("v1", 0, A), last, proposalBy("v1", 2, A))), [last]);
});

early("keeps 8 proposals at most, the first that came", () => {
  const kept = earlyMessages(keepAll(...VOTERS.map((voter) => proposalBy(voter, 0, A))));
  assert.is(kept.length, EARLY_PROPOSALS_KEPT);
  assert.is(kept[0]?.kind === "proposal" && kept[0].proposer, "v1");
});

early("tells of two different proposals of one round and keeps the first", () => {
  const kept = keepAll(proposalBy("v1", 0, A));
  const { early: after, outcome } = keepEarly(kept, proposalBy("v1", 0, block("b")));
  assert.is(outcome.kind, "equivocation");
  assert.equal(earlyMessages(after), [proposalBy("v1", 0, A)]);
});

early.run();
