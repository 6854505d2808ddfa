import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, encode } from "../../../../../agent/core/codec.ts";
import { MAX_CERTIFICATE_BYTES } from "../../../../../agent/core/consensus/certificateCodec.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { height, round, unixMs } from "../../../../../agent/core/units.ts";
import {
  ANSWER_FRAME_BYTES,
  ENTRY_FRAME_BYTES,
  encodeSyncAnswer,
  MAX_ANSWERED,
  readSyncAnswer,
  type SyncAnswer,
} from "../../../../../agent/core/wire/syncAnswer.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const test = suite("syncAnswer");

const CHAIN_ID = hashOf(new TextEncoder().encode("street"));
const MAX_BYTES = 262_144;
const ANSWER: SyncAnswer = {
  head: height(7),
  round: round(1),
  lowest: height(1),
  nowMs: unixMs(1_700_000_000_000),
  blocks: [{ block: Uint8Array.of(1, 2), certificate: Uint8Array.of(3) }],
  bodies: [Uint8Array.of(4)],
  votes: [Uint8Array.of(5), Uint8Array.of(6)],
  transactions: [Uint8Array.of(8)],
  readings: [Uint8Array.of(7)],
};
const EMPTY: SyncAnswer = {
  ...ANSWER,
  nowMs: null,
  blocks: [],
  bodies: [],
  votes: [],
  transactions: [],
  readings: [],
};

function refusal(received: Uint8Array): string {
  const read = readSyncAnswer(received, CHAIN_ID, MAX_BYTES);
  return read.kind === "accept" ? "accept" : `${read.kind} ${read.code}`;
}

function fieldsWith(changes: Readonly<Record<number, Cbor>>): Uint8Array {
  const mark = new Uint8Array(Buffer.from(CHAIN_ID, "hex")).subarray(0, 8);
  const fields: Cbor[] = [1, mark, 7, 1, 1, null, [], [], [], [], []];
  for (const [place, value] of Object.entries(changes)) fields[Number(place)] = value;
  return encode(fields);
}

test("reads what was written", () => {
  for (const answer of [ANSWER, EMPTY])
    assert.equal(readSyncAnswer(encodeSyncAnswer(answer, CHAIN_ID), CHAIN_ID, MAX_BYTES), {
      kind: "accept",
      value: answer,
    });
});

test("is the version, the mark of the chain, head, round, lowest block and time, and the five lists", () => {
  assert.equal(encodeSyncAnswer(EMPTY, CHAIN_ID), fieldsWith({}));
});

test("refuses another version or microgrid", () => {
  assert.is(refusal(fieldsWith({ 0: 2 })), "reject BAD_SHAPE");
  assert.is(refusal(fieldsWith({ 1: new Uint8Array(8) })), "reject WRONG_MICROGRID");
});

test("refuses what is out of bounds", () => {
  const entries = (count: number) => Array.from({ length: count }, () => new Uint8Array());
  const bad: readonly Readonly<Record<number, Cbor>>[] = [
    { 2: -1 },
    { 3: 2 ** 31 },
    { 4: -1 },
    { 5: -1 },
    { 6: Array.from({ length: MAX_ANSWERED.blocks + 1 }, () => entries(2)) },
    { 6: [entries(1)] },
    { 6: [[new Uint8Array(), null]] },
    { 6: [[new Uint8Array(), new Uint8Array(MAX_CERTIFICATE_BYTES + 1)]] },
    { 7: entries(MAX_ANSWERED.bodies + 1) },
    { 8: entries(MAX_ANSWERED.votes + 1) },
    { 9: entries(MAX_ANSWERED.transactions + 1) },
    { 10: entries(MAX_ANSWERED.readings + 1) },
    { 10: ["reading"] },
  ];
  for (const changes of bad) assert.is(refusal(fieldsWith(changes)), "reject BAD_SHAPE");
  assert.is(refusal(new Uint8Array(MAX_BYTES + 1)), "reject MESSAGE_TOO_LONG");
});

test("costs no more beside its entries than is reckoned with", () => {
  const votes = Array.from({ length: MAX_ANSWERED.votes }, () => new Uint8Array(30));
  const blocks = Array.from({ length: MAX_ANSWERED.blocks }, () => ({
    block: new Uint8Array(300),
    certificate: new Uint8Array(300),
  }));
  const full = encodeSyncAnswer(
    {
      ...EMPTY,
      head: height(Number.MAX_SAFE_INTEGER),
      lowest: height(Number.MAX_SAFE_INTEGER),
      nowMs: unixMs(Number.MAX_SAFE_INTEGER),
      round: round(2 ** 31 - 1),
      votes,
      blocks,
    },
    CHAIN_ID,
  );
  const own = votes.length * 30 + blocks.length * 600;
  const reckoned = (votes.length + 2 * blocks.length) * ENTRY_FRAME_BYTES + ANSWER_FRAME_BYTES;
  assert.ok(full.length - own <= reckoned);
});

test("no bytes make it throw", () => {
  const right = encodeSyncAnswer(ANSWER, CHAIN_ID);
  const anyBytes = fc.uint8Array({ maxLength: 200 });
  const flipped = fc
    .tuple(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => right.map((byte, index) => (index === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(anyBytes, flipped), (bytes) => {
      assert.type(refusal(bytes), "string");
    }),
    { seed: propertySeed("syncAnswer.test.ts"), numRuns: 2_000 },
  );
});

test.run();
