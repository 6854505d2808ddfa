/** The frames of each measured reading are kept under what it signs, and a disk that refuses them costs only them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { framesHashOf } from "../../../../../agent/core/metering/delta.ts";
import { intervalIndex } from "../../../../../agent/core/units.ts";
import type { FrameStore } from "../../../../../agent/ports/frameStore.ts";
import { frameKeeper } from "../../../../../agent/services/metering/frameKeeper.ts";
import { DriverError } from "../../../../../drivers/driverError.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { MeteringWorld } from "../../../../support/meteringWorld.ts";

const named = (log: MeteringWorld["log"], event: string) =>
  log.events.filter((logged) => logged.event === event);

const kept = suite("frames of a metering");

kept("stand under the hash that the signed reading carries, both ends of both meters in order", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(4, 500, 300);
  const signed = world.kept().map(({ reading }) => reading);
  assert.is(world.frames.sets.length, signed.length);
  assert.ok(signed.length >= 2);
  for (const [index, { interval, content }] of signed.entries()) {
    const set = world.frames.sets[index];
    assert.is(content.kind === "measured" && content.framesHash, set?.framesHash);
    assert.is(set?.interval, interval);
    assert.is(framesHashOf((set?.frames ?? []).map(({ response }) => response)), set?.framesHash);
    const places = set?.frames.map(({ boundary, meter }) => `${boundary} ${meter}`);
    assert.equal(places, ["start 0", "start 1", "end 0", "end 1"]);
  }
  world.service.stop();
});

kept("are not kept for an interval of which nothing is stated but why", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(2);
  world.generation.failure = new DriverError("DRIVER_TIMEOUT", { unitId: 1 });
  await world.pass(1);
  world.generation.failure = null;
  await world.pass(3);
  const measured = world.kept().filter(({ reading }) => reading.content.kind === "measured");
  assert.ok(measured.length < world.kept().length);
  assert.equal(
    world.frames.sets.map((set) => set.interval),
    measured.map(({ reading }) => reading.interval),
  );
  world.service.stop();
});

kept(
  "are told once when the disk refuses them, and once when it takes them again; readings go on",
  async () => {
    const world = new MeteringWorld();
    world.frames.isFailing = true;
    world.service.start();
    await world.pass(5, 500, 300);
    assert.equal(world.stated(), ["500/300", "500/300", "500/300", "500/300"]);
    assert.is(world.delivered.length, 4);
    assert.equal(world.faults, []);
    assert.is(named(world.log, "frames.not-kept").length, 1);
    world.frames.isFailing = false;
    await world.pass(2, 500, 300);
    assert.is(named(world.log, "frames.kept-again").length, 1);
    assert.is(world.frames.sets.length, 2);
    world.service.stop();
  },
);

kept("do not pile up before a disk that hangs", async () => {
  const log = eventLog();
  const released: (() => void)[] = [];
  const store: FrameStore = {
    keep: () => new Promise((resolve) => void released.push(resolve)),
    find: async () => null,
  };
  const keep = frameKeeper(store, log);
  const reading = { framesHash: hashOf(new Uint8Array()), interval: intervalIndex(1) };
  for (let count = 0; count < 20; count += 1) keep(reading, [], []);
  assert.is(released.length, 4);
  assert.is(named(log, "frames.not-kept").length, 1);
  for (const release of released.splice(0)) release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(named(log, "frames.kept-again").length, 1);
  keep(reading, [], []);
  assert.is(released.length, 1);
});

kept.run();
