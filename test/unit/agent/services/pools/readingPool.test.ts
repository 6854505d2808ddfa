/** The pool holds one statement per member and interval, or none, and never without bound. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SignedReading } from "../../../../../agent/core/metering/reading.ts";
import { type IntervalIndex, intervalIndex } from "../../../../../agent/core/units.ts";
import { MAX_LATE_TOLD } from "../../../../../agent/core/wire/lateHeld.ts";
import { readingPool } from "../../../../../agent/services/pools/readingPool.ts";
import { FIRST_INTERVAL, measured, testContext, testReading } from "../../../../support/chainBuilder.ts";

const context = testContext(4);
const at = (steps: number): IntervalIndex => intervalIndex(FIRST_INTERVAL + steps);
const reading = (name: string, steps = 0, generatedWh = 1): SignedReading =>
  testReading(context, name, measured([generatedWh, 0]), { interval: at(steps) });
const codeOf = (verdict: ReturnType<ReturnType<typeof readingPool>["add"]>) =>
  verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.code}`;

const pools = suite("reading pool");

pools("gives the readings of an interval in member order, whatever order they came in", () => {
  const pool = readingPool(() => 0);
  const all = ["dep3", "dep1", "dep4", "dep2"].map((name) => reading(name));
  for (const one of all) assert.equal(pool.add(one), { kind: "accept", value: one });
  pool.add(reading("dep1", 1));
  const members = pool.of(at(0)).map((one) => one.reading.member);
  assert.equal(
    members,
    context.roster.members.map((member) => member.id),
  );
  assert.is(pool.of(at(1)).length, 1);
  assert.equal(pool.of(at(2)), []);
});

pools("ignores a copy, also under another signature", () => {
  const pool = readingPool(() => 0);
  const one = reading("dep1");
  pool.add(one);
  assert.is(codeOf(pool.add(one)), "ignore READING_DUPLICATE");
  assert.is(codeOf(pool.add({ ...one, signature: new Uint8Array(64) })), "ignore READING_DUPLICATE");
  assert.equal(pool.of(at(0)), [one]);
});

pools("offers neither of two statements of one member, and passes the second on once", () => {
  const pool = readingPool(() => 0);
  pool.add(reading("dep1", 0, 1));
  pool.add(reading("dep2"));
  assert.is(codeOf(pool.add(reading("dep1", 0, 2))), "accept");
  assert.equal(pool.of(at(0)), [reading("dep2")]);
  for (const again of [1, 2, 3])
    assert.is(codeOf(pool.add(reading("dep1", 0, again))), "ignore READING_CONTRADICTED");
  assert.equal(pool.of(at(0)), [reading("dep2")]);
  assert.is(codeOf(pool.add(reading("dep1", 1))), "accept", "another interval is another matter");
});

pools("keeps 98 intervals, and takes more only after forgetting", () => {
  const pool = readingPool(() => 0);
  for (let steps = 0; steps < 98; steps += 1) assert.is(codeOf(pool.add(reading("dep1", steps))), "accept");
  assert.is(codeOf(pool.add(reading("dep1", 98))), "ignore READING_TOO_FAR");
  assert.is(codeOf(pool.add(reading("dep2", 97))), "accept", "known intervals stay open");
  assert.equal(pool.of(at(98)), []);
  pool.closeBefore(at(1), () => false);
  assert.is(codeOf(pool.add(reading("dep1", 98))), "accept");
  assert.equal(pool.of(at(0)), []);
  assert.is(pool.of(at(1)).length, 1);
});

pools("keeps what a block has closed without it as late, while it may still be settled", () => {
  const pool = readingPool(() => 0);
  const all = ["dep2", "dep1"].flatMap((name) => [reading(name, 1), reading(name, 0)]);
  for (const one of all) pool.add(one);
  pool.closeBefore(at(1), ({ reading: { member } }) => member === all[0]?.reading.member);
  assert.equal(pool.of(at(0)), []);
  assert.equal(pool.late(), [all[1]]);
  assert.is(pool.of(at(1)).length, 2);
  assert.is(codeOf(pool.add(all[1]!)), "ignore READING_DUPLICATE");
  pool.closeBefore(at(2), () => false);
  assert.equal(pool.late(), []);
});

pools(
  "offers neither of two statements on a closed interval either, also when one came before it closed",
  () => {
    const pool = readingPool(() => 0);
    pool.add(reading("dep1", 0, 1));
    pool.add(reading("dep1", 0, 2));
    pool.add(reading("dep2", 0, 1));
    pool.closeBefore(at(1), () => true);
    assert.is(pool.isVoided(reading("dep1")), true);
    assert.is(pool.isVoided(reading("dep2")), false);
    assert.is(codeOf(pool.add(reading("dep2", 0, 2))), "accept");
    assert.is(pool.isVoided(reading("dep2")), true);
    assert.is(pool.isVoided(reading("dep3")), false, "of what is not here nothing is known");
    assert.equal(pool.late(), []);
    assert.is(codeOf(pool.add(reading("dep2", 0, 2))), "ignore READING_CONTRADICTED");
    assert.equal(
      pool.heldLate().map(({ readings }) => [...readings]),
      [[at(0)], [at(0)]],
    );
  },
);

pools("takes a span for late at once, beside a reading of its last interval", () => {
  const pool = readingPool(() => 0);
  const meters = measured([1, 0]).meters;
  const span = testReading(context, "dep1", { kind: "spanning", from: at(0), meters }, { interval: at(2) });
  pool.closeBefore(at(3), () => true);
  pool.add(span);
  pool.add(reading("dep1", 2));
  assert.is(pool.late().length, 2);
  assert.equal(pool.heldLate(), [
    { member: span.reading.member, readings: new Set([at(2)]), spans: new Set([at(2)]) },
  ]);
});

pools("gives way at the fullest shelf when there is no more room, so that nobody is crowded out", () => {
  const pool = readingPool(() => 0);
  pool.closeBefore(at(5_000), () => true);
  for (let steps = 0; steps < MAX_LATE_TOLD; steps += 1)
    assert.is(codeOf(pool.add(reading("dep1", steps))), "accept");
  assert.is(codeOf(pool.add(reading("dep1", MAX_LATE_TOLD))), "ignore READING_TOO_MANY_LATE");
  assert.is(codeOf(pool.add(reading("dep2", 4_000))), "accept");
  const late = pool.late();
  assert.is(late.length, MAX_LATE_TOLD);
  const steps = late.map(({ reading: { interval } }) => interval - FIRST_INTERVAL);
  assert.ok(
    steps.includes(4_000) && !steps.includes(MAX_LATE_TOLD - 1),
    "the newest of whoever has most is gone",
  );
  assert.is(codeOf(pool.add(reading("dep1", MAX_LATE_TOLD - 1))), "ignore READING_TOO_MANY_LATE");
});

pools.run();
