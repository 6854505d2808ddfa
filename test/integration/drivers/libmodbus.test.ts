/** Two counterparts that share no code with the drivers: a libmodbus meter read by us and by mbpoll, and mbpoll reading ours. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterReadOut, MeterSample } from "../../../agent/ports/meter.ts";
import { eastronSdm630 } from "../../../drivers/definitions/eastronSdm630.ts";
import { openLine } from "../../../drivers/meter.ts";
import { leaveOut } from "../../support/leaveOut.ts";
import {
  type LibmodbusMeter,
  lackingForLibmodbus,
  mbpoll,
  startLibmodbusMeter,
} from "../../support/libmodbusMeter.ts";
import { INITIAL_WH, SETTINGS, startThreeMeters, systemNowMs } from "../../support/simulatedLine.ts";
import { passThroughTcp } from "../../support/ttyPair.ts";

const lacking = await lackingForLibmodbus();

if (lacking !== null) {
  leaveOut("libmodbus and mbpoll as counterparts", lacking);
} else {
  const test = suite("drivers against libmodbus and mbpoll");
  test("the drivers and mbpoll read the same values from a libmodbus meter", readBothWays);
  test("a libmodbus meter behind a serial server reads the same through TCP", readThroughTcp);
  test("mbpoll reads the simulated meter's registers", readSimulator);
  test.run();
}

async function readBothWays(): Promise<void> {
  const device = await startLibmodbusMeter();
  const { path } = device;
  try {
    const { sample: before, readOut } = await readByDrivers(device);
    const currents = await mbpoll(path, { address: 0x06, count: 3, format: "float" });
    const frequency = await mbpoll(path, { address: 0x46, count: 1, format: "float" });
    const energyWords = await mbpoll(path, { address: 0x48, count: 4, format: "hex" });
    const { sample: after } = await readByDrivers(device);
    const valueNamed = (name: string): number =>
      readOut.values.find(({ quantity }) => quantity === name)?.value ?? Number.NaN;

    assert.equal([...currents.values()].map(Number), [4, 5, 6]);
    assert.equal([valueNamed("currentL1"), valueNamed("currentL2"), valueNamed("currentL3")], [4, 5, 6]);
    assert.is(Number(valueNamed("frequency").toPrecision(6)), Number(frequency.get(0x46)));
    const [importWh, exportWh] = [wordsToWh(energyWords, 0x48), wordsToWh(energyWords, 0x4a)];
    assert.is(exportWh, 234_500n);
    assert.is(before.activeEnergyExport, exportWh);
    assert.is(after.activeEnergyExport, exportWh);
    assert.ok((before.activeEnergyImport ?? -1n) <= importWh, `${before.activeEnergyImport} ≤ ${importWh}`);
    assert.ok(importWh <= (after.activeEnergyImport ?? -1n), `${importWh} ≤ ${after.activeEnergyImport}`);
    assert.is(before.resolutionMilliWh, 977);
  } finally {
    await device.stop();
  }
}

async function readThroughTcp(): Promise<void> {
  const device = await startLibmodbusMeter();
  const server = await passThroughTcp(device.path);
  try {
    const path = `rtu+tcp://127.0.0.1:${server.port}`;
    const { sample, readOut } = await readByDrivers({ ...device, path });
    assert.is(sample.activeEnergyExport, 234_500n);
    const currents = readOut.values.filter(({ quantity }) => quantity.startsWith("currentL"));
    assert.equal(
      currents.map(({ value }) => value),
      [4, 5, 6],
    );
  } finally {
    await server.close();
    await device.stop();
  }
}

/** Opens the line for as long as it takes: a terminal shares its bytes out among all who read from it. */
async function readByDrivers({
  path,
  unitId,
}: LibmodbusMeter): Promise<{ sample: MeterSample; readOut: MeterReadOut }> {
  const line = await openLine({ ...SETTINGS, path, nowMs: systemNowMs, onEvent: () => {} });
  const meter = line.meter({ definition: eastronSdm630, unitId });
  const sample = await meter.sample();
  const readOut = await meter.readOut();
  await line.close();
  return { sample, readOut };
}

async function readSimulator(): Promise<void> {
  const device = await startThreeMeters();
  try {
    const { path } = device;
    const importKwh = await mbpoll(path, { address: 0x48, count: 1, format: "float", unitId: 1 });
    const exportKwh = await mbpoll(path, { address: 0x4a, count: 1, format: "float", unitId: 2 });
    const energyWords = await mbpoll(path, { address: 0x48, count: 4, format: "hex", unitId: 3 });
    assert.is(Number(importKwh.get(0x48)), Number(INITIAL_WH[1]) / 1000);
    assert.is(Number(exportKwh.get(0x4a)), Number((Number(INITIAL_WH[2]) / 1000).toPrecision(6)));
    assert.is(wordsToWh(energyWords, 0x48), INITIAL_WH[3]);
  } finally {
    await device.stop();
  }
}

/** kWh as float32 in two registers, as printed in hexadecimal; exact, since 24 bits times 1000 fit a double. */
function wordsToWh(words: ReadonlyMap<number, string>, address: number): bigint {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, Number(words.get(address)));
  view.setUint16(2, Number(words.get(address + 1)));
  return BigInt(Math.floor(view.getFloat32(0) * 1000));
}
