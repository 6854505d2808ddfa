/** Metering under clocks that are not trusted yet, jump, or are set back. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { INTERVAL_MS, MeteringWorld } from "../../../../support/meteringWorld.ts";

const eventsOf = (world: MeteringWorld, event: string) =>
  world.log.events.filter((logged) => logged.event === event);

const clocks = suite("metering, clocks");

clocks("nothing is stated while the clock is not synchronised, though meters are read", async () => {
  const world = new MeteringWorld();
  world.clock.setTrust("unsynchronised");
  world.service.start();
  await world.pass(3, 5, 5);
  assert.equal(world.stated(), []);
  assert.is(world.generation.sampledAtMs.length, 3);
  assert.is(eventsOf(world, "reading.withheld").length, 3);
  world.service.stop();
});

clocks("an interval whose beginning no trusted clock saw is not stated, the next one is", async () => {
  const world = new MeteringWorld();
  world.clock.setTrust("unsynchronised");
  world.service.start();
  await world.pass(2, 5, 5);
  world.clock.setTrust("synchronised");
  await world.pass(2, 7, 7);
  assert.equal(world.stated(), ["7/7"]);
  assert.equal(world.intervals(), [3]);
  world.service.stop();
});

clocks("losing trust withholds what ends then, and what begins then", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(2, 5, 5);
  world.clock.setTrust("unsynchronised");
  await world.pass(1, 5, 5);
  world.clock.setTrust("synchronised");
  await world.pass(3, 7, 7);
  assert.equal(world.stated(), ["5/5", "7/7", "7/7"]);
  assert.equal(world.intervals(), [1, 4, 5]);
  world.service.stop();
});

clocks("an interval is stated with the weaker of the times at its two ends", async () => {
  const world = new MeteringWorld();
  world.clock.setTrust("peers");
  world.service.start();
  await world.pass(2, 5, 5);
  world.clock.setTrust("synchronised");
  await world.pass(2, 5, 5);
  world.clock.setTrust("peers");
  await world.pass(1, 5, 5);
  assert.equal(
    world.delivered.map(({ signed }) => signed.reading.time),
    ["peers", "peers", "synchronised", "peers"],
  );
  world.service.stop();
});

const YEAR_MS = 365 * 86_400_000;

clocks("a clock set forward by a year on synchronising states nothing about that year", async () => {
  const world = new MeteringWorld();
  world.clock.setTrust("unsynchronised");
  world.service.start();
  await world.pass(2, 5, 5);
  world.clock.stepWall(YEAR_MS);
  world.clock.setTrust("synchronised");
  await world.pass(4, 7, 7);
  const [first] = world.intervals();
  assert.ok(first !== undefined && first > YEAR_MS / INTERVAL_MS);
  assert.equal(
    world.stated().filter((word) => word !== "7/7"),
    [],
  );
  assert.ok(world.stated().length >= 2);
  world.service.stop();
});

clocks("a clock set back by a year on synchronising is followed at once", async () => {
  const world = new MeteringWorld();
  world.clock.setTrust("unsynchronised");
  world.service.start();
  await world.pass(2, 5, 5);
  world.clock.stepWall(-YEAR_MS);
  world.clock.setTrust("synchronised");
  await world.pass(4, 7, 7);
  assert.ok(world.stated().length >= 2);
  assert.ok(world.intervals().every((interval) => interval < 0));
  world.service.stop();
});

clocks("a trusted clock that jumps ahead states a block's worth of missing intervals, not all", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(2, 5, 5);
  world.clock.stepWall(1_000 * INTERVAL_MS);
  await world.pass(3, 5, 5);
  const gap = world.stated().filter((word) => word === "no-start-sample");
  assert.ok(gap.length > 0 && gap.length <= 96, `${gap.length} stated`);
  assert.is(world.stated().at(-1), "5/5");
  assert.equal(world.faults, []);
  world.service.stop();
});

clocks("a trusted clock set back states no interval twice", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(4, 5, 5);
  world.clock.stepWall(-3 * INTERVAL_MS);
  await world.pass(8, 5, 5);
  const intervals = world.intervals();
  assert.equal([...new Set(intervals)], intervals);
  assert.ok(intervals.length > 4);
  world.service.stop();
});

clocks(
  "a trusted clock set back by a year and put right again is back to work within two intervals",
  async () => {
    const world = new MeteringWorld();
    world.service.start();
    await world.pass(3, 5, 5);
    world.clock.stepWall(-YEAR_MS);
    await world.pass(2, 5, 5);
    world.clock.stepWall(YEAR_MS);
    const before = world.stated().length;
    await world.pass(4, 7, 7);
    assert.ok(world.stated().slice(before).includes("7/7"));
    world.service.stop();
  },
);

clocks("a wake-up before its time reads no boundary twice", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.clock.advance(INTERVAL_MS - 300);
  world.clock.stepWall(-30);
  await world.pass(3, 5, 5);
  const intervals = world.intervals();
  assert.equal(intervals, [...new Set(intervals)]);
  assert.equal(intervals.slice(0, 2), [1, 2]);
  world.service.stop();
});

clocks.run();
