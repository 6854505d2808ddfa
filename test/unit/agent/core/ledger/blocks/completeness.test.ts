/** What a block of round 0 must have, and what no honest DSO is recalled for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { itemsOf } from "../../../../../../agent/core/consensus/item.ts";
import { holdingAgeMs } from "../../../../../../agent/core/consensus/roundTrip.ts";
import {
  type CompletenessFacts,
  type HeldReading,
  isTimely,
  namedAtCutOff,
  omittedFrom,
  type ProposalTimes,
} from "../../../../../../agent/core/ledger/blocks/completeness.ts";
import { holdingAfter, readHeldItem } from "../../../../../../agent/core/ledger/blocks/heldItems.ts";
import type { SignedTransaction } from "../../../../../../agent/core/ledger/state/transaction.ts";
import { intervalIndex } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  measured,
  memberNamed,
  signTransaction,
  testContext,
  testReading,
} from "../../../../../support/chainBuilder.ts";

const completeness = suite("completeness");

const GRACE_MS = 500;
/** The interval ends at 0. */
const TIMES: ProposalTimes = { middleOfGraceMs: 250, cutOffMs: 500, arrivedMs: 520, holdingAgeMs: 250 };

/** Since when, when the proposal came, for how long it must be held, and whether it counts. */
const TABLE: readonly (readonly [string, number, number, number, boolean])[] = [
  ["long held", -1_000, 520, 250, true],
  ["held at the middle of the grace", 250, 520, 250, true],
  ["that came after the middle of the grace, however late the proposal", 251, 9_000, 250, false],
  ["held for long enough before the cut-off, though the proposal came early", 250, 10, 250, true],
  ["held for too short a time", 221, 520, 300, false],
  ["held for just long enough", 220, 520, 300, true],
  ["held for a whole round trip before a slow proposal", 200, 800, 600, true],
];
for (const [what, sinceMs, arrivedMs, ageMs, counts] of TABLE)
  completeness(`${counts ? "asks for" : "does not ask for"} an item ${what}`, () => {
    assert.is(isTimely(sinceMs, { ...TIMES, arrivedMs, holdingAgeMs: ageMs }), counts);
  });

/**
 * A member sends to one voter so late that the DSO, one way further, has the item only after its cut-off.
 *
 * @returns true when that voter recalls the DSO
 */
function isDeposed(oneWayMs: number, ageMs: number): boolean {
  const cutOffMs = GRACE_MS;
  const lastMs = GRACE_MS / 2;
  return [...Array(GRACE_MS).keys()].some((sinceMs) => {
    const hasDso = sinceMs + oneWayMs <= cutOffMs;
    const times = { middleOfGraceMs: lastMs, cutOffMs, arrivedMs: cutOffMs + oneWayMs, holdingAgeMs: ageMs };
    return !hasDso && isTimely(sinceMs, times);
  });
}

completeness("lets nobody depose an honest DSO by sending at the last moment; half the time would", () => {
  for (const oneWayMs of [10, 100, 240, 260, 400, 800]) {
    const ageMs = holdingAgeMs(GRACE_MS, 2 * oneWayMs);
    assert.not.ok(isDeposed(oneWayMs, ageMs), `${oneWayMs} ms`);
    if (oneWayMs > GRACE_MS / 2) assert.ok(isDeposed(oneWayMs, ageMs / 2), `${oneWayMs} ms, half`);
  }
});

const context = testContext(4);
const id = (name: string) => memberNamed(context, name).id;
const DID = { dep1: [500, 100], dep2: [0, 300], dep3: [0, 50], dep4: [0, 0] } as const;

/** A chain of one block, and the readings and ballots for the second. */
function world() {
  const chain = new ChainBuilder(context);
  chain.settle([DID]);
  const readings = chain.readings(chain.state.nextInterval, DID);
  const ballot = (name: string, sequence: number): SignedTransaction =>
    signTransaction(context, { signer: id(name), sequence, content: { kind: "ballot", candidate: null } });
  const blockOf = (silent: readonly string[], transactions: readonly SignedTransaction[] = []) =>
    chain.assembleOf(
      [readings.filter(({ reading }) => !silent.some((name) => reading.member === id(name)))],
      0,
      transactions,
    ).block;
  const facts = (changes: Partial<CompletenessFacts> = {}): CompletenessFacts => ({
    self: id("dep1"),
    readings: () => readings.map((signed): HeldReading => ({ signed, sinceMs: 0 })),
    transactions: [],
    times: TIMES,
    ...changes,
  });
  const omitted = (block: ReturnType<typeof blockOf>, changes: Partial<CompletenessFacts> = {}) =>
    omittedFrom(context, chain.state, block, facts(changes));
  return { chain, readings, ballot, blockOf, omitted };
}

