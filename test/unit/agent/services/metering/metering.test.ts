/** Boundaries, statements, and that nothing is told before it is durable. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JournalError } from "../../../../../agent/adapters/journal/journalError.ts";
import { intervalEndMs } from "../../../../../agent/core/metering/interval.ts";
import { judgeReading } from "../../../../../agent/core/metering/validate.ts";
import { intervalIndex } from "../../../../../agent/core/units.ts";
import { ServiceError } from "../../../../../agent/services/base/serviceError.ts";
import { DriverError } from "../../../../../drivers/driverError.ts";
import { verify } from "../../../../support/chainBuilder.ts";
import { INTERVAL_MS, MeteringWorld } from "../../../../support/meteringWorld.ts";

const eventsOf = (world: MeteringWorld, event: string) =>
  world.log.events.filter((logged) => logged.event === event);

const stating = suite("metering, stating");

stating("states nothing at the first boundary and a measured interval at each after it", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(1, 999, 999);
  assert.equal(world.stated(), []);
  await world.pass(2, 500, 300);
  await world.pass(1, 0, 70);
  assert.equal(world.stated(), ["500/300", "500/300", "0/70"]);
  assert.equal(world.intervals(), [1, 2, 3]);
  world.service.stop();
});

stating(
  "carries what two meters read at different instants disagree by, also past a missing interval",
  async () => {
    const world = new MeteringWorld({ secondRole: "grid" });
    const sellWh = (energyWh: bigint) => {
      world.consumption.exportWh += energyWh;
    };
    world.service.start();
    await world.pass(1);
    sellWh(503n);
    await world.pass(1, 500, 0);
    world.generation.failure = new DriverError("DRIVER_TIMEOUT", { unitId: 1 });
    await world.pass(1);
    world.generation.failure = null;
    await world.pass(1);
    sellWh(200n);
    await world.pass(1, 500, 0);
    assert.equal(world.stated(), ["500/0", "meter-timeout", "meter-timeout", "500/297"]);
    world.service.stop();
  },
);

stating("signs readings that every gateway accepts, with growing sequence and its boot", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(3, 500, 300);
  const kept = world.kept();
  for (const signed of kept)
    assert.is(judgeReading(signed, world.context.roster, world.context.genesis, verify).kind, "accept");
  assert.equal(
    kept.map(({ reading }) => [reading.sequence, reading.boot, reading.time]),
    [
      [1, 1, "synchronised"],
      [2, 1, "synchronised"],
    ],
  );
  world.service.stop();
});

stating("begins to read as long before a boundary as reading takes", async () => {
  const world = new MeteringWorld({ sampleDurationMs: 150 });
  world.service.start();
  await world.pass(2);
  const offsets = world.generation.sampledAtMs.map((atMs) => atMs % INTERVAL_MS);
  assert.equal(offsets, [INTERVAL_MS - 300, INTERVAL_MS - 300]);
  world.service.stop();
});

stating("never begins more than the boundary's tolerance before it", async () => {
  const world = new MeteringWorld({ sampleDurationMs: 4_000 });
  world.service.start();
  await world.pass(2);
  assert.equal(
    world.generation.sampledAtMs.map((atMs) => atMs % INTERVAL_MS),
    [4_000, 4_000],
  );
  world.service.stop();
});

stating("waits for the first interval of the genesis", async () => {
  const probe = new MeteringWorld();
  const world = new MeteringWorld({ firstInterval: intervalIndex(probe.firstIndex + 4) });
  world.service.start();
  await world.pass(6, 10, 10);
  assert.equal(world.intervals(), [4, 5]);
  world.service.stop();
});

stating(
  "states no interval a second time after a restart, though the first statement was under a clock that was ahead",
  async () => {
    const before = new MeteringWorld();
    before.service.start();
    await before.pass(3, 1, 1);
    before.clock.stepWall(4 * INTERVAL_MS);
    await before.pass(2, 1, 1);
    before.service.stop();
    before.clock.stepWall(-4 * INTERVAL_MS);
    const after = new MeteringWorld({ disk: before.disk, clock: before.clock });
    after.service.start();
    await after.pass(8, 1, 1);
    const intervals = after.kept().map(({ reading }) => reading.interval);
    assert.ok(intervals.length > before.delivered.length, "it went on stating");
    assert.equal(intervals, [...new Set(intervals)]);
    after.service.stop();
  },
);

stating("reads nothing more once stopped, nor states a read-out that was under way", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(2, 1, 1);
  world.generation.delayMs = 1_000;
  await world.clock.advance(INTERVAL_MS - 100);
  assert.is(world.generation.sampledAtMs.length, 3, "under way");
  world.service.stop();
  await world.pass(3, 1, 1);
  assert.is(world.generation.sampledAtMs.length, 3);
  assert.equal(world.stated(), ["1/1"]);
  assert.is(world.clock.pendingCount(), 0);
});

const missing = suite("metering, missing");

const FAILURES = [
  ["DRIVER_TIMEOUT", "meter-timeout"],
  ["DRIVER_PORT_GONE", "port-gone"],
  ["DRIVER_PORT_OPEN", "port-gone"],
  ["DRIVER_EXCEPTION", "meter-error"],
] as const;

for (const [code, reason] of FAILURES) {
  missing(
    `${code} makes both intervals beside the boundary ${reason}, and then it measures again`,
    async () => {
      const world = new MeteringWorld();
      world.service.start();
      await world.pass(2, 5, 5);
      world.consumption.failure = new DriverError(code, { unitId: 2 });
      await world.pass(1, 5, 5);
      world.consumption.failure = null;
      await world.pass(2, 5, 5);
      assert.equal(world.stated(), ["5/5", reason, reason, "5/5"]);
      assert.equal(
        world.service.lastSamples().map((sample) => sample.kind),
        ["measured", "measured"],
      );
      world.service.stop();
    },
  );
}

missing("a meter that stays silent is reported once, with when it last answered", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(2);
  const [, lastAtMs] = world.consumption.sampledAtMs;
  world.consumption.failure = new DriverError("DRIVER_TIMEOUT", { unitId: 2 });
  await world.pass(4);
  assert.is(eventsOf(world, "meter.silent").length, 1);
  assert.equal(world.service.lastSamples()[1], {
    kind: "missing",
    reason: "meter-timeout",
    lastTakenAtMs: lastAtMs,
    answeredBy: null,
  });
  world.service.stop();
});

missing("a meter that answers again is reported once, whatever it was silent for last", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(2);
  for (const code of ["DRIVER_TIMEOUT", "DRIVER_PORT_GONE", "DRIVER_TIMEOUT"] as const) {
    world.consumption.failure = new DriverError(code, { unitId: 2 });
    await world.pass(1);
  }
  world.consumption.failure = null;
  await world.pass(3);
  assert.equal([eventsOf(world, "meter.silent").length, eventsOf(world, "meter.back").length], [1, 1]);
  world.service.stop();
});

for (const code of ["DRIVER_PORT_GONE", "DRIVER_PORT_LENT"] as const)
  missing(`${code} is the line's to report, not the meter's`, async () => {
    const world = new MeteringWorld();
    world.service.start();
    await world.pass(2);
    world.consumption.failure = new DriverError(code, {});
    await world.pass(2);
    world.consumption.failure = null;
    await world.pass(2);
    assert.equal([eventsOf(world, "meter.silent").length, eventsOf(world, "meter.back").length], [0, 0]);
    world.service.stop();
  });

missing("a meter without the register of its role makes the interval register-absent", async () => {
  const world = new MeteringWorld();
  world.generation.hasRegister = false;
  world.service.start();
  await world.pass(2);
  assert.equal(world.stated(), ["register-absent"]);
  world.service.stop();
});

missing("a sample far from its boundary is not passed off as one at it", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(1);
  world.consumption.delayMs = 1_300;
  await world.pass(1, 5, 5);
  world.consumption.delayMs = 0;
  await world.pass(2, 5, 5);
  assert.equal(world.stated().slice(0, 2), ["sample-off-boundary", "sample-off-boundary"]);
  assert.is(world.stated().at(-1), "5/5");
  world.service.stop();
});

missing("a register that fell resets the base: one interval missing, the next measured from it", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(2, 5, 5);
  world.generation.registerWh = 0n;
  await world.pass(1, 5, 5);
  await world.pass(1, 5, 5);
  assert.equal(world.stated(), ["5/5", "register-reset", "5/5"]);
  world.service.stop();
});

missing("a fault of ours while reading a meter ends the metering and is handed on", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(1);
  const bug = new TypeError("a bug of ours");
  world.generation.failure = bug;
  await world.pass(3);
  assert.equal(world.faults, [bug]);
  assert.is(world.generation.sampledAtMs.length, 2);
  assert.is(world.clock.pendingCount(), 0);
});

const order = suite("metering, order");

order("a reading is told once its interval has ended, and lies in the outbox by then", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.pass(4, 5, 5);
  assert.is(world.delivered.length, 3);
  for (const { signed, atMs, inOutbox } of world.delivered) {
    assert.ok(inOutbox);
    assert.ok(atMs >= intervalEndMs(signed.reading.interval, INTERVAL_MS));
  }
  assert.equal(
    world.delivered.map(({ signed }) => signed),
    world.kept(),
  );
  world.service.stop();
});

order("nothing is told before the outbox has said that it is durable", async () => {
  let finish: () => void = () => {};
  const world = new MeteringWorld({
    wrapOutbox: (outbox) => ({
      ...outbox,
      append: async (entry) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        await outbox.append(entry);
      },
    }),
  });
  world.service.start();
  await world.pass(3, 5, 5);
  assert.is(world.delivered.length, 0);
  finish();
  await world.clock.advance(1);
  assert.is(world.delivered.length, 1);
  world.service.stop();
});

order("an outbox that fails ends the metering: nothing is told, the failure is handed on", async () => {
  const broken = new JournalError("JOURNAL_WRITE", { path: "outbox.journal" });
  const world = new MeteringWorld({
    wrapOutbox: (outbox) => ({ ...outbox, append: () => Promise.reject(broken) }),
  });
  world.service.start();
  await world.pass(5, 5, 5);
  assert.equal(world.delivered, []);
  assert.equal(world.faults, [broken]);
  assert.is(world.clock.pendingCount(), 0);
});

order(
  "a full outbox takes no more statements, the metering goes on, and states again when there is room",
  async () => {
    let isFull = true;
    const full = new JournalError("JOURNAL_FULL", { pendingReadings: 1 });
    const world = new MeteringWorld({
      wrapOutbox: (outbox) => ({
        ...outbox,
        nextSequence: () => outbox.nextSequence(),
        append: (entry) => (isFull ? Promise.reject(full) : outbox.append(entry)),
      }),
    });
    world.service.start();
    await world.pass(4, 5, 5);
    assert.equal([world.delivered, world.faults], [[], []]);
    assert.is(world.log.events.filter(({ event }) => event === "reading.not-kept").length, 3);
    isFull = false;
    await world.pass(2, 5, 5);
    assert.equal(world.stated(), ["5/5", "5/5"]);
    assert.equal(
      world.kept().map(({ reading }) => reading.sequence),
      [1, 2],
      "no sequence number was lost",
    );
    world.service.stop();
  },
);

order("a reading that is durable but not yet told stays untold after a stop", async () => {
  const world = new MeteringWorld();
  world.service.start();
  await world.clock.advance(2 * INTERVAL_MS - 100);
  assert.is(world.stated().length, 1);
  world.service.stop();
  await world.pass(2);
  assert.is(world.delivered.length, 0);
});

const other = suite("metering, another meter");

other("is asked once after the start who it is, and not again while it answers", async () => {
  const world = new MeteringWorld();
  world.consumption.serial = "DEP1-2 ";
  world.service.start();
  await world.pass(6, 5, 5);
  assert.equal([world.generation.serialReads, world.consumption.serialReads], [1, 1]);
  assert.equal(world.stated(), ["5/5", "5/5", "5/5", "5/5", "5/5"]);
  world.service.stop();
});

other(
  "in place of the enrolled one is never signed, and is told once with its number and the cure",
  async () => {
    const world = new MeteringWorld();
    world.consumption.serial = "20239784";
    world.service.start();
    await world.pass(3, 5, 5);
    assert.equal(world.stated(), ["meter-other", "meter-other"]);
    const [logged, ...more] = eventsOf(world, "meter.other");
    assert.equal(more, []);
    assert.is(logged?.error instanceof ServiceError && logged.error.code, "METER_OTHER");
    assert.equal([logged?.fields.enrolledSerial, logged?.fields.answeredSerial], ["dep1-2", "20239784"]);
    const last = world.service.lastSamples()[1];
    assert.equal(last?.kind === "missing" && [last.reason, last.answeredBy], ["meter-other", "20239784"]);
    world.consumption.serial = "dep1-2";
    await world.pass(2, 5, 5);
    assert.equal(world.stated(), ["meter-other", "meter-other", "meter-other", "5/5"]);
    assert.is(eventsOf(world, "meter.expected-again").length, 1);
    world.service.stop();
  },
);

/** What may happen while another meter takes the place of an enrolled one, and what is stated from then on. */
const TRACES: readonly [name: string, trace: (world: MeteringWorld) => Promise<void>][] = [
  [
    "a boundary without an answer",
    async (world) => {
      world.consumption.failure = new DriverError("DRIVER_TIMEOUT", { unitId: 2 });
      await world.pass(1);
      world.consumption.failure = null;
    },
  ],
  [
    "a silence between two boundaries that somebody else noticed",
    async ({ consumption }) => {
      consumption.timeouts = 1;
    },
  ],
  [
    "lower registers",
    async ({ consumption }) => {
      consumption.registerWh = 7n;
    },
  ],
];

