/** When a status says that no quorum settles: overdue by three of the longest rounds, and nobody claims to be ahead. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import { type UnixMs, unixMs } from "../../../../../agent/core/units.ts";
import { settlementView } from "../../../../../agent/services/views/settlementView.ts";
import { FIRST_INTERVAL, testContext } from "../../../../support/chainBuilder.ts";

const test = suite("settlement");

const context = testContext(4);
const state = genesisState(context);
/** The first interval has ended, and its grace of 30 s is over. */
const DUE_MS = (FIRST_INTERVAL + 1) * 900_000 + 30_000;
const at = (ms: number): UnixMs => unixMs(DUE_MS + ms);
const viewAt = (ms: number, changes: { heightSinceMs?: UnixMs; behindBy?: number } = {}) =>
  settlementView({ context, state, heightSinceMs: at(-600_000), behindBy: 0, nowMs: at(ms), ...changes });

test("goes well until an interval is overdue by three rounds of a minute", () => {
  assert.equal(viewAt(-60_000), { state: "settling", since: null, unsettledIntervals: 0 });
  assert.equal(viewAt(180_000), { state: "settling", since: null, unsettledIntervals: 1 });
  const since = new Date(DUE_MS).toISOString();
  assert.equal(viewAt(180_001), { state: "no-quorum", since, unsettledIntervals: 1 });
  assert.is(viewAt(3_600_000).unsettledIntervals, 5);
});

test("is not judged before a gateway that has just started has had the same time", () => {
  assert.is(viewAt(7_200_000, { heightSinceMs: at(7_100_000) }).state, "settling");
  assert.is(viewAt(7_200_000, { heightSinceMs: at(7_000_000) }).state, "no-quorum");
});

test("is a matter of catching up while others claim to be ahead", () => {
  assert.is(viewAt(7_200_000, { behindBy: 3 }).state, "settling");
});

test("takes shorter rounds for shorter intervals", () => {
  const fast = testContext(4, { intervalMs: 5_000 });
  const dueMs = (FIRST_INTERVAL + 1) * 5_000 + 500;
  const stateOf = (ms: number) =>
    settlementView({
      context: fast,
      state: genesisState(fast),
      heightSinceMs: unixMs(dueMs),
      behindBy: 0,
      nowMs: unixMs(dueMs + ms),
    }).state;
  assert.equal([stateOf(15_000), stateOf(15_001)], ["settling", "no-quorum"]);
});

test.run();
