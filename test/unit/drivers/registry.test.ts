/** One table test over every definition there is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { registerPlaces } from "../../../drivers/definition.ts";
import { covers, planReads } from "../../../drivers/plan.ts";
import { quantityFacts } from "../../../drivers/quantity.ts";
import { METER_DEFINITIONS, meterDefinition } from "../../../drivers/registry.ts";
import { failsWith } from "../../support/failure.ts";
import { CAPTURED_FRAMES } from "../../vectors/modbusFrames.ts";

const test = suite("drivers/registry");

test("identifiers and names are unique", () => {
  assert.is(new Set(METER_DEFINITIONS.map(({ id }) => id)).size, METER_DEFINITIONS.length);
  assert.is(new Set(METER_DEFINITIONS.map(({ name }) => name)).size, METER_DEFINITIONS.length);
});

test("an unknown identifier is refused and the known ones are named", async () => {
  const error = await failsWith(() => meterDefinition("eastron-sdm121"), "DRIVER_UNKNOWN_METER");
  assert.match(String(error.detail.known), "eastron-sdm120");
});

test("an SDM120 leaves the factory at 2400 baud, an SDM630 at 9600", () => {
  assert.is(meterDefinition("eastron-sdm120").serial?.baudRate, 2400);
  assert.is(meterDefinition("eastron-sdm630").serial?.baudRate, 9600);
});

test("an SDM630 is read 60 registers at a time at most", () => {
  assert.is(meterDefinition("eastron-sdm630").maxRegistersPerRead, 60);
});

for (const definition of METER_DEFINITIONS) {
  const { id, registers } = definition;

  test(`${id} is found by its identifier and passes the definition's own rules`, () => {
    assert.is(meterDefinition(id), definition);
  });

  test(`${id} has every register planned within its limits`, () => {
    const places = registerPlaces(definition);
    const reads = planReads(definition, places);
    for (const place of places) assert.ok(reads.some((read) => covers(read, place)));
    for (const { count } of reads) assert.ok(count <= definition.maxRegistersPerRead);
  });

  test(`${id} cites a source for each register, its line settings and its timing`, () => {
    for (const { source } of registerPlaces(definition)) assert.ok(source.length >= 10, source);
    assert.ok(definition.serial === null || definition.serial.source.length >= 10);
    assert.ok(definition.timing.source.length >= 10);
  });

  test(`${id} cites the register number that belongs to the address`, () => {
    for (const { table, address, source } of registers)
      if (table === "input") assert.match(source, new RegExp(`\\b${30001 + address}$`));
  });

  test(`${id} measures import and scales energy from its register's unit`, () => {
    const energy = registers.filter(({ quantity }) => quantityFacts(quantity).kind === "cumulative");
    assert.ok(energy.some(({ quantity }) => quantity === "activeEnergyImport"));
    for (const { toUnit, type } of energy)
      if (type === "f32") assert.is(toUnit, 1000, "float32 energy registers are in kWh or kvarh");
  });

  test(`${id} has a captured or worked frame among the vectors`, () => {
    const own = CAPTURED_FRAMES.filter(({ definitionId }) => definitionId === id);
    assert.ok(own.some(({ quantity }) => registers.some((register) => register.quantity === quantity)));
  });
}

test.run();
