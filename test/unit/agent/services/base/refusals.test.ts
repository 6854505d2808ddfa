/** Refusals are all counted; the log hears of each code at most once in ten seconds. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refusalCounter } from "../../../../../agent/services/base/refusals.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

function world() {
  const clock = new FakeClock();
  const log = eventLog();
  return { clock, log, refusals: refusalCounter(clock, log) };
}

const refusal = suite("refusals");

refusal("are counted by code, in the order of codes", () => {
  const { refusals } = world();
  assert.equal(refusals.counts(), []);
  refusals.note("B", "vote");
  refusals.note("A", "reading");
  refusals.note("B", "block");
  assert.equal(refusals.counts(), [
    { code: "A", count: 1 },
    { code: "B", count: 2 },
  ]);
});

refusal("are logged with code, origin, count, and detail when there is one", () => {
  const { log, refusals } = world();
  refusals.note("A", "reading", "2 of 3");
  refusals.note("B", "vote");
  assert.equal(log.events, [
    {
      level: "warn",
      event: "input.refused",
      fields: { code: "A", origin: "reading", count: 1, detail: "2 of 3" },
    },
    { level: "warn", event: "input.refused", fields: { code: "B", origin: "vote", count: 1 } },
  ]);
});

refusal(
  "of one code are logged at once and then after ten quiet seconds, with what came meanwhile",
  async () => {
    const { clock, log, refusals } = world();
    for (let count = 0; count < 1_000; count += 1) refusals.note("A", "reading");
    assert.is(log.events.length, 1);
    await clock.advance(9_999);
    refusals.note("A", "reading");
    assert.is(log.events.length, 1);
    await clock.advance(1);
    refusals.note("A", "reading");
    assert.is(log.events.length, 2);
    assert.is(log.events[1]?.fields.count, 1_002);
    assert.equal(refusals.counts(), [{ code: "A", count: 1_002 }]);
  },
);

refusal("go by the monotonic clock: setting the wall clock neither opens nor shuts the log", async () => {
  const { clock, log, refusals } = world();
  refusals.note("A", "reading");
  clock.stepWall(3_600_000);
  refusals.note("A", "reading");
  assert.is(log.events.length, 1);
  clock.stepWall(-7_200_000);
  await clock.advance(10_000);
  refusals.note("A", "reading");
  assert.is(log.events.length, 2);
});

refusal("keep at most 200 codes, and go on counting those", () => {
  const { log, refusals } = world();
  for (let code = 0; code < 300; code += 1) refusals.note(`CODE_${code}`, "vote");
  refusals.note("CODE_0", "vote");
  refusals.note("CODE_299", "vote");
  assert.is(refusals.counts().length, 200);
  assert.is(log.events.length, 200);
  assert.is(refusals.counts().find(({ code }) => code === "CODE_0")?.count, 2);
});

refusal.run();
