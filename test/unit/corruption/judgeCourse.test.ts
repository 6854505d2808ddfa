/** Each kind of silent divergence is shown to the judge of the corruption rig, and each outcome that is none. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JournalError } from "../../../agent/adapters/journal/journalError.ts";
import { StoreError } from "../../../agent/adapters/store/storeError.ts";
import { digestOf, type Message } from "../../../agent/core/consensus/message.ts";
import { hashOf } from "../../../agent/core/hash.ts";
import { height, round } from "../../../agent/core/units.ts";
import { encodeVoteMessage } from "../../../agent/core/wire.ts";
import { judgeCourse, type Sound } from "../../corruption/judgeCourse.ts";
import type { Course } from "../../corruption/patient.ts";
import { testContext } from "../../support/chainBuilder.ts";
import { parse, SOUND } from "../../support/configText.ts";
import { statusAt } from "../../support/fakeAgentView.ts";
import { storedBlock } from "../../support/storedBlocks.ts";

const judge = suite("judge of a corruption");

const HEIGHT = 4;
const context = testContext(2);
const { voters, roster } = context;
const chain = [1, 2, 3, 4].map((at) => storedBlock(at));
const config = parse(SOUND);

const vote = (content: number): Message => ({
  kind: "prepare",
  height: height(5),
  round: round(0),
  blockHash: hashOf(Uint8Array.of(content)),
  voter: roster.members[0]?.id ?? "",
  signature: new Uint8Array(64).fill(1),
});
const wireOf = (message: Message) => encodeVoteMessage(message, roster.chainId, voters.voters);

const sound: Sound = {
  context,
  chain,
  config,
  height: HEIGHT,
  nextSequence: 7,
  pending: new Set([6]),
  votes: new Map([["prepare at height 5, round 0", digestOf(vote(1))]]),
};

function course(changes: Partial<Course> = {}): Course {
  const status = { ...statusAt(HEIGHT), observesCode: null };
  return {
    refusal: null,
    faults: [],
    config,
    heightAtStart: HEIGHT,
    status: { ...status, ledger: { ...status.ledger, height: HEIGHT } },
    blocks: chain,
    votes: [],
    nextSequence: 7,
    pending: new Set([6]),
    events: [],
    ...changes,
  };
}
const statusWith = (changes: {
  readonly height?: number;
  readonly observesCode?: string;
}): Course["status"] => {
  const { status } = course();
  if (status === null) return null;
  const { observesCode = null, height: at = HEIGHT } = changes;
  return { ...status, observesCode, ledger: { ...status.ledger, height: at } };
};
const outcome = (changes: Partial<Course>) => judgeCourse(sound, course(changes)).outcome;

judge("a gateway that has all that it had is unaffected", () => {
  assert.is(outcome({}), "unaffected");
  assert.is(outcome({ votes: [wireOf(vote(1))] }), "unaffected");
});

judge("a wrong block, a lost one and a reading that goes are silent when nothing is said", () => {
  assert.is(outcome({ blocks: [...chain.slice(0, 3), storedBlock(4, 1)] }), "silent");
  assert.is(outcome({ blocks: [chain[0] ?? null, null, chain[2] ?? null, chain[3] ?? null] }), "silent");
  assert.is(outcome({ status: statusWith({ height: 3 }), blocks: chain.slice(0, 3) }), "silent");
  assert.is(outcome({ pending: new Set() }), "silent");
  assert.is(outcome({ nextSequence: 3 }), "silent");
});

judge("a vote that contradicts is silent whatever else is said", () => {
  const votes = [wireOf(vote(2))];
  assert.is(outcome({ votes }), "silent");
  assert.is(outcome({ votes, refusal: new JournalError("JOURNAL_DAMAGED") }), "silent");
  assert.is(outcome({ votes, status: statusWith({ observesCode: "AMNESIA" }) }), "silent");
});

judge("a code that is explained refuses; a failure without one is unclear", () => {
  assert.equal(judgeCourse(sound, course({ refusal: new StoreError("STORE_DAMAGED") })), {
    outcome: "refused",
    why: "STORE_DAMAGED",
  });
  assert.is(outcome({ faults: [new StoreError("STORE_DAMAGED")] }), "refused");
  assert.is(outcome({ refusal: new TypeError("undefined is not a function") }), "unclear");
});

judge("a gateway that does not vote and says why abstains", () => {
  assert.is(outcome({ status: statusWith({ observesCode: "AMNESIA" }), nextSequence: 1 }), "abstains");
});

judge("readings that are lost are told by the event that says so, and by no other", () => {
  const lost = { pending: new Set<number>() };
  const said = (event: string) => [{ level: "warn", event, fields: {} }] as const;
  assert.is(outcome({ ...lost, events: said("outbox.forgot-readings") }), "told");
  assert.is(outcome({ ...lost, events: said("meter.silent") }), "silent");
  assert.is(outcome({ ...lost, nextSequence: 3, events: said("ledger.behind") }), "silent");
});

judge("a ledger that began lower and has all again was re-synced", () => {
  assert.is(outcome({ heightAtStart: 0 }), "resynced");
});

judge("a setting that became another valid one is told apart", () => {
  assert.is(outcome({ config: { ...config, name: "dep2" } }), "setting");
});
judge.run();
