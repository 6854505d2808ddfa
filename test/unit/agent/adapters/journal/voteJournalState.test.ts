/** What a vote journal's records of epochs add up to: nothing of an epoch that was renounced or left is signed again. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  EMPTY_VOTE_JOURNAL,
  followVoteRecord,
  summariseVotes,
  type VoteJournalState,
} from "../../../../../agent/adapters/journal/voteJournalState.ts";
import {
  decodeVoteRecord,
  encodeVoteRecord,
  type VoteRecord,
} from "../../../../../agent/adapters/journal/voteRecord.ts";
import type { Hash } from "../../../../../agent/core/hash.ts";
import { height } from "../../../../../agent/core/units.ts";
import { JOURNAL_VOTERS, ownPrepare } from "../../../../support/journalVotes.ts";

const test = suite("vote journal across epochs");
const epoch = (number: number, base: number): VoteRecord & { kind: "epoch" } => ({
  kind: "epoch",
  epoch: { number, chainId: `${number}`.repeat(64).slice(0, 64) as Hash, base: height(base) },
  forgiven: null,
});
const vote = (at: number): VoteRecord => ({
  kind: "vote",
  vote: ownPrepare(at, 0),
  electors: JOURNAL_VOTERS,
});
const amnesia: VoteRecord = { kind: "abstain", abstention: { code: "AMNESIA", reason: "lost" } };
const cloned: VoteRecord = { kind: "abstain", abstention: { code: "KEY_CLONED", reason: "seen" } };
const start = (starts: number): VoteRecord => ({ kind: "start", starts });

/** @returns the state after the records, or the number of the first that cannot stand where it is */
function after(...records: readonly VoteRecord[]): VoteJournalState | number {
  let state = EMPTY_VOTE_JOURNAL;
  for (const [index, record] of records.entries()) {
    // As a file has it.
    const read = decodeVoteRecord(encodeVoteRecord(record, state.electors), state.electors);
    if (read.kind !== "accept") throw new Error(`${record.kind}: ${read.code}`);
    const next = followVoteRecord(state, read.value, index === 0);
    if (next === null) return index;
    state = next;
  }
  return state;
}
const stateOf = (...records: readonly VoteRecord[]): VoteJournalState => {
  const state = after(...records);
  if (typeof state === "number") throw new Error(`record ${state} is refused`);
  return state;
};
const renounce = (starts: number): VoteRecord => ({ kind: "renounce", starts });

test("a vote after the renunciation cannot stand, at whatever height", () => {
  const records = [start(1), epoch(0, 0), vote(5), renounce(3)];
  assert.is(stateOf(...records).isRenounced, true);
  assert.is(stateOf(...records).starts, 3);
  assert.is(stateOf(...records).votes.length, 1, "still there to be reported");
  assert.is(after(...records, vote(6)), 4);
});

test("an epoch that was never entered cannot be renounced", () => {
  assert.is(after(start(1), renounce(1)), 1);
});

test("in the next epoch nothing is signed at or below what it goes on from, and the same height is voted at again", () => {
  const records = [start(1), epoch(0, 0), vote(6), renounce(1), epoch(1, 5)];
  assert.equal(stateOf(...records).votes, []);
  assert.is(after(...records, vote(5)), 5);
  assert.is(stateOf(...records, vote(6)).votes.length, 1);
});

test("an epoch is entered once, and none before it again", () => {
  assert.is(after(start(1), epoch(1, 5), epoch(1, 5)), 2);
  assert.is(after(start(1), epoch(1, 5), epoch(0, 0)), 2);
});

test("what was forgotten is forgiven after a renunciation, and only then; a stolen key is not", () => {
  const forgiving = { ...epoch(1, 5), forgiven: 9 };
  const lost = [start(1), epoch(0, 0), amnesia];
  assert.is(after(...lost, forgiving), 3);
  assert.is(stateOf(...lost, epoch(1, 5)).abstention?.code, "AMNESIA");
  const back = stateOf(...lost, renounce(8), forgiving);
  assert.is(back.abstention, null);
  assert.is(back.starts, 9);
  assert.is(stateOf(start(1), epoch(0, 0), cloned, renounce(8), forgiving).abstention?.code, "KEY_CLONED");
});

test("a rewritten file adds up to the same", () => {
  for (const records of [
    [start(1), epoch(0, 0), vote(5), renounce(3)],
    [start(1), epoch(0, 0), renounce(1), epoch(1, 5), vote(6)],
    [start(1), epoch(1, 5), amnesia],
  ]) {
    const state = stateOf(...records);
    const summary = summariseVotes(state);
    let again = EMPTY_VOTE_JOURNAL;
    for (const [index, record] of summary.entries()) {
      const electors = index === 0 ? [] : again.electors;
      const read = decodeVoteRecord(encodeVoteRecord(record, state.electors), electors);
      if (read.kind !== "accept") throw new Error(read.code);
      again = followVoteRecord(again, read.value, index === 0) ?? (assert.unreachable("refused") as never);
    }
    assert.equal(again, state);
  }
});

test.run();
