import { suite } from "uvu";
import * as assert from "uvu/assert";
import { intervalIndex } from "../../../../agent/core/units.ts";
import { poolPending } from "../../../../agent/services/pendingReadings.ts";
import { readingPool } from "../../../../agent/services/readingPool.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  measured,
  testContext,
  testReading,
} from "../../../support/chainBuilder.ts";

const test = suite("poolPending");

const context = testContext(3);
const own = (steps: number, isMeasured = true) =>
  testReading(context, "dep1", isMeasured ? measured([1, 0]) : { kind: "missing", reason: "port-gone" }, {
    interval: intervalIndex(FIRST_INTERVAL + steps),
  });

test("offers what no block contains yet: of open intervals, and late what states energy", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [5, 5] }, {}, {}]);
  const pool = readingPool(() => 0);
  poolPending(context, chain.state, pool, [own(0), own(1, false), own(2), own(3), own(4, false)]);
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
