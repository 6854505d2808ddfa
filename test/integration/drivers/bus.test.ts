/** The bus over a real terminal device, with simulated meters at its other end that misbehave on demand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "../../../drivers/modbus/bus.ts";
import type { LineEvent } from "../../../drivers/modbus/portKeeper.ts";
import type { RegisterRead } from "../../../drivers/plan.ts";
import { between, seededRandom } from "../../../drivers/simulator/seededRandom.ts";
import type { SimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { failsWith } from "../../support/failure.ts";
import {
  QUICK_SDM120,
  QUICK_SDM630,
  QUICK_TUNING,
  SETTINGS,
  startThreeMeters,
  systemNowMs,
} from "../../support/simulatedLine.ts";

type Context = { device: SimulatedLine; bus: Bus; events: LineEvent[] };

const VOLTAGE: RegisterRead = { table: "input", address: 0x0000, count: 2 };
const IMPORT: RegisterRead = { table: "input", address: 0x0048, count: 2 };
const EXPORT: RegisterRead = { table: "input", address: 0x004a, count: 2 };
const SERIAL: RegisterRead = { table: "holding", address: 0xfc00, count: 2 };
/** 230 V, 5000 kWh and 1 kWh as float32, by hand from IEEE 754. */
const VOLTAGE_WORDS = [0x4366, 0x0000];
const IMPORT_WORDS = [0x459c, 0x4000];
const ONE_KWH_WORDS = [0x3f80, 0x0000];

const test = suite<Context>("drivers/modbus/bus");

test.before.each(async (context) => {
  context.device = await startThreeMeters();
  context.events = [];
  context.bus = await openBus(context);
});

test.after.each(async ({ bus, device }) => {
  await bus.close();
  await device.stop();
});

test("three meters and many callers on one line each get their own registers", async ({ bus }) => {
  const reads = Array.from({ length: 8 }, async (_, turn) => {
    const unitId = (turn % 3) + 1;
    const [serial, energy] = await bus.read({ unitId, definition: QUICK_SDM120, reads: [SERIAL, IMPORT] });
    return { unitId, serial: serial?.words, energy: energy?.words };
  });
  for (const { unitId, serial, energy } of await Promise.all(reads)) {
    const number = 11_111_111 * unitId;
    assert.equal(serial, [number >>> 16, number & 0xffff]);
    assert.equal(energy, unitId === 1 ? IMPORT_WORDS : unitId === 2 ? [0, 0] : ONE_KWH_WORDS);
  }
  assert.is(bus.counters(1).ok + bus.counters(2).ok + bus.counters(3).ok, 16);
});

test("every answer carries the frames it came in", async ({ bus }) => {
  const [answer] = await bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [VOLTAGE] });
  assert.is(hex(answer?.frame.request), "01040000000271cb");
  assert.is(hex(answer?.frame.response).slice(0, 14), "01040443660000");
});

for (const extraMs of [5, 60, 200, 400])
  test(`an answer that comes ${extraMs} ms after its time limit is never taken for a later request's`, async (context) => {
    const { device } = context;
    const bus = await reopenBus(context, { attempts: 1 });
    const limitMs = QUICK_SDM630.timing.answerTimeoutMs;
    device.setFault(1, { kind: "late", byMs: limitMs + 40 + extraMs }, 1);
    await failsWith(
      () => bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [VOLTAGE] }),
      "DRIVER_TIMEOUT",
    );
    for (let turn = 0; turn < 6; turn++) {
      const outcome = await bus
        .read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] })
        .catch(() => null);
      if (outcome !== null) assert.equal(outcome[0]?.words, IMPORT_WORDS);
    }
    const [recovered] = await bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] });
    assert.equal(recovered?.words, IMPORT_WORDS);
  });