completeness("names the first reading that is held and left out", () => {
  const { chain, blockOf, omitted } = world();
  assert.is(omitted(blockOf([])), null);
  assert.is(omitted(blockOf(["dep3"])), `reading of dep3 for interval ${chain.state.nextInterval}`);
});

completeness("does not ask for one's own items", () => {
  const { blockOf, omitted, ballot } = world();
  const transactions = [{ signed: ballot("dep1", 1), sinceMs: 0 }];
  assert.is(omitted(blockOf(["dep1"]), { transactions }), null);
});

completeness("does not ask for what came too late", () => {
  const { readings, blockOf, omitted } = world();
  const late = readings.map((signed) => ({ signed, sinceMs: 251 }));
  assert.is(omitted(blockOf(["dep3"]), { readings: () => late }), null);
});

completeness("does not ask for a reading that the block could not settle", () => {
  const { chain, blockOf, omitted } = world();
  const stray = testReading(context, "dep3", measured([0, 9]), {
    interval: chain.state.nextInterval,
    sequence: 9,
  });
  assert.is(omitted(blockOf(["dep3"]), { readings: () => [{ signed: stray, sinceMs: 0 }] }), null);
});

completeness("takes another item in its place for the item", () => {
  const { chain, blockOf, omitted, ballot } = world();
  const other = { kind: "ballot", candidate: id("dep2") } as const;
  const signed = signTransaction(context, { signer: id("dep3"), sequence: 1, content: other });
  const block = blockOf([], [ballot("dep3", 1)]);
  assert.is(chain.state.height, 1);
  assert.is(omitted(block, { transactions: [{ signed, sinceMs: 0 }] }), null);
});

completeness("asks for a signer's transactions up to the first that came too late", () => {
  const { blockOf, omitted, ballot } = world();
  const held = (...since: readonly number[]) =>
    since.map((sinceMs, index) => ({ signed: ballot("dep3", index + 1), sinceMs }));
  const first = blockOf([], [ballot("dep3", 1)]);
  assert.is(omitted(blockOf([]), { transactions: held(0) }), "transaction 1 of dep3");
  assert.is(omitted(first, { transactions: held(0, 0) }), "transaction 2 of dep3");
  assert.is(omitted(first, { transactions: held(0, 400, 0) }), null);
  assert.is(omitted(blockOf([]), { transactions: held(400, 0) }), null);
});

completeness("asks in a later interval of the block for what follows those before it", () => {
  const { chain, blockOf, omitted } = world();
  const later = intervalIndex(chain.state.nextInterval + 1);
  const { state, block } = chain.assembleOf([blockOf([]).body.intervals[0]!.readings, []]);
  const next = chain.readings(later, { dep4: [0, 7] });
  assert.is(state.nextInterval, later + 1);
  const readings = (interval: number) =>
    interval === later ? next.map((signed) => ({ signed, sinceMs: 0 })) : [];
  assert.is(omitted(block, { readings }), `reading of dep4 for interval ${later}`);
});

completeness("names in a ROUND_CHANGE what was held in the middle of the grace, one's own too", () => {
  const { chain, readings, ballot } = world();
  const held = {
    readings: readings.map((signed, index) => ({ signed, sinceMs: index === 2 ? 251 : 250 })),
    transactions: [ballot("dep2", 1), ballot("dep2", 2)].map((signed, index) => ({
      signed,
      sinceMs: index * 300,
    })),
  };
  const named = itemsOf(namedAtCutOff(context, chain.state, held, 250));
  const kinds = named.map(({ kind, position }) => `${kind} ${position}`);
  assert.equal(kinds, ["reading 1", "reading 1", "reading 1", "transaction 1"]);
});

completeness("keeps what a COMMIT says is held, to be served after a restart", () => {
  const { chain, readings, ballot } = world();
  const { list, items } = holdingAfter(context, chain.state, { readings, transactions: [ballot("dep3", 1)] });
  assert.is(itemsOf(list).length, 5);
  const read = items.map(readHeldItem).map((item) => (item.kind === "accept" ? item.value.kind : item.code));
  assert.equal(read, ["transaction", "reading", "reading", "reading", "reading"]);
  assert.is(readHeldItem(Uint8Array.of(0x80)).kind, "reject");
});

completeness.run();
