import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, encode } from "../../../../../agent/core/codec.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { GRID_ADMIN, type TransactionSigner } from "../../../../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { height, intervalIndex, round } from "../../../../../agent/core/units.ts";
import { MAX_LATE_TOLD } from "../../../../../agent/core/wire/lateHeld.ts";
import {
  encodeSyncRequest,
  MAX_BODIES_NAMED,
  MAX_INTERVALS_TOLD,
  MAX_SYNC_REQUEST_BYTES,
  readSyncRequest,
  type SyncSummary,
} from "../../../../../agent/core/wire/syncRequest.ts";
import { testContext } from "../../../../support/chainBuilder.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const test = suite("syncRequest");

const { roster } = testContext(3);
const [first, second, third] = roster.members.map(({ id }) => id);
const all = new Set(roster.members.map(({ id }) => id));
const nobody = new Set<never>();
const digest = (name: string) => hashOf(new TextEncoder().encode(name));

const SUMMARY: SyncSummary = {
  head: height(41),
  round: round(2),
  nextInterval: intervalIndex(1_041),
  votes: [
    {
      round: round(0),
      voters: { "round-change": nobody, proposal: only(first), prepare: all, commit: only(third) },
    },
    { round: round(2), voters: { "round-change": all, proposal: nobody, prepare: nobody, commit: nobody } },
  ],
  bodies: [digest("a"), digest("b")],
  wanted: [digest("c")],
  readings: [{ interval: intervalIndex(1_041), members: only(second) }],
  transactions: new Map<TransactionSigner, readonly number[]>([
    [first as MemberId, [3, 4, 6]],
    [GRID_ADMIN, [1]],
  ]),
  late: [
    { member: second!, readings: new Set([1_030, 1_040].map(intervalIndex)), spans: new Set() },
    { member: third!, readings: new Set(), spans: new Set([intervalIndex(1_029)]) },
  ],
};
const EMPTY: SyncSummary = {
  ...SUMMARY,
  votes: [],
  bodies: [],
  wanted: [],
  readings: [],
  transactions: new Map(),
  late: [],
};

function only<T>(value: T | undefined): ReadonlySet<T> {
  return new Set(value === undefined ? [] : [value]);
}

function refusal(received: Uint8Array): string {
  const read = readSyncRequest(received, roster, SUMMARY.head);
  return read.kind === "accept" ? "accept" : `${read.kind} ${read.code}`;
}

/** The fields of a right request with some replaced. */
function fieldsWith(changes: Readonly<Record<number, Cbor>>): Uint8Array {
  const mark = new Uint8Array(Buffer.from(roster.chainId, "hex")).subarray(0, 8);
  const fields: Cbor[] = [1, mark, 0, 41, 2, 1_041, [], [], [], [], [], []];
  for (const [place, value] of Object.entries(changes)) fields[Number(place)] = value;
  return encode(fields);
}

test("reads what was written", () => {
  for (const summary of [SUMMARY, EMPTY]) {
    const read = readSyncRequest(encodeSyncRequest(summary, roster), roster, SUMMARY.head);
    assert.equal(read, { kind: "accept", value: summary });
  }
});

test("is the version, the mark of the chain, the epoch, and then what is held", () => {
  assert.equal(encodeSyncRequest(EMPTY, roster), fieldsWith({}));
  const votes = encodeSyncRequest({ ...EMPTY, votes: SUMMARY.votes.slice(0, 1) }, roster);
  const bitmaps = [0b000, 0b001, 0b111, 0b100].map((places) => Uint8Array.of(places));
  assert.equal(votes, fieldsWith({ 6: [[0, ...bitmaps]] }));
});

test("of one with another head says where it stands, and nothing of what it holds", () => {
  const read = readSyncRequest(encodeSyncRequest(SUMMARY, roster), roster, height(40));
  const { head, round: atRound, nextInterval } = SUMMARY;
  const nothing = { votes: [], bodies: [], wanted: [], readings: [], transactions: new Map(), late: [] };
  assert.equal(read, { kind: "accept", value: { head, round: atRound, nextInterval, ...nothing } });
});

test("refuses another version, microgrid or epoch", () => {
  assert.is(refusal(fieldsWith({ 0: 2 })), "reject BAD_SHAPE");
  assert.is(refusal(fieldsWith({ 1: new Uint8Array(8) })), "reject WRONG_MICROGRID");
  assert.is(refusal(fieldsWith({ 2: 1 })), "ignore WRONG_EPOCH");
});

