import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Reading } from "../../../../../agent/core/metering/reading.ts";
import { intervalIndex } from "../../../../../agent/core/units.ts";
import { awaited, poolPending } from "../../../../../agent/services/pools/pendingReadings.ts";
import { readingPool } from "../../../../../agent/services/pools/readingPool.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  measured,
  testContext,
  testReading,
} from "../../../../support/chainBuilder.ts";

const test = suite("poolPending");

const context = testContext(3);
const NOT_MEASURED: Reading["content"] = { kind: "missing", reason: "port-gone" };
const own = (steps: number, content: Reading["content"] = measured([1, 0])) =>
  testReading(context, "dep1", content, { interval: intervalIndex(FIRST_INTERVAL + steps) });

test("offers what no block contains yet: of open intervals, and late what states energy", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [5, 5] }, {}, {}]);
  const pool = readingPool(() => 0);
  poolPending(context, chain.state, pool, [
    own(0),
    own(1, NOT_MEASURED),
    own(2),
    own(3),
    own(4, NOT_MEASURED),
  ]);
  assert.equal(
    pool.held().map(({ interval }) => interval - FIRST_INTERVAL),
    [3, 4],
  );
  assert.equal(
    pool.late().map(({ reading }) => reading.interval - FIRST_INTERVAL),
    [2],
    "interval 0 is settled, and nothing was measured in 1",
  );
});

test("has a gap wait for what a block may still settle late, and not for what joins nothing or is voided", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [5, 5] }, {}, {}, {}]);
  const pool = readingPool(() => 0);
  const joinsNothing = own(1);
  const voided = own(2);
  const waiting = own(3);
  const pending = [own(0), joinsNothing, voided, waiting, own(4)];
  poolPending(context, chain.state, pool, pending);
  pool.add(own(2, measured([2, 0])));
  assert.equal(awaited(context, chain.state, pool, pending), [waiting.reading]);
});

test("tells the pool what is closed: readings of others that the block lacks are late from then on", () => {
  const pool = readingPool(() => 0);
  const other = testReading(context, "dep2", measured([1, 0]));
  pool.add(other);
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [5, 5] }]);
  poolPending(context, chain.state, pool, []);
  assert.equal(pool.held(), []);
  assert.equal(pool.late(), [other]);
});

test.run();
