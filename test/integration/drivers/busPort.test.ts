/** The port of a bus: it comes back under another name, is renewed over TCP, and can be lent. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "../../../drivers/modbus/bus.ts";
import type { LineEvent } from "../../../drivers/modbus/portKeeper.ts";
import type { RegisterRead } from "../../../drivers/plan.ts";
import type { SimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { failsWith } from "../../support/failure.ts";
import { startLineOverTcp } from "../../support/lineOverTcp.ts";
import {
  QUICK_SDM630,
  QUICK_TUNING,
  SETTINGS,
  startThreeMeters,
  systemNowMs,
} from "../../support/simulatedLine.ts";
import { until } from "../../support/until.ts";

type Context = { device: SimulatedLine; events: LineEvent[]; sent: number };

const IMPORT: RegisterRead = { table: "input", address: 0x0048, count: 2 };
/** 5000 kWh as float32, by hand from IEEE 754. */
const IMPORT_WORDS = [0x459c, 0x4000];

const test = suite<Context>("drivers/modbus/portKeeper");

test.before.each(async (context) => {
  context.device = await startThreeMeters();
  context.events = [];
  context.sent = 0;
});

test.after.each(async ({ device }) => {
  await device.stop();
});

for (const [what, pathOf] of [
  ["by its stable name", (device: SimulatedLine) => device.path],
  ["by the kernel's name of the day", (device: SimulatedLine) => device.deviceName],
] as const)
  test(`an adapter configured ${what} is found again when the kernel gives it another`, async (context) => {
    const { device, events } = context;
    const bus = await openBus(context, pathOf(device));
    await device.unplug();
    await until("it is gone", () => events.length === 1);
    await device.replug("ttyUSB7");
    await until("it is back", () => events.length === 2);
    assert.equal(await read(bus), IMPORT_WORDS);
    assert.match(device.deviceName, /ttyUSB7$/);
    assert.equal(
      events.map(({ kind }) => kind),
      ["port-gone", "port-back"],
    );
    await bus.close();
  });

test("a connection that the server drops when idle is renewed, and nobody is told", async (context) => {
  const server = await startLineOverTcp(context.device.path);
  const bus = await openBus(context, server.path, { soundAfterMs: 0 });
  assert.equal(await read(bus), IMPORT_WORDS);
  await server.drop();
  await until("it is renewed", () => server.accepted === 2);
  assert.equal(await read(bus), IMPORT_WORDS);
  assert.equal(context.events, []);
  await bus.close();
  await server.stop();
});

test("a server that is away is told once and found again", async (context) => {
  const { events } = context;
  const server = await startLineOverTcp(context.device.path);
  const bus = await openBus(context, server.path, { soundAfterMs: 0 });
  await server.refuse();
  await until("it is gone", () => events.length === 1);
  await failsWith(() => read(bus), "DRIVER_PORT_GONE");
  await server.accept();
  await until("it is back", () => events.length === 2);
  assert.equal(await read(bus), IMPORT_WORDS);
  assert.equal(
    events.map(({ kind }) => kind),
    ["port-gone", "port-back"],
  );
  await bus.close();
  await server.stop();
});

test("a server that drops everybody at once is asked ever more rarely", async (context) => {
  const server = await startLineOverTcp(context.device.path);
  const bus = await openBus(context, server.path, { reopenFirstMs: 1, reopenMostMs: 60_000 });
  for (let drops = 1; drops <= 6; drops++) {
    await until(`connection ${drops}`, () => server.accepted === drops);
    await server.drop();
  }
  // Pauses of 1, 2, 4, 8, 16 ms lie behind; the next attempt is 32 ms away, not one.
  assert.is(server.accepted, 6);
  await bus.close();
  await server.stop();
});

test("a connection over which nothing comes any more is replaced", async (context) => {
  const server = await startLineOverTcp(context.device.path);
  const bus = await openBus(context, server.path, { attempts: 3 });
  server.swallow(true);
  await failsWith(() => read(bus), "DRIVER_TIMEOUT");
  assert.is(server.accepted, 2);
  server.swallow(false);
  assert.equal(await read(bus), IMPORT_WORDS);
  assert.equal(context.events, []);
  await bus.close();
  await server.stop();
});

test("a lent port can be opened by another, and is back when it is returned", async (context) => {
  const { device, events } = context;
  const bus = await openBus(context, device.path);
  const takeBack = await bus.lend();
  await failsWith(() => read(bus), "DRIVER_PORT_LENT");
  await failsWith(() => bus.lend(), "DRIVER_PORT_LENT");
  const borrower = await openBus(context, device.path);
  assert.equal(await read(borrower), IMPORT_WORDS);
  await borrower.close();
  await takeBack();
  await takeBack();
  assert.equal(await read(bus), IMPORT_WORDS);
  assert.equal(events, []);
  await bus.close();
});

test("lending waits for the request under way and tells those who wait", async (context) => {
  const { device } = context;
  const bus = await openBus(context, device.path, { attempts: 1 });
  device.setFault(1, { kind: "late", byMs: 60 }, 1);
  const underWay = read(bus);
  await until("it is asked", () => context.sent === 1);
  const waiting = failsWith(() => read(bus), "DRIVER_PORT_LENT");
  const takeBack = await bus.lend();
  assert.equal(await underWay, IMPORT_WORDS);
  await waiting;
  await takeBack();
  await bus.close();
});

test("a port that vanished while it was lent is reported when it should be back", async (context) => {
  const { device, events } = context;
  const bus = await openBus(context, device.path);
  const takeBack = await bus.lend();
  await device.unplug();
  await takeBack();
  assert.equal(
    events.map(({ kind }) => kind),
    ["port-gone"],
  );
  await device.replug("ttyUSB1");
  await until("it is back", () => events.length === 2);
  assert.equal(await read(bus), IMPORT_WORDS);
  await bus.close();
});

test("a bus that was closed meanwhile takes nothing back", async (context) => {
  const bus = await openBus(context, context.device.path);
  const takeBack = await bus.lend();
  await bus.close();
  await takeBack();
  await failsWith(() => read(bus), "DRIVER_CLOSED");
});

test.run();

async function openBus(context: Context, path: string, tuning: Partial<BusTuning> = {}): Promise<Bus> {
  const bus = new Bus({
    path,
    settings: SETTINGS,
    serialLinks: serialLinksOf(path),
    tuning: { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING, ...tuning },
    nowMs: systemNowMs,
    onEvent: (event) => context.events.push(event),
    onTraffic: ({ direction }) => {
      if (direction === "sent") context.sent++;
    },
  });
  await bus.open(false);
  return bus;
}

/** The simulated device stands beside its links, as /dev/ttyUSB0 beside /dev/serial. */
function serialLinksOf(path: string): string {
  return path.replace(/\/(serial\/by-id\/.*|ttyUSB\d+)$/, "/serial");
}

async function read(bus: Bus): Promise<readonly number[]> {
  const [answer] = await bus.read({ unitId: 1, definition: QUICK_SDM630, reads: [IMPORT] });
  return answer?.words ?? [];
}
