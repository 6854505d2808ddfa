/** The first interval that a restarted gateway may state. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeReading } from "../../../../../agent/core/metering/reading.ts";
import { type IntervalIndex, intervalIndex } from "../../../../../agent/core/units.ts";
import { firstUnstated } from "../../../../../agent/services/metering/firstUnstated.ts";
import { FIRST_INTERVAL, measured, testContext, testReading } from "../../../../support/chainBuilder.ts";

const unstated = suite("first unstated interval");

const context = testContext(2);

const outboxOf = (...offsets: readonly number[]) => ({
  pending: () =>
    offsets.map((offset, index) => {
      const interval = intervalIndex(FIRST_INTERVAL + offset);
      const signed = testReading(context, "dep1", measured([1, 1]), { interval, sequence: index + 1 });
      return { sequence: index + 1, bytes: encodeReading(signed) };
    }),
});

const firstOf = (pending: readonly number[], nextSteps: number, heard: IntervalIndex | null = null): number =>
  firstUnstated(outboxOf(...pending), { nextInterval: intervalIndex(FIRST_INTERVAL + nextSteps) }, heard);

unstated("is the oldest open one of a gateway that has nothing in its outbox", () => {
  assert.is(firstOf([], 0), FIRST_INTERVAL);
  assert.is(firstOf([], 5), FIRST_INTERVAL + 5);
});

unstated("follows the last one in the outbox, in whatever order they were stated", () => {
  assert.is(firstOf([7, 900, 8], 5), FIRST_INTERVAL + 901);
  assert.is(firstOf([2], 5), FIRST_INTERVAL + 5);
});

unstated("follows what others know a statement of, though the outbox has lost it", () => {
  const heard = intervalIndex(FIRST_INTERVAL + 6);
  assert.is(firstOf([], 5, heard), FIRST_INTERVAL + 7);
  assert.is(firstOf([9], 5, heard), FIRST_INTERVAL + 10);
  assert.is(firstOf([], 8, heard), FIRST_INTERVAL + 8);
});

unstated("passes over what is no reading: the journal has judged it already", () => {
  const outbox = { pending: () => [{ sequence: 1, bytes: Uint8Array.of(0xff) }] };
  assert.is(firstUnstated(outbox, { nextInterval: FIRST_INTERVAL }, null), FIRST_INTERVAL);
});

unstated.run();
