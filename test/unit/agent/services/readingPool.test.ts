/** The pool holds one statement per member and interval, or none, and never without bound. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SignedReading } from "../../../../agent/core/metering/reading.ts";
import { type IntervalIndex, intervalIndex } from "../../../../agent/core/units.ts";
import { readingPool } from "../../../../agent/services/readingPool.ts";
import { FIRST_INTERVAL, measured, testContext, testReading } from "../../../support/chainBuilder.ts";

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
  pool.forgetBefore(at(1));
  assert.is(codeOf(pool.add(reading("dep1", 98))), "accept");
  assert.equal(pool.of(at(0)), []);
  assert.is(pool.of(at(1)).length, 1);
});

pools.run();
