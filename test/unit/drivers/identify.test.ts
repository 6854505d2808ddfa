import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterDefinition } from "../../../drivers/definition.ts";
import { DriverError } from "../../../drivers/driverError.ts";
import { identifyMeter, MAX_IDENTIFY_READS } from "../../../drivers/identify.ts";
import type { ReadRegisters } from "../../../drivers/registerAccess.ts";
import { KNOWN_METERS, METER_DEFINITIONS, meterDefinition } from "../../../drivers/registry.ts";
import type { CounterState } from "../../../drivers/simulator/energyCounter.ts";
import { answerRead } from "../../../drivers/simulator/registerBank.ts";
import { failsWith } from "../../support/failure.ts";
import { registerSpace } from "../../support/registerSpace.ts";
import { solarEdge } from "../../support/sunspecDevice.ts";

const STATE: CounterState = { virtualMinute: 0, powerW: 500, importMilliWh: 1_000_000n, exportMilliWh: 0n };

const test = suite("drivers/identify");

for (const definition of METER_DEFINITIONS.filter(({ identification }) => identification.model !== undefined))
  test(`${definition.id} is named by the code of its model, with its serial number`, async () => {
    const found = await identifyMeter(KNOWN_METERS, simulated(definition, 4711));
    assert.is(found.kind, "named");
    if (found.kind !== "named") return;
    const { matches } = definition.identification.model!;
    assert.is(found.by, "model-register");
    assert.equal(found.meters, [
      {
        definitionId: definition.id,
        model: `${definition.maker} ${matches[0]?.name}`,
        meterSerial: definition.identification.meterSerial === undefined ? null : "4711",
      },
    ]);
    assert.ok(found.reads <= MAX_IDENTIFY_READS);
  });

for (const definition of METER_DEFINITIONS.filter(({ identification }) => identification.model === undefined))
  test(`${definition.id} is among the likely ones, within ${MAX_IDENTIFY_READS} reads`, async () => {
    const found = await identifyMeter(KNOWN_METERS, simulated(definition, 4711));
    assert.ok(found.reads <= MAX_IDENTIFY_READS);
    const isShown = definition.registers.some(({ quantity }) =>
      ["frequency", "voltageL1"].includes(quantity),
    );
    assert.is(found.kind, isShown ? "likely" : "unknown");
    if (found.kind === "likely")
      assert.ok(found.definitionIds.includes(definition.id), String(found.definitionIds));
  });

test("an Eltako is not taken for an Eastron, nor an Eastron for an Eltako", async () => {
  const eltako = await identifyMeter(KNOWN_METERS, simulated(meterDefinition("eltako-dsz15"), 1));
  assert.equal(eltako.kind === "likely" && eltako.definitionIds, ["eltako-dsz15"]);
  const oldSdm630 = { ...meterDefinition("eastron-sdm630"), identification: {} };
  const eastron = await identifyMeter(KNOWN_METERS, simulated(oldSdm630, 1));
  assert.ok(eastron.kind === "likely" && eastron.definitionIds.includes("eastron-sdm630"));
  assert.not.ok(eastron.kind === "likely" && eastron.definitionIds.includes("eltako-dsz15"));
});

test("a meter of three phases is not first taken for one of one, nor the other way round", async () => {
  const three = { ...meterDefinition("eastron-sdm630"), identification: {} };
  const one = {
    ...meterDefinition("eastron-sdm120"),
    identification: {},
    maxGapRegisters: 120,
    maxRegistersPerRead: 125,
  };
  const ofThree = await identifyMeter(KNOWN_METERS, simulated(three, 1));
  const ofOne = await identifyMeter(KNOWN_METERS, simulated(one, 1));
  assert.equal(ofThree.kind === "likely" && ofThree.definitionIds.slice(0, 2), [
    "eastron-sdm630",
    "eastron-sdm72-v2",
  ]);
  assert.equal(ofOne.kind === "likely" && ofOne.definitionIds.slice(0, 2), [
    "eastron-sdm120",
    "eastron-sdm230",
  ]);
  assert.ok(
    ofOne.kind === "likely" && ofOne.definitionIds.length > 2,
    "three phases fitted to one look alike",
  );
});

test("Carlo Gavazzi's code is asked for alone; half a voltage of a block is not taken for it", async () => {
  const space = registerSpace();
  space.put(0, [2301, 0, 2301, 0, 2301, 0, 0, 0, 0, 0, 0, 341, 0, 0], "input");
  space.put(0x33, [500], "input");
  const found = await identifyMeter(KNOWN_METERS, space.read);
  const alone = space.asked.filter(
    ({ table, address, count }) => table === "input" && address === 11 && count === 1,
  );
  assert.is(alone.length, 1, "asked once, whatever number of definitions has its code there");
  assert.is(found.kind, "named", "this bank answers alone as it does in a block; a real one does not");
});

test("a meter that is read in pairs may give its code by itself only", async () => {
  const sdm120 = simulated(meterDefinition("eastron-sdm120"), 1);
  const found = await identifyMeter(KNOWN_METERS, async (read) => {
    if (read.address !== 0xfc02) return sdm120(read);
    return read.count === 1 ? [32] : null;
  });
  assert.equal(found.kind === "named" && found.meters[0]?.model, "Eastron SDM120-Modbus");
});

test("a code whose meter shows no mains is only a number", async () => {
  const space = registerSpace();
  space.put(0xfc02, [112, 0], "holding");
  space.put(0, new Array<number>(80).fill(0), "input");
  assert.is((await identifyMeter(KNOWN_METERS, space.read)).kind, "unknown");
});

test("a SunSpec chain is named device by device", async () => {
  const found = await identifyMeter(KNOWN_METERS, solarEdge().read);
  assert.is(found.kind, "named");
  if (found.kind !== "named") return;
  assert.equal(
    [found.by, found.meters.map(({ definitionId }) => definitionId)],
    ["sunspec", ["solaredge-inverter", "solaredge-meter"]],
  );
});

test("a device that refuses everything is unknown, and no register is asked for twice", async () => {
  const space = registerSpace();
  const found = await identifyMeter(KNOWN_METERS, space.read);
  assert.equal(found, { kind: "unknown", reads: space.asked.length });
  assert.is(new Set(space.asked.map((read) => JSON.stringify(read))).size, space.asked.length);
  assert.ok(space.asked.length <= MAX_IDENTIFY_READS, String(space.asked.length));
});

test("the bound on reads is kept", async () => {
  const space = registerSpace();
  assert.equal(await identifyMeter(KNOWN_METERS, space.read, 3), { kind: "unknown", reads: 3 });
  assert.is(space.asked.length, 3);
});

test("a failure of the line is told, not taken for a refusal", async () => {
  const read: ReadRegisters = () => Promise.reject(new DriverError("DRIVER_PORT_GONE"));
  await failsWith(() => identifyMeter(KNOWN_METERS, read), "DRIVER_PORT_GONE");
});

test.run();

function simulated(definition: MeterDefinition, serial: number): ReadRegisters {
  return async (read) => {
    const answer = answerRead(definition, serial, STATE, read);
    return answer.kind === "registers" ? answer.words : null;
  };
}
