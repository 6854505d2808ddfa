/** Meters of four makers on one line: words in either order, floats and integers, markers, a code that is read alone. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DriverError } from "../../../drivers/driverError.ts";
import { identifyMeter } from "../../../drivers/identify.ts";
import { type Line, openLine } from "../../../drivers/meter.ts";
import { Bus, DEFAULT_BUS_TUNING } from "../../../drivers/modbus/bus.ts";
import type { ReadRegisters } from "../../../drivers/registerAccess.ts";
import { KNOWN_METERS, meterDefinition } from "../../../drivers/registry.ts";
import { constantCurve } from "../../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { QUICK_TUNING, SETTINGS, systemNowMs } from "../../support/simulatedLine.ts";

const UNITS = [
  { id: "carlo-gavazzi-em300", importWh: 12_345_600n, model: "Carlo Gavazzi EM330" },
  { id: "abb-b2x", importWh: 123_456_780n, model: "ABB B21" },
  { id: "eltako-dsz15", importWh: 7_654_320n, model: null },
  { id: "dzg-dvh4013", importWh: 4_000_001n, model: null },
  { id: "eastron-sdm72-v2", importWh: 5_000_000n, model: "Eastron SDM72D-M-2" },
] as const;
/** No definition of a simulated meter needs the pauses of a real one. */
const TIMING = { thinkTimeMs: 1, answerTimeoutMs: 300, gapMs: 2, source: "the simulator" };

type Context = { device: SimulatedLine };

const test = suite<Context>("meters of several makers");

test.before(async (context) => {
  context.device = await startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 0,
    timeLapse: 1,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: UNITS.map(({ id, importWh }, index) => ({
      definition: meterDefinition(id),
      unitId: index + 1,
      serial: 4000 + index,
      curve: constantCurve(0),
      initial: { importWh, exportWh: 1_000n },
    })),
  });
});

test.after(async ({ device }) => {
  await device.stop();
});

test("each is sampled to its own registers, and read out with its serial number", async ({ device }) => {
  const line = await openQuickLine(device.path);
  try {
    for (const [index, { id, importWh }] of UNITS.entries()) {
      const definition = { ...meterDefinition(id), timing: TIMING };
      const meter = line.meter({ definition, unitId: index + 1 });
      const sample = await meter.sample();
      assert.is(sample.activeEnergyImport, importWh, id);
      assert.is(sample.activeEnergyExport, 1_000n, id);
      assert.is(sample.activePower, 0, id);
      const { meterSerial, values } = await meter.readOut();
      const hasSerial = definition.identification.meterSerial !== undefined;
      assert.is(meterSerial, hasSerial ? String(4000 + index) : null, id);
      assert.is(values.length, definition.registers.length, id);
    }
  } finally {
    await line.close();
  }
});

test("each is named through the bus, or is among those that its values fit", async ({ device }) => {
  const tuning = { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING };
  const bus = new Bus({
    path: device.path,
    settings: SETTINGS,
    tuning,
    nowMs: systemNowMs,
    onEvent: () => {},
  });
  await bus.open(false);
  try {
    for (const [index, { id, model }] of UNITS.entries()) {
      const found = await identifyMeter(KNOWN_METERS, readsOf(bus, index + 1));
      if (model === null) {
        assert.ok(found.kind === "likely" && found.definitionIds.includes(id), JSON.stringify(found));
        continue;
      }
      const meterSerial = String(4000 + index);
      assert.equal(found.kind === "named" && found.meters, [{ definitionId: id, model, meterSerial }]);
    }
  } finally {
    await bus.close();
  }
});

test.run();

function openQuickLine(path: string): Promise<Line> {
  return openLine({ ...SETTINGS, path, nowMs: systemNowMs, onEvent: () => {}, tuning: QUICK_TUNING });
}

function readsOf(bus: Bus, unitId: number): ReadRegisters {
  const definition = { timing: TIMING, maxRegistersPerRead: 125 };
  return async (read) => {
    try {
      const [answer] = await bus.read({ unitId, definition, reads: [read] });
      return answer?.words ?? null;
    } catch (error) {
      if (error instanceof DriverError && error.code === "DRIVER_EXCEPTION") return null;
      throw error;
    }
  };
}
