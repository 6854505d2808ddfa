import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FakeClock } from "../../support/fakeClock.ts";

const test = suite("FakeClock");

test("runs what is due in order of time, then of request, each at its own instant", async () => {
  const clock = new FakeClock(1_000);
  const seen: string[] = [];
  const note = (name: string) => () => seen.push(`${name}@${clock.nowMs()}/${clock.monotonicMs()}`);
  clock.after(20, note("late"));
  clock.after(10, note("early"));
  clock.after(10, note("early too"));
  clock.after(31, note("never"));
  await clock.advance(30);
  assert.equal(seen, ["early@1010/10", "early too@1010/10", "late@1020/20"]);
  assert.is(clock.nowMs(), 1_030);
  assert.is(clock.pendingCount(), 1);
});

test("runs what a callback schedules within the span, at once or later", async () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  clock.after(5, () => {
    seen.push(clock.monotonicMs());
    clock.after(0, () => seen.push(clock.monotonicMs()));
    clock.after(5, () => seen.push(clock.monotonicMs()));
  });
  await clock.advance(10);
  assert.equal(seen, [5, 5, 10]);
});

test("lets promises settle before the next callback, however long their chain", async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const slow = async () => {
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    seen.push("settled");
  };
  clock.after(1, () => void slow());
  clock.after(2, () => seen.push("next"));
  await clock.advance(2);
  assert.equal(seen, ["settled", "next"]);
});

test("a cancelled callback does not run, and cancelling again is harmless", async () => {
  const clock = new FakeClock();
  let runs = 0;
  const cancel = clock.after(1, () => {
    runs += 1;
  });
  cancel();
  cancel();
  await clock.advance(5);
  assert.is(runs, 0);
  assert.is(clock.pendingCount(), 0);
});

test("a stepped wall clock moves no callback and no monotonic instant", async () => {
  const clock = new FakeClock(10_000);
  let runs = 0;
  clock.after(10, () => {
    runs += 1;
  });
  clock.stepWall(-5_000);
  await clock.advance(9);
  assert.is(runs, 0);
  await clock.advance(1);
  assert.is(runs, 1);
  assert.is(clock.nowMs(), 5_010);
  assert.is(clock.monotonicMs(), 10);
});

test("a throw in a callback comes out of advance", async () => {
  const clock = new FakeClock();
  clock.after(1, () => {
    throw new RangeError("a bug");
  });
  try {
    await clock.advance(1);
    assert.unreachable("advance swallowed the throw");
  } catch (error) {
    assert.instance(error, RangeError);
  }
});

test("trust is what the test sets, synchronised at first", () => {
  const clock = new FakeClock();
  assert.is(clock.trust(), "synchronised");
  clock.setTrust("unsynchronised");
  assert.is(clock.trust(), "unsynchronised");
});

test("a negative or missing delay is refused", () => {
  const clock = new FakeClock();
  assert.throws(() => clock.after(-1, () => {}), /delay/);
  assert.throws(() => clock.after(Number.NaN, () => {}), /delay/);
});

test.run();