for (const [name, trace] of TRACES)
  other(`is noticed by ${name}`, async () => {
    const world = new MeteringWorld();
    world.consumption.serial = "dep1-2";
    world.service.start();
    await world.pass(2, 5, 5);
    await trace(world);
    world.consumption.serial = "20239784";
    await world.pass(2, 5, 5);
    const [before, ...since] = world.stated();
    assert.equal([before, since.at(-1)], ["5/5", "meter-other"]);
    assert.not.ok(
      since.includes("5/5") || since.includes("register-reset"),
      "none of its readings is signed",
    );
    world.service.stop();
  });

other("is the expected one once a swap is told, and not when the swap was not stated", async () => {
  const world = new MeteringWorld();
  world.consumption.serial = "020239784";
  world.service.start();
  await world.pass(2, 5, 5);
  world.service.forgetSwap(world.service.beginSwap(1, "20239784"));
  await world.pass(1, 5, 5);
  world.service.beginSwap(1, "20239784");
  await world.pass(2, 5, 5);
  assert.equal(world.stated(), ["meter-other", "meter-other", "meter-swap", "5/5"]);
  world.service.stop();
});

other("cannot be told where a meter has no number to say, or does not answer that question", async () => {
  const world = new MeteringWorld();
  world.consumption.serial = new DriverError("DRIVER_TIMEOUT", { unitId: 2 });
  world.service.start();
  await world.pass(6, 5, 5);
  assert.equal(world.stated(), ["5/5", "5/5", "5/5", "5/5", "5/5"]);
  assert.equal([world.generation.serialReads, world.consumption.serialReads], [1, 3]);
  world.service.stop();
});

stating.run();
missing.run();
other.run();
order.run();