test("refuses what is out of bounds", () => {
  const bitmap = Uint8Array.of(0);
  const vote = (of: number) => [of, bitmap, bitmap, bitmap, bitmap];
  const bad: readonly Readonly<Record<number, Cbor>>[] = [
    { 3: -1 },
    { 4: 2 ** 31 },
    { 5: "0" },
    { 6: Array.from({ length: 33 }, (_, of) => vote(of)) },
    { 6: [vote(1), vote(1)] },
    { 6: [vote(2), vote(1)] },
    { 6: [[0, Uint8Array.of(0b1000), bitmap, bitmap, bitmap]] },
    { 6: [[0, bitmap, bitmap, bitmap]] },
    { 7: Array.from({ length: MAX_BODIES_NAMED + 1 }, () => new Uint8Array(32)) },
    { 8: [new Uint8Array(31)] },
    { 9: Array.from({ length: MAX_INTERVALS_TOLD + 1 }, (_, interval) => [interval, bitmap]) },
    { 9: [[1, new Uint8Array(2)]] },
    { 10: [[roster.members.length + 1, 1, 0]] },
    {
      10: [
        [0, 1, 0],
        [0, 2, 0],
      ],
    },
    { 10: [[0, 1, 8]] },
    { 11: [[roster.members.length, [], []]] },
    {
      11: [
        [0, [1], []],
        [0, [2], []],
      ],
    },
    { 11: [[0, Array.from({ length: MAX_LATE_TOLD + 1 }, (_, age) => age), []]] },
    { 11: [[0, [-1], []]] },
  ];
  for (const changes of bad)
    assert.is(refusal(fieldsWith(changes)), "reject BAD_SHAPE", JSON.stringify(changes));
  assert.is(refusal(new Uint8Array(MAX_SYNC_REQUEST_BYTES + 1)), "reject MESSAGE_TOO_LONG");
  assert.is(refusal(new Uint8Array()), "reject NOT_CBOR");
});

/** As many late readings as are held at most, of intervals of a second up to 35 days ago. */
const LATE_EACH = Math.floor(MAX_LATE_TOLD / 200);
const lateBy = (place: number, age: number) => intervalIndex(2 ** 40 - 3_024_000 + place * 8 + age);

test("is cut to its newest entries, and fits the limit for 200 members with every list full", () => {
  const street = testContext(200).roster;
  const everybody = new Set(street.members.map(({ id }) => id));
  const full: SyncSummary = {
    ...SUMMARY,
    votes: Array.from({ length: 40 }, (_, of) => ({
      round: round(2 ** 31 - 41 + of),
      voters: { "round-change": everybody, proposal: everybody, prepare: everybody, commit: everybody },
    })),
    bodies: Array.from({ length: 20 }, (_, index) => digest(`${index}`)),
    wanted: Array.from({ length: 20 }, (_, index) => digest(`${index}`)),
    readings: Array.from({ length: 120 }, (_, index) => ({
      interval: intervalIndex(2 ** 40 + index),
      members: everybody,
    })),
    transactions: new Map(
      [...everybody, GRID_ADMIN].map((signer) => [
        signer as TransactionSigner,
        [0, 1, 2, 3].map((step) => 2 ** 40 + step),
      ]),
    ),
    nextInterval: intervalIndex(2 ** 40),
    late: [...everybody].map((member, place) => ({
      member,
      readings: new Set(Array.from({ length: LATE_EACH }, (_, age) => lateBy(place, age))),
      spans: new Set([lateBy(place, LATE_EACH)]),
    })),
  };
  const encoded = encodeSyncRequest(full, street);
  assert.ok(encoded.length <= MAX_SYNC_REQUEST_BYTES, `${encoded.length} bytes`);
  const read = readSyncRequest(encoded, street, SUMMARY.head);
  if (read.kind !== "accept") return assert.unreachable(read.code);
  assert.equal([read.value.votes.length, read.value.bodies.length, read.value.readings.length], [32, 16, 98]);
  assert.equal(read.value.readings.at(-1), full.readings.at(-1));
  assert.equal(read.value.late, full.late);
});

test("no bytes make it throw", () => {
  const right = encodeSyncRequest(SUMMARY, roster);
  const anyBytes = fc.uint8Array({ maxLength: 200 });
  const flipped = fc
    .tuple(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, mask]) => right.map((byte, index) => (index === at ? byte ^ mask : byte)));
  fc.assert(
    fc.property(fc.oneof(anyBytes, flipped), (bytes) => {
      assert.type(refusal(bytes), "string");
    }),
    { seed: propertySeed("syncRequest.test.ts"), numRuns: 2_000 },
  );
});

test.run();
