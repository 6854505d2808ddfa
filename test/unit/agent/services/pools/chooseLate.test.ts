/** Which late readings a DSO proposes: of everybody, oldest first, within bounds, and only what settles together. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeLate, LATE_ENTRY_BYTES } from "../../../../../agent/core/ledger/settlement/lateSection.ts";
import type { SignedReading } from "../../../../../agent/core/metering/reading.ts";
import { intervalIndex } from "../../../../../agent/core/units.ts";
import { chooseLate, MAX_LATE_BYTES } from "../../../../../agent/services/pools/chooseLate.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  measured,
  measuredFrom,
  memberNamed,
  testContext,
  testReading,
} from "../../../../support/chainBuilder.ts";

const test = suite("late readings to propose");

const context = testContext(3);
const nameOf = ({ reading }: SignedReading) => context.roster.byId.get(reading.member)?.name;
const stepsOf = ({ reading }: SignedReading) => reading.interval - FIRST_INTERVAL;
const inOrder = (readings: readonly SignedReading[]) =>
  [...readings].sort((left, right) =>
    left.reading.member === right.reading.member
      ? left.reading.interval - right.reading.interval
      : left.reading.member < right.reading.member
        ? -1
        : 1,
  );

/** Everybody was silent for that long. */
function silence(intervals: number): ChainBuilder {
  const chain = new ChainBuilder(context);
  for (let left = intervals; left > 0; left -= 96)
    chain.settle(Array.from({ length: Math.min(left, 96) }, () => ({})));
  return chain;
}

const statedBy = (name: string, steps: number) =>
  testReading(context, name, measuredFrom([BigInt(steps), BigInt(steps)], [1, 1]), {
    interval: intervalIndex(FIRST_INTERVAL + steps),
  });

test("takes all when there is room, in the order of a block", () => {
  const chain = silence(4);
  const pooled = inOrder(["dep3", "dep1"].flatMap((name) => [2, 0].map((steps) => statedBy(name, steps))));
  const { late, after } = chooseLate(context, chain.state, pooled);
  assert.equal(late, pooled);
  assert.equal(judgeLate(context, chain.state, late), { kind: "accept", value: after });
});

test("shares the room out, so that whoever has little waits for nobody", () => {
  const chain = silence(300);
  const many = Array.from({ length: 150 }, (_, index) => statedBy("dep1", 2 * index));
  const { late } = chooseLate(
    context,
    chain.state,
    inOrder([...many, statedBy("dep2", 8), statedBy("dep3", 9)]),
  );
  const room = Math.floor(MAX_LATE_BYTES / LATE_ENTRY_BYTES);
  assert.is(late.length, room);
  assert.equal(
    ["dep1", "dep2", "dep3"].map((name) => late.filter((signed) => nameOf(signed) === name).length),
    [room - 2, 1, 1],
  );
  const ofFirst = late.filter((signed) => nameOf(signed) === "dep1");
  assert.is(ofFirst.map(stepsOf).at(-1), 2 * (room - 3), "its oldest");
});

test("leaves out what does not settle beside the others", () => {
  const chain = silence(4);
  const { id } = memberNamed(context, "dep1");
  const good = testReading(context, "dep1", measured([5, 5]), {
    interval: intervalIndex(FIRST_INTERVAL + 1),
  });
  const other = testReading(context, "dep1", measured([5, 5]), {
    interval: intervalIndex(FIRST_INTERVAL + 2),
  });
  const { late, after } = chooseLate(context, chain.state, [good, other]);
  assert.equal(late, [good], "the second does not begin where the first ended");
  assert.is(after.members.get(id)?.totals.corrected.generated, 5n);
});

test.run();