test("however late answers come, none is taken for another request's", async (context) => {
  const { device } = context;
  const bus = await reopenBus(context, { quietAfterFailureMs: 2, unitChangeGapMs: 1 });
  const definition = { ...QUICK_SDM630, timing: { ...QUICK_SDM630.timing, answerTimeoutMs: 10, gapMs: 1 } };
  const random = seededRandom(20_240_117);
  let accepted = 0;
  for (let round = 0; round < 40; round++) {
    device.setFault(1, { kind: "late", byMs: Math.floor(between(random, 1, 70)) }, 1 + (round % 3));
    for (const read of [VOLTAGE, IMPORT]) {
      const answers = await bus.read({ unitId: 1, definition, reads: [read] }).catch(() => null);
      if (answers === null) continue;
      accepted++;
      assert.equal(answers[0]?.words, read === VOLTAGE ? VOLTAGE_WORDS : IMPORT_WORDS, `round ${round}`);
    }
  }
  assert.ok(accepted > 10, `${accepted} accepted`);
  assert.ok(bus.counters(1).late > 10);
});

test("an answer that comes in the quiet after a failure is counted as late and the next read needs no retry", async (context) => {
  const { device } = context;
  const bus = await reopenBus(context, { attempts: 1, quietAfterFailureMs: 400 });
  device.setFault(1, { kind: "late", byMs: QUICK_SDM630.timing.answerTimeoutMs + 100 }, 1);
  await failsWith(
    () => bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [VOLTAGE] }),
    "DRIVER_TIMEOUT",
  );
  const [answer] = await bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] });
  assert.equal(answer?.words, IMPORT_WORDS);
  assert.is(bus.counters(1).late, 1);
  assert.is(bus.counters(1).timeout, 1);
});

test("a silent meter times out after the bounded attempts and the others are read", async ({
  bus,
  device,
}) => {
  device.setFault(2, { kind: "silent" });
  const silent = bus.read({ unitId: 2, definition: QUICK_SDM120, reads: [EXPORT] });
  const other = bus.read({ unitId: 3, definition: QUICK_SDM120, reads: [IMPORT] });
  const error = await failsWith(() => silent, "DRIVER_TIMEOUT");
  assert.is(error.detail.unitId, 2);
  assert.is(error.detail.why, "no byte came back");
  assert.equal((await other)[0]?.words, ONE_KWH_WORDS);
  assert.is(bus.counters(2).timeout, DEFAULT_BUS_TUNING.attempts);
});

test("a meter that was silent is read again as soon as it answers", async ({ bus, device }) => {
  device.setFault(1, { kind: "silent" }, 3);
  await failsWith(() => bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] }), "DRIVER_TIMEOUT");
  const [answer] = await bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] });
  assert.equal(answer?.words, IMPORT_WORDS);
});

test("a spoiled answer is asked for again and never decoded", async ({ bus, device }) => {
  device.setFault(1, { kind: "spoiled" }, 1);
  const [answer] = await bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] });
  assert.equal(answer?.words, IMPORT_WORDS);
  assert.is(bus.counters(1).crc, 1);
});

test("answers that stay spoiled end in a check error that shows the bytes", async ({ bus, device }) => {
  device.setFault(1, { kind: "spoiled" });
  const error = await failsWith(
    () => bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] }),
    "DRIVER_CRC",
  );
  assert.match(String(error.detail.receivedHex), /^0104/);
});

test("noise before an answer does not hide it", async ({ bus, device }) => {
  device.setFault(1, { kind: "noise" });
  const [answer] = await bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] });
  assert.equal(answer?.words, IMPORT_WORDS);
  assert.is(bus.counters(1).crc, 0);
});

test("an answer from another unit is refused by name", async ({ bus, device }) => {
  device.setFault(1, { kind: "wrong-unit", unitId: 7 });
  const error = await failsWith(
    () => bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] }),
    "DRIVER_WRONG_UNIT",
  );
  assert.is(error.detail.foreignUnitId, 7);
});

test("an exception is told with its code and not asked again", async ({ bus }) => {
  const odd: RegisterRead = { table: "input", address: 0x0001, count: 2 };
  const error = await failsWith(
    () => bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [odd] }),
    "DRIVER_EXCEPTION",
  );
  assert.is(error.detail.exceptionCode, 3);
  assert.is(bus.counters(1).exception, 1);
});

