import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Meter } from "../../../agent/ports/meter.ts";
import { deviceMeter } from "../../../drivers/deviceMeter.ts";
import { knownMeter, SUNSPEC_DEFINITIONS } from "../../../drivers/registry.ts";
import { walkSunspec } from "../../../drivers/sunspec.ts";
import { defineSunspec, type SunspecDefinition } from "../../../drivers/sunspecDefinition.ts";
import { devicesOf, locateSunspec } from "../../../drivers/sunspecMeter.ts";
import { failsWith } from "../../support/failure.ts";
import { fakeDevice } from "../../support/fakeDevice.ts";
import type { RegisterSpace } from "../../support/registerSpace.ts";
import {
  type Body,
  INVERTER_BODY,
  METER_BODY,
  oneDevice,
  putModels,
  SOLAREDGE,
  solarEdge,
} from "../../support/sunspecDevice.ts";

const test = suite("drivers/sunspecMeter");

test("a SolarEdge inverter's energy is export and its generation negative power", async () => {
  const sample = await meterOn(solarEdge(), "solaredge-inverter").sample();
  assert.equal(
    [sample.activeEnergyImport, sample.activeEnergyExport, sample.activePower, sample.resolutionMilliWh],
    [null, 12_345_678n, -7070, 1000],
  );
});

test("trap: a SolarEdge meter counts power as positive on export, any other SunSpec meter on import", async () => {
  const solarEdgeSample = await meterOn(solarEdge(), "solaredge-meter").sample();
  assert.equal(
    [solarEdgeSample.activeEnergyImport, solarEdgeSample.activeEnergyExport, solarEdgeSample.activePower],
    [1_234_560n, 2_000_000n, -1500],
  );
  assert.is(solarEdgeSample.resolutionMilliWh, 10_000, "the scale factor is 1: tens of watt-hours");
  const other = await meterOn(oneDevice(40_000, [[203, 105, METER_BODY]]), "sunspec-meter").sample();
  assert.is(other.activePower, 1500);
});

test("a read-out has every point, and the serial number of the device that is meant", async () => {
  const readOut = await meterOn(solarEdge(), "solaredge-meter").readOut();
  assert.is(readOut.meterSerial, "4151234");
  const values = Object.fromEntries(readOut.values.map(({ quantity, value }) => [quantity, value]));
  assert.equal(values, {
    currentL1: 2.2,
    voltageL1: 231.1,
    currentL2: 2.1,
    currentL3: 2.2,
    voltageL2: 230.9,
    voltageL3: 231,
    activePowerL2: -500,
    activePowerL3: -500,
    frequency: 50.01,
    activePower: -1500,
    activePowerL1: -500,
    activeEnergyExport: 2_000_000,
    activeEnergyImport: 1_234_560,
  });
});

test("the sample of a model is one read, from its head to the last scale factor", async () => {
  const space = solarEdge();
  const meter = meterOn(space, "solaredge-meter");
  await meter.sample();
  space.asked.length = 0;
  await meter.sample();
  assert.equal(space.asked, [{ table: "holding", address: SOLAREDGE.meter, count: 55 }]);
});

test("SMA: no read begins or ends within a value", async () => {
  const space = oneDevice(40_000, [[103, 50, INVERTER_BODY]], "SMA");
  for (const [offset, count] of [
    [2, 16],
    [18, 16],
    [34, 8],
    [42, 8],
    [50, 16],
    [68 + 24, 2],
  ] as const)
    space.bind(40_002 + offset, count);
  const meter = meterOn(space, "sma-inverter");
  assert.is((await meter.sample()).activeEnergyExport, 12_345_678n);
  assert.is((await meter.readOut()).meterSerial, "31220123");
});

test("a device that answers short reads only is read in several, none of which cuts a value", async () => {
  const space = oneDevice(40_000, [[203, 105, METER_BODY]]);
  for (const offset of [38, 46]) space.bind(40_070 + offset, 2);
  const definition = { ...(knownMeter("sunspec-meter") as SunspecDefinition), maxRegistersPerRead: 20 };
  const meter = deviceMeter(fakeDevice(space), definition, false);
  await meter.sample();
  space.asked.length = 0;
  const sample = await meter.sample();
  assert.equal([sample.activeEnergyImport, sample.activeEnergyExport], [1_234_560n, 2_000_000n]);
  assert.ok(space.asked.length > 1 && space.asked.every(({ count }) => count <= 20));
});

