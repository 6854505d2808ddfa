/** Meters over a line: what a sample and a read-out make of registers that are there, missing or nonsense. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eastronSdm630 } from "../../../drivers/definitions/eastronSdm630.ts";
import { type Line, openLine } from "../../../drivers/meter.ts";
import { constantCurve } from "../../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { failsWith } from "../../support/failure.ts";
import {
  QUICK_SDM120,
  QUICK_SDM630,
  QUICK_TUNING,
  SETTINGS,
  systemNowMs,
} from "../../support/simulatedLine.ts";

type Context = { device: SimulatedLine; line: Line };

const test = suite<Context>("drivers/meter");

test.before(async (context) => {
  context.device = await startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 720,
    timeLapse: 180,
    thinkTimeMs: 1,
    hasWireTime: true,
    meters: [
      {
        definition: eastronSdm630,
        unitId: 1,
        serial: 7,
        curve: constantCurve(1800),
        initial: { importWh: 5_000_000n, exportWh: 250_000n },
      },
      {
        definition: QUICK_SDM120,
        unitId: 2,
        serial: 8,
        curve: constantCurve(-3600),
        initial: { importWh: 0n, exportWh: 0n },
      },
    ],
  });
  const { path } = context.device;
  context.line = await openLine({
    ...SETTINGS,
    path,
    nowMs: systemNowMs,
    onEvent: () => {},
    tuning: QUICK_TUNING,
  });
});

test.after(async ({ line, device }) => {
  await line.close();
  await device.stop();
});

test("energy read is the curve's integral, floored at the register's step", async ({ line, device }) => {
  const meter = line.meter({ definition: QUICK_SDM630, unitId: 1 });
  const before = device.stateOf(1).importMilliWh;
  const sample = await meter.sample();
  const after = device.stateOf(1).importMilliWh;
  const importMilliWh = (sample.activeEnergyImport ?? 0n) * 1000n;
  const slackMilliWh = BigInt(sample.resolutionMilliWh) + 1000n;
  assert.ok(importMilliWh >= before - slackMilliWh && importMilliWh <= after + slackMilliWh);
  assert.is(sample.activeEnergyExport, 250_000n);
  assert.is(sample.activePower, 1800);
  assert.is(sample.resolutionMilliWh, 489);
});

test("generation is export and negative power; inverted it is import and positive", async ({ line }) => {
  const straight = await line.meter({ definition: QUICK_SDM120, unitId: 2 }).sample();
  const inverted = await line.meter({ definition: QUICK_SDM120, unitId: 2, invert: true }).sample();
  assert.is(straight.activePower, -3600);
  assert.is(straight.activeEnergyImport, 0n);
  assert.is(inverted.activePower, 3600);
  assert.is(inverted.activeEnergyExport, 0n);
  assert.ok((inverted.activeEnergyImport ?? 0n) >= (straight.activeEnergyExport ?? 1n));
});

test("a read-out of an inverted meter names each phase's registers for what they measure", async ({
  line,
}) => {
  const straight = await line.meter({ definition: QUICK_SDM630, unitId: 1 }).readOut();
  const inverted = await line.meter({ definition: QUICK_SDM630, unitId: 1, invert: true }).readOut();
  const valueIn = (readOut: typeof straight, name: string): number =>
    readOut.values.find(({ quantity }) => quantity === name)?.value ?? Number.NaN;
  assert.is(valueIn(straight, "activeEnergyExportL1"), 83_333);
  assert.is(valueIn(inverted, "activeEnergyImportL1"), 83_333);
  assert.is(valueIn(inverted, "activePowerL2"), -600);
  assert.is(valueIn(inverted, "frequency"), 50);
});

test("a meter without export registers says null, not zero", async ({ line }) => {
  const registers = QUICK_SDM630.registers.filter(({ quantity }) => quantity === "activeEnergyImport");
  const sample = await line.meter({ definition: { ...QUICK_SDM630, registers }, unitId: 1 }).sample();
  assert.is(sample.activeEnergyExport, null);
  assert.is(sample.activePower, null);
  assert.type(sample.resolutionMilliWh, "number");
});

test("an energy register that holds no energy fails the sample", async ({ line }) => {
  const registers = QUICK_SDM120.registers
    .filter(({ quantity }) => quantity === "activePower")
    .map((register) => ({ ...register, quantity: "activeEnergyImport" as const }));
  const meter = line.meter({ definition: { ...QUICK_SDM120, registers }, unitId: 2 });
  const error = await failsWith(() => meter.sample(), "DRIVER_BAD_VALUE");
  assert.is(error.detail.why, "negative");
  assert.is(error.detail.quantity, "activeEnergyImport");
});

test("a read-out leaves out what is absent", async ({ line }) => {
  const registers = QUICK_SDM120.registers
    .filter(({ quantity }) => quantity === "activePower" || quantity === "frequency")
    .map((register) =>
      register.quantity === "activePower"
        ? { ...register, quantity: "activeEnergyImport" as const }
        : register,
    );
  const readOut = await line.meter({ definition: { ...QUICK_SDM120, registers }, unitId: 2 }).readOut();
  assert.equal(
    readOut.values.map(({ quantity }) => quantity),
    ["frequency"],
  );
});

test("firmware without a serial number has none", async ({ line }) => {
  const meterSerial = { table: "holding", address: 0xf000, type: "u32", source: "test" } as const;
  const definition = { ...QUICK_SDM120, identification: { meterSerial } };
  const readOut = await line.meter({ definition, unitId: 2 }).readOut();
  assert.is(readOut.meterSerial, null);
});

test("the expected duration is wire, think time, gaps and the change of unit", async ({ line }) => {
  const timing = { ...eastronSdm630.timing, thinkTimeMs: 50, gapMs: 60 };
  const meter = line.meter({ definition: { ...eastronSdm630, timing }, unitId: 1 });
  // One read of 24 registers at 9600 8N1: (8 + 53 + 7) characters of 1.0417 ms, 50 ms thinking, 5 ms unit change.
  assert.is(meter.sampleDurationMs, 126);
});

test("a unit outside 1 … 247 is refused", async ({ line }) => {
  for (const unitId of [0, 248, 1.5])
    await failsWith(() => line.meter({ definition: QUICK_SDM630, unitId }), "DRIVER_OPTION");
});

test.run();
