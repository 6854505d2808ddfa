import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeReading } from "../../../../agent/core/metering/reading.ts";
import { intervalIndex } from "../../../../agent/core/units.ts";
import { poolPending } from "../../../../agent/services/pendingReadings.ts";
import { readingPool } from "../../../../agent/services/readingPool.ts";
import { FIRST_INTERVAL, testContext, testReading } from "../../../support/chainBuilder.ts";

const test = suite("poolPending");

const context = testContext(3);

function entryOf(interval: number) {
  const content = { kind: "missing", reason: "port-gone" } as const;
  const signed = testReading(context, "dep1", content, { interval: intervalIndex(interval) });
  return { sequence: interval, bytes: encodeReading(signed) };
}

test("offers what no block contains yet of intervals that are not settled", () => {
  const pool = readingPool(() => 0);
  const pending = [0, 1, 2].map((later) => entryOf(FIRST_INTERVAL + later));
  assert.is(poolPending({ pending: () => pending }, pool, intervalIndex(FIRST_INTERVAL + 1)), 2);
  assert.equal(
    pool.held().map(({ interval }) => interval - FIRST_INTERVAL),
    [1, 2],
  );
});

test("passes over an entry that is no reading", () => {
  const pool = readingPool(() => 0);
  const pending = [{ sequence: 1, bytes: Uint8Array.of(0xff) }, entryOf(FIRST_INTERVAL)];
  assert.is(poolPending({ pending: () => pending }, pool, FIRST_INTERVAL), 1);
});

test.run();
