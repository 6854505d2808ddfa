/**
 * What modbus-serial does when left to itself, and that the bus does not: each fault is shown on the bare library
 * first, so that a release without it is noticed.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import modbusSerial from "modbus-serial";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DriverError } from "../../../drivers/driverError.ts";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "../../../drivers/modbus/bus.ts";
import type { RegisterRead } from "../../../drivers/plan.ts";
import type { SimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { failsWith } from "../../support/failure.ts";
import {
  QUICK_SDM630,
  QUICK_TUNING,
  SETTINGS,
  startThreeMeters,
  systemNowMs,
} from "../../support/simulatedLine.ts";

type Context = { device: SimulatedLine };
type Library = InstanceType<typeof modbusSerial.default>;

const VOLTAGE: RegisterRead = { table: "input", address: 0x0000, count: 2 };
const IMPORT: RegisterRead = { table: "input", address: 0x0048, count: 2 };
/** 230 V and 5000 kWh as float32, by hand from IEEE 754. */
const VOLTAGE_WORDS = [0x4366, 0x0000];
const IMPORT_WORDS = [0x459c, 0x4000];
/** Long after whatever would have settled. */
const SETTLED_BY_MS = 400;

const test = suite<Context>("faults of modbus-serial");

test.before.each(async (context) => {
  context.device = await startThreeMeters();
});

test.after.each(async ({ device }) => {
  await device.stop();
});

test("1: the library alone takes a late answer for the next request's, and so on for ever", async ({
  device,
}) => {
  const client = await openLibrary(device, 100);
  device.setFault(1, { kind: "late", byMs: 150 }, 1);
  await client.readInputRegisters(VOLTAGE.address, 2).catch(() => {});
  const next = await client.readInputRegisters(IMPORT.address, 2);
  const afterIt = await client.readInputRegisters(VOLTAGE.address, 2);
  assert.equal([next.data, afterIt.data], [VOLTAGE_WORDS, IMPORT_WORDS]);
  await closeLibrary(client);
});

test("1: the bus does not", async ({ device }) => {
  const bus = await openBus(device, { quietAfterFailureMs: 0, attempts: 1 });
  const limitMs = QUICK_SDM630.timing.answerTimeoutMs;
  device.setFault(1, { kind: "late", byMs: limitMs + 60 }, 1);
  await failsWith(() => read(bus, VOLTAGE), "DRIVER_TIMEOUT");
  assert.equal(await read(bus, IMPORT), IMPORT_WORDS);
  assert.equal(await read(bus, VOLTAGE), VOLTAGE_WORDS);
  await bus.close();
});

test("2: the library alone waits for ever for a silent meter", async ({ device }) => {
  const client = await openLibrary(device, null);
  device.setFault(1, { kind: "silent" });
  assert.is(await stateOf(client.readInputRegisters(VOLTAGE.address, 2)), "pending");
  await closeLibrary(client);
});

test("2: every request of the bus has a time limit", async ({ device }) => {
  const bus = await openBus(device);
  device.setFault(1, { kind: "silent" });
  await failsWith(() => read(bus, VOLTAGE), "DRIVER_TIMEOUT");
  await bus.close();
});

test("3: of concurrent reads the library alone settles one", async ({ device }) => {
  const client = await openLibrary(device, null);
  const reads = [0x00, 0x02, 0x04].map((address) => stateOf(client.readInputRegisters(address, 2)));
  assert.equal((await Promise.all(reads)).filter((state) => state === "pending").length, 2);
  await closeLibrary(client);
});

test("3: the bus settles all of them, each with its own registers", async ({ device }) => {
  const bus = await openBus(device);
  const [voltage, energy, again] = await Promise.all([
    read(bus, VOLTAGE),
    read(bus, IMPORT),
    read(bus, VOLTAGE),
  ]);
  assert.equal([voltage, energy, again], [VOLTAGE_WORDS, IMPORT_WORDS, VOLTAGE_WORDS]);
  await bus.close();
});

test("4: the library's destroy leaves the device open", async ({ device }) => {
  const client = await openLibrary(device, 100);
  await new Promise<void>((resolve) => client.destroy(() => resolve()));
  assert.ok(client.isOpen);
  await closeLibrary(client);
});

test("4: a closed bus has let go of the device, and another may open it", async ({ device }) => {
  const bus = await openBus(device);
  await failsWith(() => openBus(device), "DRIVER_PORT_OPEN");
  await bus.close();
  const other = await openBus(device);
  assert.equal(await read(other, IMPORT), IMPORT_WORDS);
  await other.close();
});

test("4: the library's close never settles once a TCP server has dropped it", async () => {
  const server = await startServer((socket) => socket.destroy());
  const client = new modbusSerial.default();
  await client.connectTCP("127.0.0.1", { port: server.port });
  await sleep(SETTLED_BY_MS / 2);
  const closed = new Promise<void>((resolve) => client.close(() => resolve()));
  assert.is(await stateOf(closed), "pending");
  await server.stop();
});

test("4: a bus that a TCP server has dropped closes at once", async () => {
  const server = await startServer((socket) => socket.destroy());
  const bus = newBus(`tcp://127.0.0.1:${server.port}`);
  await bus.open(true);
  await sleep(SETTLED_BY_MS / 2);
  assert.is(await stateOf(bus.close()), "settled");
  await server.stop();
});

test("5: with the library alone a pending read outlives its port", async ({ device }) => {
  const client = await openLibrary(device, 60_000);
  client.on("error", () => {});
  device.setFault(1, { kind: "silent" });
  const pending = stateOf(client.readInputRegisters(VOLTAGE.address, 2));
  await device.unplug();
  assert.is(await pending, "pending");
  await new Promise<void>((resolve) => client.destroy(() => resolve()));
});

