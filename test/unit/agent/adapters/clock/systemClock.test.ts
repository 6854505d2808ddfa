import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../../../../agent/adapters/clock/systemClock.ts";

const clock = systemClock({ trust: "assume" });
const fired = (delayMs: number) => new Promise<void>((resolve) => clock.after(delayMs, resolve));

const test = suite("systemClock");

test("the wall clock is the system's, in whole milliseconds", () => {
  const before = Date.now();
  const nowMs = clock.nowMs();
  assert.ok(Number.isInteger(nowMs) && nowMs >= before && nowMs <= Date.now());
});

test("the monotonic clock does not go back", () => {
  let last = clock.monotonicMs();
  for (let round = 0; round < 1_000; round += 1) {
    const next = clock.monotonicMs();
    assert.ok(next >= last);
    last = next;
  }
});

test("a clock that is assumed right is synchronised", () => {
  assert.is(clock.trust(), "synchronised");
});

test("calls back once, never before its time on the monotonic clock", async () => {
  for (const delayMs of [0, 0.4, 1, 1.6, 3.7, 10]) {
    const dueMs = clock.monotonicMs() + delayMs;
    await fired(delayMs);
    assert.ok(clock.monotonicMs() >= dueMs, `${delayMs} ms`);
  }
});

test("a timer that wakes early waits for what is left", async () => {
  const now = performance.now;
  let monotonicMs = 0;
  let calls = 0;
  performance.now = () => monotonicMs;
  try {
    clock.after(2, () => {
      calls += 1;
    });
    await sleep(4);
    assert.is(calls, 0);
    monotonicMs = 2;
    await sleep(4);
    assert.is(calls, 1);
  } finally {
    performance.now = now;
  }
});

test("calls back in order of time", async () => {
  const order: number[] = [];
  await Promise.all([20, 1, 10].map((delayMs) => fired(delayMs).then(() => order.push(delayMs))));
  assert.equal(order, [1, 10, 20]);
});

test("what is cancelled does not call back; cancelling late or twice is harmless", async () => {
  let calls = 0;
  const cancel = clock.after(1, () => {
    calls += 1;
  });
  cancel();
  cancel();
  await fired(5);
  assert.is(calls, 0);
  const late = clock.after(0, () => {
    calls += 1;
  });
  await fired(2);
  late();
  assert.is(calls, 1);
});

test("a delay longer than a timer can hold waits instead of firing at once", async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.name);
  process.on("warning", onWarning);
  let calls = 0;
  const cancels = [2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY].map((delayMs) =>
    clock.after(delayMs, () => {
      calls += 1;
    }),
  );
  await fired(5);
  await nextTurn();
  for (const cancel of cancels) cancel();
  process.off("warning", onWarning);
  assert.equal([calls, warnings], [0, []]);
});

test("a delay that is none is refused", () => {
  for (const delayMs of [-1, Number.NaN])
    assert.throws(() => clock.after(delayMs, () => {}), /at least 0 ms/);
});

test.run();
