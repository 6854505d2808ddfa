/** A clock that goes by the other gateways: whom it hears, when it takes the time, and what it does with NTP. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type UnixMs, unixMs } from "../../../../../agent/core/units.ts";
import type { Clock } from "../../../../../agent/ports/clock.ts";
import { peerTime } from "../../../../../agent/services/metering/peerTime.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const VOTERS = ["self", "b", "c", "d"];
/** An hour: what a clock may have lost that was off over night. */
const BEHIND_MS = 3_600_000;

function world() {
  const own = new FakeClock();
  const trueMs = own.nowMs();
  own.setTrust("unsynchronised");
  own.stepWall(-BEHIND_MS);
  const log = eventLog();
  const clock = peerTime(own, log);
  const say = (
    peerId: string,
    offMs: number | null,
    options: { tookMs?: number; notBeforeMs?: UnixMs; voters?: string[] } = {},
  ) => {
    const { tookMs = 20, notBeforeMs = unixMs(0), voters = VOTERS } = options;
    const nowMs = offMs === null ? null : unixMs(own.nowMs() + BEHIND_MS + offMs - Math.round(tookMs / 2));
    clock.hear?.({ peerId, nowMs, tookMs }, { voters, notBeforeMs });
  };
  const aheadMs = () => clock.nowMs() - own.nowMs();
  return { own, trueMs, log, clock, say, aheadMs };
}

const test = suite("services/peerTime");

test("takes the time when a quorum of voters agrees, and not before", () => {
  const { clock, say, aheadMs, log, trueMs } = world();
  say("b", 10);
  say("c", -10);
  assert.equal([clock.trust(), aheadMs()], ["unsynchronised", 0]);
  say("c", -10);
  assert.is(clock.trust(), "unsynchronised", "one gateway counts once");
  say("d", 0);
  assert.equal([clock.trust(), clock.nowMs()], ["peers", trueMs]);
  assert.equal(
    log.events.map(({ event }) => event),
    ["clock.by-peers"],
  );
});

test("hears no stranger, no clock that is not trusted itself, no answer that took too long", () => {
  for (const third of [
    (say: ReturnType<typeof world>["say"]) => say("stranger", 0),
    (say: ReturnType<typeof world>["say"]) => say("d", null),
    (say: ReturnType<typeof world>["say"]) => say("d", 0, { tookMs: 1_001 }),
  ]) {
    const { clock, say } = world();
    say("b", 0);
    say("c", 0);
    third(say);
    assert.is(clock.trust(), "unsynchronised");
    say("d", 0);
    assert.is(clock.trust(), "peers");
  }
});

test("forgets what was said long ago, by whom has left, and by whom takes it back", async () => {
  const { clock, say, own } = world();
  say("b", 0);
  await own.advance(600_001);
  say("c", 0);
  say("d", 0);
  assert.is(clock.trust(), "unsynchronised");
  const other = world();
  other.say("b", 0);
  other.say("c", 0, { voters: ["self", "c", "d", "e"] });
  other.say("d", 0);
  assert.is(other.clock.trust(), "unsynchronised");
  const third = world();
  third.say("b", 0);
  third.say("c", 0);
  third.say("c", null);
  third.say("d", 0);
  assert.is(third.clock.trust(), "unsynchronised");
});

test("shows whole milliseconds, though monotonic clocks have parts of them", () => {
  const own = new FakeClock();
  own.setTrust("unsynchronised");
  const clock = peerTime({ ...methodsOf(own), monotonicMs: () => own.monotonicMs() + 0.4 }, eventLog());
  for (const peerId of ["b", "c", "d"])
    clock.hear?.({ peerId, nowMs: own.nowMs(), tookMs: 0.3 }, { voters: VOTERS, notBeforeMs: unixMs(0) });
  assert.equal([clock.trust(), clock.nowMs()], ["peers", own.nowMs()]);
});

test("is never before the end of the last closed interval", () => {
  const { clock, say, trueMs } = world();
  for (const peerId of ["b", "c", "d"]) say(peerId, 0, { notBeforeMs: unixMs(trueMs + 1) });
  assert.is(clock.trust(), "unsynchronised");
  say("b", 0, { notBeforeMs: trueMs });
  assert.is(clock.trust(), "peers");
});

test("stands once it is taken, moves only by what matters, and yields to NTP", async () => {
  const { clock, say, own, trueMs } = world();
  for (const peerId of ["b", "c", "d"]) say(peerId, 0);
  for (const peerId of ["b", "c", "d"]) say(peerId, 150);
  assert.is(clock.nowMs(), trueMs, "a little is let be");
  for (const peerId of ["b", "c", "d"]) say(peerId, 300);
  assert.is(clock.nowMs(), trueMs + 300);
  own.stepWall(5_000_000);
  assert.is(clock.nowMs(), trueMs + 300, "the own wall clock does not matter");
  await own.advance(700_000);
  assert.equal([clock.trust(), clock.nowMs()], ["peers", trueMs + 700_300]);
  own.setTrust("synchronised");
  assert.equal([clock.trust(), clock.nowMs()], ["synchronised", own.nowMs()]);
});

test.run();

function methodsOf(clock: FakeClock): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    trust: () => clock.trust(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
  };
}