test("5: the bus rejects it at once", async ({ device }) => {
  const bus = await openBus(device);
  device.setFault(1, { kind: "silent" });
  const pending = failsWith(() => read(bus, VOLTAGE, 60_000), "DRIVER_PORT_GONE");
  await device.unplug();
  await pending;
  await bus.close();
});

test("6: with an adapter that echoes every read of the library alone fails", async ({ device }) => {
  device.setEcho(true);
  const client = await openLibrary(device, 300);
  for (let turn = 0; turn < 3; turn++)
    assert.is(await outcomeOf(client.readInputRegisters(VOLTAGE.address, 2)), "rejected");
  await closeLibrary(client);
});

test("6: the bus takes the echo out and counts it", async ({ device }) => {
  device.setEcho(true);
  const bus = await openBus(device);
  for (let turn = 0; turn < 3; turn++) assert.equal(await read(bus, IMPORT), IMPORT_WORDS);
  const { ok, echo, crc } = bus.counters(1);
  assert.equal([ok, echo, crc], [3, 3, 0]);
  await bus.close();
});

test("7: the library alone rejects with what is no Error", async ({ device }) => {
  const client = await openLibrary(device, 50);
  device.setFault(1, { kind: "silent" });
  const reason = await client.readInputRegisters(VOLTAGE.address, 2).catch((thrown: unknown) => thrown);
  assert.not.instance(reason, Error);
  await closeLibrary(client);
});

for (const fault of [
  { kind: "silent" },
  { kind: "spoiled" },
  { kind: "bad-crc" },
  { kind: "truncated" },
  { kind: "wrong-unit", unitId: 7 },
  { kind: "exception", code: 4 },
] as const)
  test(`7: the bus rejects ${fault.kind} with an error that says what was asked`, async ({ device }) => {
    const bus = await openBus(device, { attempts: 1 });
    device.setFault(1, fault);
    const reason = await read(bus, IMPORT).catch((thrown: unknown) => thrown);
    assert.instance(reason, DriverError);
    const { unitId, functionCode, address, count } = (reason as DriverError).detail;
    assert.equal([unitId, functionCode, address, count], [1, 4, IMPORT.address, 2]);
    await bus.close();
  });

for (const [fault, connect] of [
  [{ kind: "noise" }, "connectRTU"],
  [{ kind: "trailing" }, "connectRTU"],
  [{ kind: "byte-by-byte", pauseMs: 2 }, "connectRTU"],
  [{ kind: "truncated" }, "connectRTUBuffered"],
] as const) {
  test(`8: ${fault.kind}: a read of the library alone fails, this one or the next`, async ({ device }) => {
    const client = await openLibrary(device, 100, connect);
    device.setFault(1, fault, 1);
    const outcomes = [
      await outcomeOf(client.readInputRegisters(VOLTAGE.address, 2)),
      await outcomeOf(client.readInputRegisters(IMPORT.address, 2)),
    ];
    assert.ok(outcomes.includes("rejected"), outcomes.join());
    await closeLibrary(client);
  });

  test(`8: ${fault.kind}: the bus reads this one and the next`, async ({ device }) => {
    const bus = await openBus(device);
    device.setFault(1, fault, 1);
    assert.equal(await read(bus, VOLTAGE), VOLTAGE_WORDS);
    assert.equal(await read(bus, IMPORT), IMPORT_WORDS);
    await bus.close();
  });
}

test.run();

/** Of the library's two ways to a serial line the one takes bytes as they come, the other collects a frame. */
async function openLibrary(
  { path }: SimulatedLine,
  timeoutMs: number | null,
  connect: "connectRTU" | "connectRTUBuffered" = "connectRTUBuffered",
): Promise<Library> {
  const client = new modbusSerial.default();
  await client[connect](path, { baudRate: SETTINGS.baudRate });
  client.setID(1);
  if (timeoutMs !== null) client.setTimeout(timeoutMs);
  return client;
}

async function closeLibrary(client: Library): Promise<void> {
  await new Promise<void>((resolve) => client.close(() => resolve()));
}

function newBus(path: string, tuning: Partial<BusTuning> = {}): Bus {
  return new Bus({
    path,
    settings: SETTINGS,
    tuning: { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING, ...tuning },
    nowMs: systemNowMs,
    onEvent: () => {},
  });
}

async function openBus({ path }: SimulatedLine, tuning: Partial<BusTuning> = {}): Promise<Bus> {
  const bus = newBus(path, tuning);
  await bus.open(false);
  return bus;
}

async function read(bus: Bus, wanted: RegisterRead, answerTimeoutMs?: number): Promise<readonly number[]> {
  const { timing } = QUICK_SDM630;
  const definition = {
    ...QUICK_SDM630,
    timing: { ...timing, answerTimeoutMs: answerTimeoutMs ?? timing.answerTimeoutMs },
  };
  const [answer] = await bus.read({ unitId: 1, definition, reads: [wanted] });
  return answer?.words ?? [];
}

async function stateOf(promise: Promise<unknown>): Promise<"settled" | "pending"> {
  const settled = promise.then(
    () => "settled" as const,
    () => "settled" as const,
  );
  return await Promise.race([settled, sleep(SETTLED_BY_MS, "pending" as const)]);
}

function outcomeOf(promise: Promise<unknown>): Promise<"fulfilled" | "rejected"> {
  return promise.then(
    () => "fulfilled" as const,
    () => "rejected" as const,
  );
}

async function startServer(onSocket: (socket: Socket) => void) {
  const server = createServer(onSocket);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stop = async (): Promise<void> => {
    server.close();
    await once(server, "close");
  };
  return { port, stop };
}
