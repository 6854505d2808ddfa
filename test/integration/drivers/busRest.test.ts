/** Defective meters: they cost the others little, and come back by themselves. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "../../../drivers/modbus/bus.ts";
import type { RegisterRead } from "../../../drivers/plan.ts";
import type { SimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { failsWith } from "../../support/failure.ts";
import {
  QUICK_SDM120,
  QUICK_TUNING,
  SETTINGS,
  startThreeMeters,
  systemNowMs,
} from "../../support/simulatedLine.ts";

type Context = { device: SimulatedLine; bus: Bus };

const IMPORT: RegisterRead = { table: "input", address: 0x0048, count: 2 };
const ONE_KWH_WORDS = [0x3f80, 0x0000];

const test = suite<Context>("drivers/modbus/bus: defective meters");

test.before.each(async (context) => {
  context.device = await startThreeMeters();
  context.bus = await openBus(context.device, { attempts: 2, restFirstMs: 60_000 });
});

test.after.each(async ({ bus, device }) => {
  await bus.close();
  await device.stop();
});

test("after three failures in a row what can wait is refused, and nothing is sent", async ({
  bus,
  device,
}) => {
  await makeDefective(bus, device, 3);
  const sent = bus.counters(3).timeout;
  const error = await failsWith(() => read(bus, 3, true), "DRIVER_RESTING");
  assert.is(error.detail.unitId, 3);
  assert.is(bus.counters(3).timeout, sent);
});

test("what cannot wait is tried all the same, once", async ({ bus, device }) => {
  await makeDefective(bus, device, 3);
  const sent = bus.counters(3).timeout;
  await failsWith(() => read(bus, 3), "DRIVER_TIMEOUT");
  assert.is(bus.counters(3).timeout, sent + 1);
});

test("it is asked after everybody else", async ({ bus, device }) => {
  await makeDefective(bus, device, 3);
  const order: number[] = [];
  const note = (unitId: number) => read(bus, unitId).finally(() => order.push(unitId));
  // The first is served at once, whoever it is; the others wait.
  const all = Promise.allSettled([note(1), note(3), note(2), note(1)]);
  await all;
  assert.equal(order, [1, 2, 1, 3]);
});

test("one answer and it is like any other again", async ({ bus, device }) => {
  await makeDefective(bus, device, 3);
  device.setFault(3, { kind: "none" });
  assert.equal(await read(bus, 3), ONE_KWH_WORDS);
  assert.equal(await read(bus, 3, true), ONE_KWH_WORDS);
  device.setFault(3, { kind: "silent" }, 1);
  assert.equal(await read(bus, 3), ONE_KWH_WORDS);
});

test("a meter that refuses is there, and never rests", async ({ bus, device }) => {
  device.setFault(3, { kind: "exception", code: 4 });
  for (let turn = 0; turn < 5; turn++) await failsWith(() => read(bus, 3, true), "DRIVER_EXCEPTION");
});

test("a pause that is over lets what can wait through", async ({ device, bus }) => {
  await bus.close();
  const other = await openBus(device, { attempts: 1, restFirstMs: 0, restMostMs: 0 });
  await makeDefective(other, device, 3);
  device.setFault(3, { kind: "none" });
  assert.equal(await read(other, 3, true), ONE_KWH_WORDS);
  await other.close();
});

test.run();

async function makeDefective(bus: Bus, device: SimulatedLine, unitId: number): Promise<void> {
  device.setFault(unitId, { kind: "silent" });
  for (let failure = 0; failure < DEFAULT_BUS_TUNING.restAfterFailures; failure++)
    await failsWith(() => read(bus, unitId), "DRIVER_TIMEOUT");
}

async function openBus({ path }: SimulatedLine, tuning: Partial<BusTuning>): Promise<Bus> {
  const bus = new Bus({
    path,
    settings: SETTINGS,
    tuning: { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING, ...tuning },
    nowMs: systemNowMs,
    onEvent: () => {},
  });
  await bus.open(false);
  return bus;
}

async function read(bus: Bus, unitId: number, canWait = false): Promise<readonly number[]> {
  const [answer] = await bus.read({ unitId, definition: QUICK_SDM120, reads: [IMPORT], canWait });
  return answer?.words ?? [];
}
