/**
 * pymodbus and jsmodbus as meters and as clients, on terminal devices and on TCP: they, mbpoll and the drivers tell
 * the same values. libmodbus has a file of its own.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterReadOut, MeterSample } from "../../../agent/ports/meter.ts";
import { eastronSdm630 } from "../../../drivers/definitions/eastronSdm630.ts";
import { openLine } from "../../../drivers/meter.ts";
import {
  JSMODBUS_UNIT_ID,
  type JsmodbusMeter,
  readByJsmodbus,
  startSerialJsmodbus,
  startTcpJsmodbus,
} from "../../support/jsmodbusMeter.ts";
import { leaveOut } from "../../support/leaveOut.ts";
import { mbpoll } from "../../support/libmodbusMeter.ts";
import {
  lackingForPymodbus,
  PYMODBUS_SERIAL,
  PYMODBUS_UNIT_ID,
  readByPymodbus,
  startSerialPymodbus,
  startTcpPymodbus,
} from "../../support/pymodbusMeter.ts";
import { INITIAL_WH, SETTINGS, startThreeMeters, systemNowMs } from "../../support/simulatedLine.ts";

/** jsmodbus has no holding register where an SDM630 has its serial number. */
const WITHOUT_SERIAL = { ...eastronSdm630, identification: {} };

type Read = { readonly sample: MeterSample; readonly readOut: MeterReadOut };

const lacking = await lackingForPymodbus();

if (lacking !== null) {
  leaveOut("pymodbus and jsmodbus as counterparts", lacking);
} else {
  const test = suite("drivers against pymodbus and jsmodbus");

  for (const [where, start] of [
    ["a terminal device", startSerialPymodbus],
    ["Modbus TCP", startTcpPymodbus],
  ] as const)
    test(`the drivers and mbpoll read the same values from a pymodbus meter on ${where}`, async () => {
      const device = await start();
      try {
        const read = await readByDrivers(device.port, PYMODBUS_UNIT_ID, eastronSdm630);
        await comparedWithMbpoll(read, device.mbpollAt, PYMODBUS_UNIT_ID);
        assert.is(read.readOut.meterSerial, PYMODBUS_SERIAL);
        // 1234.567 and 89.5 kWh as float32, by hand: 1234.5670166015625 and 89.5.
        assert.equal([read.sample.activeEnergyImport, read.sample.activeEnergyExport], [1_234_567n, 89_500n]);
        assert.is(read.sample.activePower, -1250);
      } finally {
        await device.stop();
      }
    });

  for (const [where, start] of [
    ["a terminal device", startSerialJsmodbus],
    ["Modbus TCP", startTcpJsmodbus],
  ] as const)
    test(`the drivers and mbpoll read the same values from a jsmodbus meter on ${where}`, async () => {
      const device: JsmodbusMeter = await start();
      try {
        const read = await readByDrivers(device.port, JSMODBUS_UNIT_ID, WITHOUT_SERIAL);
        await comparedWithMbpoll(read, device.mbpollAt, JSMODBUS_UNIT_ID);
        // 4321.098 kWh as float32, by hand: 4321.09814453125.
        assert.equal([read.sample.activeEnergyImport, read.sample.activeEnergyExport], [4_321_098n, 12_500n]);
      } finally {
        await device.stop();
      }
    });

  for (const [name, readBy] of [
    ["pymodbus", readByPymodbus],
    ["jsmodbus", readByJsmodbus],
  ] as const)
    test(`${name} and mbpoll read the same words from a simulated meter`, async () => {
      const device = await startThreeMeters();
      try {
        const asked = { unitId: 2, address: 0x48, count: 4 };
        const words = await readBy(device.path, asked);
        const printed = await mbpoll(device.path, { ...asked, format: "hex" });
        assert.equal(words, [...printed.values()].map(Number));
        assert.is(floatOf(words.slice(2)), Math.fround(Number(INITIAL_WH[2]) / 1000));
      } finally {
        await device.stop();
      }
    });

  test.run();
}

async function readByDrivers(path: string, unitId: number, definition: typeof eastronSdm630): Promise<Read> {
  const line = await openLine({ ...SETTINGS, path, nowMs: systemNowMs, onEvent: () => {} });
  try {
    const meter = line.meter({ definition, unitId });
    return { sample: await meter.sample(), readOut: await meter.readOut() };
  } finally {
    await line.close();
  }
}

/** Voltages, currents, power, frequency and both energies: what mbpoll prints is what the drivers have read. */
async function comparedWithMbpoll({ sample, readOut }: Read, at: string | number, unitId: number) {
  const valueNamed = (name: string): number =>
    readOut.values.find(({ quantity }) => quantity === name)?.value ?? Number.NaN;
  const printed = async (address: number, count: number): Promise<readonly number[]> =>
    [...(await mbpoll(at, { address, count, format: "float", unitId })).values()].map(Number);
  const shown = (value: number): number => Number(value.toPrecision(6));
  const phases = ["L1", "L2", "L3"];
  assert.equal(
    phases.map((phase) => valueNamed(`voltage${phase}`)),
    await printed(0x00, 3),
  );
  assert.equal(
    phases.map((phase) => valueNamed(`current${phase}`)),
    await printed(0x06, 3),
  );
  assert.equal([valueNamed("activePower")], await printed(0x34, 1));
  assert.equal([shown(valueNamed("frequency"))], await printed(0x46, 1));
  const words = await mbpoll(at, { address: 0x48, count: 4, format: "hex", unitId });
  const [importKwh, exportKwh] = [0, 2].map((start) => floatOf([...words.values()].map(Number).slice(start)));
  assert.is(Number(sample.activeEnergyImport), Math.floor((importKwh ?? 0) * 1000));
  assert.is(Number(sample.activeEnergyExport), Math.floor((exportKwh ?? 0) * 1000));
}

function floatOf([high = 0, low = 0]: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, high);
  view.setUint16(2, low);
  return view.getFloat32(0);
}
