/** What every meter behind the port promises: run on our simulated SDM630 and on an independent one on libmodbus. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Meter } from "../../agent/ports/meter.ts";
import { eastronSdm630 } from "../../drivers/definitions/eastronSdm630.ts";
import { DriverError } from "../../drivers/driverError.ts";
import { type Line, openLine } from "../../drivers/meter.ts";
import { hasValidCrc } from "../../drivers/modbus/crc16.ts";
import { leaveOut } from "../support/leaveOut.ts";
import { lackingForLibmodbus, startLibmodbusMeter } from "../support/libmodbusMeter.ts";
import { SETTINGS, startThreeMeters, systemNowMs } from "../support/simulatedLine.ts";

type Device = { readonly path: string; readonly meterSerial: string; stop(): Promise<void> };
type Context = { device: Device; line: Line; meter: Meter };

const ABSENT_UNIT = 99;

contract("meter contract on the simulated meter", async () => {
  const line = await startThreeMeters();
  return { path: line.path, meterSerial: "11111111", stop: () => line.stop() };
});

const lacking = await lackingForLibmodbus();
if (lacking === null) {
  contract("meter contract on the independent libmodbus meter", async () => {
    const meter = await startLibmodbusMeter();
    return { path: meter.path, meterSerial: "20239784", stop: () => meter.stop() };
  });
} else {
  leaveOut("meter contract on the independent libmodbus meter", lacking);
}

function contract(name: string, start: () => Promise<Device>): void {
  const test = suite<Context>(name);

  test.before(async (context) => {
    context.device = await start();
    const { path } = context.device;
    context.line = await openLine({ ...SETTINGS, path, nowMs: systemNowMs, onEvent: () => {} });
    context.meter = context.line.meter({ definition: eastronSdm630, unitId: 1 });
  });

  test.after(async ({ line, device }: Partial<Context>) => {
    await line?.close();
    await device?.stop();
  });

  test("a sample holds the settled registers, never before the request, with the frames they came in", async ({
    meter,
  }) => {
    const askedAtMs = Date.now();
    const sample = await meter.sample();
    assert.ok(sample.takenAtMs >= askedAtMs && sample.takenAtMs <= Date.now());
    assert.is(typeof sample.activeEnergyImport, "bigint");
    assert.is(typeof sample.activeEnergyExport, "bigint");
    assert.is(typeof sample.activePower, "number");
    assert.ok(sample.resolutionMilliWh >= 1);
    assert.is(sample.frames.length, 1);
    for (const { request, response } of sample.frames)
      assert.ok(hasValidCrc(request) && hasValidCrc(response));
  });

  test("cumulative registers never fall from one sample to the next", async ({ meter }) => {
    const first = await meter.sample();
    const second = await meter.sample();
    assert.ok((second.activeEnergyImport ?? -1n) >= (first.activeEnergyImport ?? 0n));
    assert.ok((second.activeEnergyExport ?? -1n) >= (first.activeEnergyExport ?? 0n));
  });

  test("a read-out holds every quantity of the definition and the serial number", async ({
    meter,
    device,
  }) => {
    const readOut = await meter.readOut();
    const expected = eastronSdm630.registers.map(({ quantity }) => quantity);
    assert.equal(
      readOut.values.map(({ quantity }) => quantity),
      expected,
    );
    assert.is(readOut.meterSerial, device.meterSerial);
    assert.is(await meter.meterSerial(), device.meterSerial, "and by itself");
  });

  test("a meter mounted the other way round swaps its registers and its sign", async ({ meter, line }) => {
    const inverted = line.meter({ definition: eastronSdm630, unitId: 1, invert: true });
    const before = await meter.sample();
    const sample = await inverted.sample();
    const after = await meter.sample();
    assert.ok((before.activeEnergyImport ?? 0n) <= (sample.activeEnergyExport ?? -1n));
    assert.ok((sample.activeEnergyExport ?? 0n) <= (after.activeEnergyImport ?? -1n));
    assert.is(sample.activeEnergyImport, before.activeEnergyExport);
    assert.is(Math.sign(sample.activePower ?? 0), 0 - Math.sign(before.activePower ?? 0));
  });

  test("concurrent callers each get their own answer", async ({ meter }) => {
    const samples = await Promise.all([meter.sample(), meter.readOut(), meter.sample()]);
    assert.is(samples[0].activeEnergyExport, samples[2].activeEnergyExport);
    assert.is(samples[1].values.length, eastronSdm630.registers.length);
  });

  test("a unit that is not there times out, is counted, and spoils nothing for the next", async ({
    line,
    meter,
  }) => {
    const definition = { ...eastronSdm630, timing: { ...eastronSdm630.timing, answerTimeoutMs: 100 } };
    const absent = line.meter({ definition, unitId: ABSENT_UNIT });
    const outcome = await absent.sample().catch((error: unknown) => error);
    assert.instance(outcome, DriverError);
    assert.is((outcome as DriverError).code, "DRIVER_TIMEOUT");
    assert.ok(absent.counters().timeout >= 1);
    const okBefore = meter.counters().ok;
    // libmodbus takes the next request for the absent unit's answer and ignores it, so a retry may be needed here.
    await meter.sample();
    assert.ok(meter.counters().ok > okBefore);
  });

  test.run();
}
