import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Meter } from "../../../agent/ports/meter.ts";
import { deviceMeter } from "../../../drivers/deviceMeter.ts";
import { meterDefinition } from "../../../drivers/registry.ts";
import { failsWith } from "../../support/failure.ts";
import { fakeDevice } from "../../support/fakeDevice.ts";
import { type RegisterSpace, registerSpace, textWords } from "../../support/registerSpace.ts";

const test = suite("drivers/deviceMeter");

test("trap: an EM24 without export refuses the register; its import is read all the same, and export is not zero", async () => {
  const sample = await meterOn(em24()).sample();
  assert.equal([sample.activeEnergyImport, sample.activeEnergyExport], [12_345_600n, null]);
});

test("an EM24 with export has it", async () => {
  const space = em24();
  space.put(0x5c, [10, 0], "input");
  assert.is((await meterOn(space).sample()).activeEnergyExport, 1_000n);
});

test("a refusal other than of the address is a failure, not a lack", async () => {
  const meter = deviceMeter(fakeDevice(em24(), 4), meterDefinition("carlo-gavazzi-em24"), false);
  await failsWith(() => meter.sample(), "DRIVER_EXCEPTION");
});

test("a counter that can be set back is never settled on", async () => {
  const space = em24();
  const meter = meterOn(space);
  await meter.sample();
  assert.not.ok(space.asked.some(({ address, count }) => address <= 0x42 && 0x42 < address + count));
});

test("an ABB that counts in one direction marks its export: there is none", async () => {
  const sample = await meterOn(abb([0xffff, 0xffff, 0xffff, 0xffff]), "abb-b2x").sample();
  assert.equal([sample.activeEnergyImport, sample.activeEnergyExport], [123_456_780n, null]);
});

test("an import that is marked as absent has failed", async () => {
  const space = abb([0, 0, 0, 100]);
  space.put(0x5000, [0xffff, 0xffff, 0xffff, 0xffff]);
  const error = await failsWith(() => meterOn(space, "abb-b2x").sample(), "DRIVER_BAD_VALUE");
  assert.equal([error.detail.quantity, error.detail.why], ["activeEnergyImport", "marker"]);
});

test("a serial number of text is read with the rest", async () => {
  const space = registerSpace();
  for (let address = 0; address < 0x66; address++) space.put(address, [1], "input");
  space.put(0x5000, textWords("BX12345678901", 7), "input");
  const meter = meterOn(space, "carlo-gavazzi-em300");
  assert.is((await meter.readOut()).meterSerial, "BX12345678901");
  const before = space.asked.length;
  assert.is(await meter.meterSerial(), "BX12345678901");
  assert.equal(space.asked.slice(before), [{ table: "input", address: 0x5000, count: 7 }], "one read");
});

test("what is settled on an EM340 is one read, although its code stands alone", async () => {
  const space = registerSpace();
  for (let address = 0; address < 0x66; address++) space.put(address, [0], "input");
  await meterOn(space, "carlo-gavazzi-em300").sample();
  assert.equal(space.asked, [{ table: "input", address: 0x28, count: 40 }]);
});

test("a sample is as old as its last energy register, and its duration counts what may be refused", async () => {
  const space = em24();
  space.put(0x5c, [10, 0], "input");
  const meter = meterOn(space);
  // Power, import and export: three reads, the last energy with the third.
  assert.is((await meter.sample()).takenAtMs, 3000);
  assert.is(meter.sampleDurationMs, 6);
});

/** 50 Hz, 5000 kWh and 1 kWh as float32, by hand; a frequency stands beside the energies of an SDM630. */
for (const [what, frequency, outcome] of [
  ["a frequency of 50 Hz", [0x4248, 0x0000], "sampled"],
  ["the same with its words swapped", [0x0000, 0x4248], "void"],
  ["49.98 Hz with its words swapped", [0xeb85, 0x4247], "void"],
  ["no frequency", [0, 0], "sampled"],
] as const)
  test(`${what}: the sample is ${outcome}`, async () => {
    const space = registerSpace();
    for (let address = 0; address < 0x50; address++) space.put(address, [0], "input");
    space.put(0x46, frequency, "input");
    space.put(0x48, [0x459c, 0x4000, 0x3f80, 0x0000], "input");
    const meter = meterOn(space, "eastron-sdm630");
    if (outcome === "sampled") {
      const { activeEnergyImport, activeEnergyExport } = await meter.sample();
      assert.equal([activeEnergyImport, activeEnergyExport], [5_000_000n, 1_000n]);
    } else {
      const error = await failsWith(() => meter.sample(), "DRIVER_BAD_VALUE");
      assert.is(error.detail.quantity, "frequency");
    }
  });

test("a meter mounted the other way round: import and export change places, and the sign of power", async () => {
  const meter = deviceMeter(fakeDevice(abb([0, 0, 0, 100])), meterDefinition("abb-b2x"), true);
  const sample = await meter.sample();
  assert.equal(
    [sample.activeEnergyImport, sample.activeEnergyExport, sample.activePower],
    [1000n, 123_456_780n, -0.54],
  );
});

test.run();

function meterOn(space: RegisterSpace, id = "carlo-gavazzi-em24"): Meter {
  return deviceMeter(fakeDevice(space), meterDefinition(id), false);
}

/** An EM24 without export: 12345.6 kWh, 100 W. */
function em24(): RegisterSpace {
  const space = registerSpace();
  space.put(0x28, [1000, 0], "input");
  space.put(0x3e, [0xe240, 0x0001], "input");
  space.put(0x42, [7, 0], "input");
  return space;
}

/** A B23: 123456.78 kWh, 0.54 W. */
function abb(exportWords: readonly number[]): RegisterSpace {
  const space = registerSpace();
  space.put(0x5000, [0, 0, 0x00bc, 0x614e]);
  space.put(0x5004, exportWords);
  space.put(0x5b14, [0, 54]);
  return space;
}
