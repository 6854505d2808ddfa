import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import { unixMs } from "../../../../../agent/core/units.ts";
import { cutOffMs } from "../../../../../agent/services/agreement/dso.ts";
import { silentMembers } from "../../../../../agent/services/exchange/silentMembers.ts";
import { readingPool } from "../../../../../agent/services/pools/readingPool.ts";
import { memberNamed, testContext, testReading } from "../../../../support/chainBuilder.ts";

const test = suite("silentMembers");

const context = testContext(3, { intervalMs: 5_000 });
const state = genesisState(context);
/** Half the grace, which is a tenth of the interval, before the interval may be settled. */
const ASK_MS = cutOffMs(context, state) - 250;

test("nobody is asked before half the grace has passed", () => {
  const { peerIds, inMs } = silentMembers(
    context,
    state,
    readingPool(() => 0),
    unixMs(ASK_MS - 40),
  );
  assert.equal([peerIds, inMs], [[], 40]);
});

test("then everybody is whose reading has not come", () => {
  const pool = readingPool(() => 0);
  const content = { kind: "missing", reason: "port-gone" } as const;
  pool.add(testReading(context, "dep2", content, { interval: state.nextInterval }));
  const { interval, peerIds, inMs } = silentMembers(context, state, pool, unixMs(ASK_MS));
  const others = ["dep1", "dep3"].map((name) => memberNamed(context, name).peerId);
  assert.equal([interval, [...peerIds].sort(), inMs], [state.nextInterval, others.sort(), 0]);
});

test("once the interval may be settled it is over", () => {
  const { peerIds, inMs } = silentMembers(
    context,
    state,
    readingPool(() => 0),
    unixMs(ASK_MS + 250),
  );
  assert.equal([peerIds, inMs], [[], null]);
});

test.run();