test("SMA: a chain that has shifted overnight is noticed before a value is used, and walked again", async () => {
  const space = oneDevice(40_000, [[103, 50, INVERTER_BODY]], "SMA");
  const meter = meterOn(space, "sma-inverter");
  await meter.sample();
  const end = putModels(space, 40_070, [
    [714, 93],
    [103, 50, { ...INVERTER_BODY, 24: [0x00bc, 0x614f, 0] }],
  ]);
  space.put(end, [0xffff, 0]);
  await failsWith(() => meter.sample(), "DRIVER_WRONG_MODEL");
  assert.is((await meter.sample()).activeEnergyExport, 12_345_679n);
});

test("an energy whose scale factor is not implemented has failed; it is neither zero nor unscaled", async () => {
  const space = oneDevice(40_000, [[203, 105, { ...METER_BODY, 54: [0x8000] }]]);
  const error = await failsWith(() => meterOn(space, "sunspec-meter").sample(), "DRIVER_BAD_VALUE");
  assert.is(error.detail.why, "scale-factor");
});

test("a counter of zero is one that the device does not have: absent, not zero", async () => {
  const space = oneDevice(40_000, [[203, 105, { ...METER_BODY, 38: [0, 0] }]]);
  const sample = await meterOn(space, "sunspec-meter").sample();
  assert.equal([sample.activeEnergyImport, sample.activeEnergyExport], [1_234_560n, null]);
});

test("a power that is not implemented is absent", async () => {
  const space = oneDevice(40_000, [[203, 105, { ...METER_BODY, 18: [0x8000] }]]);
  assert.is((await meterOn(space, "sunspec-meter").sample()).activePower, null);
});

/** By hand: 230.0 V, -2500.5 W or 2500.5 W generated, 50.0 Hz, 1234567.875 Wh (its step is 0.125 Wh). */
const FLOAT_METER = {
  12: [0x4366, 0],
  26: [0x4248, 0],
  28: [0xc51c, 0x4800],
  60: [0x4996, 0xb43f],
  68: [0x4996, 0xb438],
};
const FLOAT_INVERTER = { 16: [0x4366, 0], 22: [0x451c, 0x4800], 24: [0x4248, 0], 32: [0x4996, 0xb43f] };
const MODELS: readonly (readonly [
  definition: string,
  ids: readonly number[],
  length: number,
  body: Body,
  sample: unknown[],
])[] = [
  ["sunspec-inverter", [101, 102, 103], 50, INVERTER_BODY, [null, 12_345_678n, -7070, 1000]],
  ["sunspec-inverter", [111, 112, 113], 60, FLOAT_INVERTER, [null, 1_234_567n, -2500.5, 125]],
  ["sunspec-meter", [201, 202, 203, 204], 105, METER_BODY, [1_234_560n, 2_000_000n, 1500, 10_000]],
  ["sunspec-meter", [211, 212, 213, 214], 124, FLOAT_METER, [1_234_567n, 1_234_567n, -2500.5, 125]],
];
for (const [definition, ids, length, body, expected] of MODELS)
  for (const id of ids)
    test(`model ${id}, written by hand, is sampled to what it shows`, async () => {
      const sample = await meterOn(oneDevice(40_000, [[id, length, body]]), definition).sample();
      const { activeEnergyImport, activeEnergyExport, activePower, resolutionMilliWh } = sample;
      assert.equal([activeEnergyImport, activeEnergyExport, activePower, resolutionMilliWh], expected);
    });

test("a float that is not a number is absent as power, and a failure as energy", async () => {
  const nan = [0x7fc0, 0];
  const power = meterOn(oneDevice(40_000, [[213, 124, { ...FLOAT_METER, 28: nan }]]), "sunspec-meter");
  assert.is((await power.sample()).activePower, null);
  const energy = meterOn(oneDevice(40_000, [[213, 124, { ...FLOAT_METER, 68: nan }]]), "sunspec-meter");
  await failsWith(() => energy.sample(), "DRIVER_BAD_VALUE");
});

