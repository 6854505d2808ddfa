import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  decodeOutboxRecord,
  encodeOutboxRecord,
  type OutboxRecord,
} from "../../../../../agent/adapters/journal/outboxRecord.ts";
import { replayOutbox, summariseOutbox } from "../../../../../agent/adapters/journal/outboxState.ts";
import { encode } from "../../../../../agent/core/codec.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { height } from "../../../../../agent/core/units.ts";

const boot = (count: number): OutboxRecord => ({ kind: "boot", boot: count });
const entry = (sequence: number): OutboxRecord => ({
  kind: "entry",
  entry: { sequence, bytes: Uint8Array.of(sequence) },
});
const kept = (sequence: number): OutboxRecord => ({
  kind: "kept",
  entry: { sequence, bytes: Uint8Array.of(sequence) },
});
const released = (sequence: number) => ({
  sequence,
  height: height(sequence + 10),
  blockHash: hashOf(Uint8Array.of(sequence)),
});
const release = (sequence: number): OutboxRecord => ({ kind: "release", release: released(sequence) });
const summary = (nextSequence: number): OutboxRecord => ({
  kind: "summary",
  boot: 4,
  nextSequence,
  lastRelease: null,
});

const test = suite("outboxState");

test("boots, readings and releases add up", () => {
  const replayed = replayOutbox([boot(1), entry(1), entry(2), boot(2), release(1), entry(3)]);
  assert.ok(replayed.kind === "state");
  const { state } = replayed;
  assert.equal([state.boot, state.nextSequence, state.lastRelease], [2, 4, released(1)]);
  assert.equal([...state.pending.keys()], [2, 3]);
});

test("a summary stands for all that was before it", () => {
  const history = [boot(1), entry(1), entry(2), release(1), boot(2), entry(3)];
  const before = replayOutbox(history);
  assert.ok(before.kind === "state");
  assert.equal(replayOutbox(summariseOutbox(before.state)), before);
});

for (const [what, records, position] of [
  ["a reading that skips a sequence", [boot(1), entry(2)], 1],
  ["a sequence used twice", [boot(1), entry(1), entry(1)], 2],
  ["a boot that skips one", [boot(1), boot(3)], 1],
  ["a release of what is not pending", [boot(1), entry(1), release(1), release(1)], 3],
  ["a summary that is not first", [boot(1), summary(3)], 1],
  ["a kept reading whose sequence is still to come", [summary(3), kept(3)], 1],
  ["a kept reading twice", [summary(3), kept(2), kept(2)], 2],
] as const) {
  test(`${what} is told, with its position`, () => {
    assert.equal(replayOutbox(records), { kind: "broken", position });
  });
}

test("every record survives its encoding", () => {
  const last: OutboxRecord = { kind: "summary", boot: 3, nextSequence: 9, lastRelease: released(2) };
  for (const record of [boot(1), entry(2), kept(2), release(1), summary(3), last]) {
    const verdict = decodeOutboxRecord(encodeOutboxRecord(record));
    assert.equal(verdict, { kind: "accept", value: record });
  }
});

test("what is no record is refused", () => {
  for (const value of [null, 1, [], ["other", 1], ["boot"], ["boot", -1], ["boot", 1, 2], ["entry", 1, "x"]])
    assert.is(decodeOutboxRecord(encode(value)).kind, "reject", JSON.stringify(value));
});

test.run();
