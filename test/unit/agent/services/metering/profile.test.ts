/** The profile: when meters are looked at, what is kept, and that neither a boundary nor a reading depends on it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type UnixMs, unixMs } from "../../../../../agent/core/units.ts";
import type { Meter } from "../../../../../agent/ports/meter.ts";
import type { LastSample } from "../../../../../agent/services/metering/meterReader.ts";
import { Profile } from "../../../../../agent/services/metering/profile.ts";
import { type CounterMeter, counterMeter } from "../../../../support/counterMeter.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { memoryProfile } from "../../../../support/memoryProfile.ts";

const INTERVAL_MS = 900_000;
const EVERY_MS = 10_000;
const EVERYTHING = { fromMs: unixMs(0), toMs: unixMs(Number.MAX_SAFE_INTEGER), limit: 100_000 };

function world(everyMs = EVERY_MS, intervalMs = INTERVAL_MS) {
  const clock = new FakeClock();
  const store = memoryProfile();
  const log = eventLog();
  const faults: unknown[] = [];
  const purposes: (string | undefined)[] = [];
  const consumption = counterMeter(clock, "consumption");
  consumption.show(730);
  const watched = (meter: CounterMeter): Meter => ({
    sampleDurationMs: meter.sampleDurationMs,
    readOut: () => meter.readOut(),
    meterSerial: () => meter.meterSerial(),
    counters: () => meter.counters(),
    sample: (purpose) => {
      purposes.push(purpose);
      return meter.sample(purpose);
    },
  });
  const metered = {
    role: "consumption",
    definition: "counter",
    unitId: 2,
    meter: watched(consumption),
  } as const;
  const onFault = (error: unknown) => void faults.push(error);
  const modules = { meters: [metered], store, clock, logger: log, onFault };
  const profile = new Profile({ everyMs, intervalMs }, modules);
  const events = () => log.events.map(({ event }) => event);
  return { clock, store, events, faults, purposes, consumption, profile };
}

/** @returns how far each point is from the nearest boundary, in ms */
function toBoundary(points: readonly { readonly atMs: UnixMs }[], intervalMs: number): readonly number[] {
  return points.map(({ atMs }) => Math.min(atMs % intervalMs, intervalMs - (atMs % intervalMs)));
}

const test = suite("services/profile");

test("keeps a point every so often, written once a minute", async () => {
  const { clock, store, profile, consumption, purposes } = world();
  profile.start();
  await clock.advance(50_000);
  assert.equal(store.points, []);
  consumption.add(3);
  await clock.advance(20_000);
  const { points } = store;
  assert.ok(points.length >= 5 && points.length <= 7, `${points.length}`);
  assert.equal(
    { ...points.at(-1), atMs: 0 },
    { atMs: 0, meter: 0, activePowerW: 730, importWh: 1_000_003, exportWh: null },
  );
  const gaps = points.slice(1).map(({ atMs }, index) => atMs - (points[index]?.atMs ?? 0));
  assert.ok(
    gaps.every((gap) => gap === EVERY_MS),
    gaps.join(" "),
  );
  assert.equal([...new Set(purposes)], ["profile"], "as what can wait");
  await profile.stop();
});

test("asks nothing near a boundary", async () => {
  for (const [everyMs, intervalMs] of [
    [1_000, 60_000],
    [1_000, 5_000],
  ] as const) {
    const { clock, store, profile } = world(everyMs, intervalMs);
    profile.start();
    await clock.advance(6 * 60_000);
    await profile.stop();
    const guardMs = Math.min(700, intervalMs / 4);
    assert.ok(store.points.length > 100);
    for (const distance of toBoundary(store.points, intervalMs))
      assert.ok(distance >= guardMs, `${distance}`);
  }
});

test("shows what is not written yet, and writes it when it ends", async () => {
  const { clock, store, profile } = world();
  profile.start();
  await clock.advance(25_000);
  assert.is((await profile.find(EVERYTHING)).length, 2);
  await clock.advance(20_000);
  await profile.stop();
  assert.is(store.points.length, 4);
  assert.is(clock.pendingCount(), 0);
});

test("keeps no point of a silent meter, of a time that nobody can tell, and goes on after both", async () => {
  const { clock, profile, consumption, faults } = world();
  profile.start();
  consumption.fail("DRIVER_TIMEOUT");
  await clock.advance(30_000);
  assert.equal(await profile.find(EVERYTHING), []);
  consumption.fail(null);
  clock.setTrust("unsynchronised");
  await clock.advance(30_000);
  assert.equal(await profile.find(EVERYTHING), []);
  clock.setTrust("peers");
  await clock.advance(30_000);
  assert.is((await profile.find(EVERYTHING)).length, 3);
  assert.equal(faults, []);
  await profile.stop();
});

test("a profile that gives its room away keeps no point until it may again, and shows power all the while", async () => {
  const { clock, store, profile, consumption } = world();
  const boundary: LastSample = { kind: "measured", sample: await consumption.sample() };
  profile.start();
  await clock.advance(100_000);
  assert.ok((await profile.drop()) > 0);
  consumption.show(55);
  await clock.advance(100_000);
  assert.equal(await profile.find(EVERYTHING), []);
  const [newer] = profile.newest([boundary]);
  assert.is(newer?.kind === "measured" && newer.sample.activePower, 55);
  profile.keepAgain();
  await clock.advance(100_000);
  assert.ok((await profile.find(EVERYTHING)).length > 0);
  assert.is(store.points.length, (await profile.find(EVERYTHING)).length);
  await profile.stop();
});

test("a disk that refuses is told once, and once when it takes points again", async () => {
  const { clock, store, profile, events } = world();
  profile.start();
  store.isFailing = true;
  await clock.advance(200_000);
  store.isFailing = false;
  await clock.advance(200_000);
  assert.equal(events(), ["profile.not-kept", "profile.kept-again"]);
  assert.ok(store.points.length > 0);
  await profile.stop();
});

test("shows a newer sample than the boundary's, never an old one for a meter that is silent", async () => {
  const { clock, profile, consumption } = world();
  const boundary: LastSample = { kind: "measured", sample: await consumption.sample() };
  const missing: LastSample = {
    kind: "missing",
    reason: "meter-timeout",
    lastTakenAtMs: boundary.sample.takenAtMs,
    answeredBy: null,
  };
  profile.start();
  assert.equal(profile.newest([boundary]), [boundary]);
  consumption.show(55);
  await clock.advance(10_000);
  const [newer] = profile.newest([boundary]);
  assert.is(newer?.kind === "measured" && newer.sample.activePower, 55);
  assert.is(profile.newest([missing])[0]?.kind, "measured", "it answers again");
  const other: LastSample = { ...missing, reason: "meter-other", answeredBy: "20239784" };
  assert.equal(profile.newest([other]), [other], "another meter answers");
  consumption.fail("DRIVER_TIMEOUT");
  await clock.advance(10_000);
  assert.equal(profile.newest([missing]), [missing]);
  await profile.stop();
});

test("a bug in a driver is a fault, and ends the looking", async () => {
  const { clock, profile, faults, consumption } = world();
  const bug = new TypeError("x");
  consumption.sample = () => Promise.reject(bug);
  profile.start();
  await clock.advance(60_000);
  assert.equal(faults, [bug]);
  await profile.stop();
});

test.run();