test("the trackers of model 160 are read as far as the device has them", async () => {
  const mppt = { 2: [0xfffe, 0xffff, 0, 0], 8: [2], 21: [1500, 0x0012, 0xd687], 41: [900, 0x0001, 0x0000] };
  const space = oneDevice(40_000, [
    [103, 50, INVERTER_BODY],
    [160, 48, mppt],
  ]);
  const { values } = await meterOn(space, "sunspec-inverter").readOut();
  const direct = values.filter(({ quantity }) => /^dc(Power|Energy)\d/.test(quantity));
  assert.equal(
    direct.map(({ quantity, value }) => [quantity, value]),
    [
      ["dcPower1", 1500],
      ["dcEnergy1", 1_234_567],
      ["dcPower2", 900],
      ["dcEnergy2", 65_536],
    ],
  );
});

test("a chain without such a device says what it found instead", async () => {
  const error = await failsWith(() => meterOn(solarEdge(), "solaredge-meter-2").sample(), "DRIVER_NO_MODEL");
  assert.is(error.detail.found, "SolarEdge: 103; WattNode: 203");
  await failsWith(() => meterOn(oneDevice(0, [[103, 50]]), "sunspec-meter").sample(), "DRIVER_NO_MODEL");
});

test("a model shorter than its specification is not trusted", async () => {
  const space = oneDevice(40_000, [[203, 40, {}]]);
  await failsWith(() => meterOn(space, "sunspec-meter").sample(), "DRIVER_NO_MODEL");
});

test("the devices of a chain are named, a maker's own kind before any maker's", async () => {
  assert.equal(devicesOf(await walkSunspec(solarEdge().read), SUNSPEC_DEFINITIONS), [
    { definitionId: "solaredge-inverter", model: "SolarEdge SE7K-RW0TEBEN4", meterSerial: "7E1234AB" },
    { definitionId: "solaredge-meter", model: "WattNode WNC-3D-400-MB", meterSerial: "4151234" },
  ]);
  const fronius = await walkSunspec(oneDevice(40_000, [[103, 50]]).read);
  assert.equal(
    devicesOf(fronius, SUNSPEC_DEFINITIONS).map(({ definitionId }) => definitionId),
    ["sunspec-inverter"],
  );
  assert.equal(devicesOf(null, SUNSPEC_DEFINITIONS), []);
});

test("every SunSpec definition reads each of its models from a chain that holds it", async () => {
  for (const definition of SUNSPEC_DEFINITIONS)
    for (const { id, length } of definition.models) {
      const models = Array.from({ length: definition.occurrence }, () => [id, length] as const);
      const space = oneDevice(40_000, [], definition.makerInChain ?? "Any");
      let at = 40_002;
      for (const model of models) at = putModels(space, at, [[1, 66, { 2: named(definition) }], model]);
      space.put(at, [0xffff, 0]);
      const located = locateSunspec(definition, await walkSunspec(space.read));
      assert.ok(located.registers.length >= 5, `${definition.id} ${id}`);
      assert.equal(
        located.guards.map(({ equals }) => equals),
        [id, length],
      );
    }
});

const GOOD = knownMeter("sunspec-meter") as SunspecDefinition;
const POINT = GOOD.models[0]!.points[0]!;
const withPoint = (change: object) => ({
  ...GOOD,
  models: [{ ...GOOD.models[0]!, points: [{ ...POINT, ...change }] }],
});
for (const [why, definition, code] of [
  ["an identifier with spaces", { ...GOOD, id: "Sun Spec" }, "DRIVER_DEFINITION"],
  ["no models", { ...GOOD, models: [] }, "DRIVER_DEFINITION"],
  ["a device before the first", { ...GOOD, occurrence: 0 }, "DRIVER_DEFINITION"],
  ["an unknown quantity", withPoint({ quantity: "steam" }), "DRIVER_UNKNOWN_QUANTITY"],
  ["a point beyond the model", withPoint({ offset: 107 }), "DRIVER_DEFINITION"],
  ["a point in the model's head", withPoint({ offset: 1 }), "DRIVER_DEFINITION"],
  ["a scale factor beyond the model", withPoint({ scaleFactor: 107 }), "DRIVER_DEFINITION"],
] as const)
  test(`refused: ${why}`, async () => {
    await failsWith(() => defineSunspec(definition as SunspecDefinition), code);
  });

test.run();

function named({ makerInChain }: SunspecDefinition): readonly number[] {
  const name = Buffer.alloc(32);
  name.write(makerInChain ?? "Any");
  return Array.from({ length: 16 }, (_, index) => name.readUInt16BE(2 * index));
}

function meterOn(space: RegisterSpace, id: string): Meter {
  return deviceMeter(fakeDevice(space), knownMeter(id), false);
}