test("a port that vanishes rejects whoever waits at once, and comes back by itself", async (context) => {
  const { bus, device, events } = context;
  device.setFault(1, { kind: "silent" });
  const pending = [1, 2, 3].map((unitId) =>
    bus.read({
      unitId,
      definition: { ...QUICK_SDM630, timing: { ...QUICK_SDM630.timing, answerTimeoutMs: 60_000 } },
      reads: [IMPORT],
    }),
  );
  const outcomes = Promise.allSettled(pending);
  await device.unplug();
  for (const outcome of await outcomes) {
    assert.is(outcome.status, "rejected");
    assert.is((outcome as PromiseRejectedResult).reason.code, "DRIVER_PORT_GONE");
  }
  await failsWith(
    () => bus.read({ unitId: 3, definition: QUICK_SDM120, reads: [IMPORT] }),
    "DRIVER_PORT_GONE",
  );
  const isBack = nextEvent(context);
  await device.replug();
  await isBack;
  const [answer] = await bus.read({ unitId: 3, definition: QUICK_SDM120, reads: [IMPORT] });
  assert.equal(answer?.words, ONE_KWH_WORDS);
  assert.equal(
    events.map(({ kind }) => kind),
    ["port-gone", "port-back"],
  );
});

test("callers beyond the queue's bound are refused", async (context) => {
  const { device } = context;
  const bus = await reopenBus(context, { maxQueued: 2, attempts: 1 });
  device.setFault(1, { kind: "silent" });
  const request = { unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] };
  const waiting = Promise.allSettled([bus.read(request), bus.read(request), bus.read(request)]);
  await failsWith(() => bus.read(request), "DRIVER_QUEUE_FULL");
  await waiting;
});

test("a closed bus rejects whoever waits and whoever comes", async ({ bus, device }) => {
  device.setFault(1, { kind: "silent" });
  const request = { unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] };
  const waiting = Promise.allSettled([bus.read(request), bus.read(request)]);
  await bus.close();
  for (const outcome of await waiting)
    assert.is((outcome as PromiseRejectedResult).reason.code, "DRIVER_CLOSED");
  await failsWith(() => bus.read(request), "DRIVER_CLOSED");
});

test("a port that is not there is refused by name, or waited for when so asked", async (context) => {
  const { device, bus, events } = context;
  await bus.close();
  await device.unplug();
  const error = await failsWith(() => openBus(context), "DRIVER_PORT_OPEN");
  assert.is(error.detail.hint, "adapter not plugged in, or another path");
  context.bus = await openBus(context, {}, true);
  assert.equal(
    events.map(({ kind }) => kind),
    ["port-gone"],
  );
  const isBack = nextEvent(context);
  await device.replug();
  await isBack;
  const [answer] = await context.bus.read({ unitId: 3, definition: QUICK_SDM120, reads: [IMPORT] });
  assert.equal(answer?.words, ONE_KWH_WORDS);
});

test.run();

async function openBus(
  { device, events }: Context,
  tuning: Partial<BusTuning> = {},
  keepsTrying = false,
): Promise<Bus> {
  const bus = new Bus({
    path: device.path,
    settings: SETTINGS,
    tuning: { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING, ...tuning },
    nowMs: systemNowMs,
    onEvent: (event) => events.push(event),
  });
  await bus.open(keepsTrying);
  return bus;
}

async function reopenBus(context: Context, tuning: Partial<BusTuning>): Promise<Bus> {
  await context.bus.close();
  context.bus = await openBus(context, tuning);
  return context.bus;
}

/** Resolves with the next event of the line. */
function nextEvent({ events }: Context): Promise<LineEvent> {
  return new Promise((resolve) => {
    events.push = (...added: LineEvent[]): number => {
      delete (events as { push?: unknown }).push;
      const length = events.push(...added);
      const [event] = added;
      if (event !== undefined) resolve(event);
      return length;
    };
  });
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}
