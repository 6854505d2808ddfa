/** One table test over every definition there is, and a named one for each trap. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeRegister } from "../../../drivers/decode.ts";
import { type MeterDefinition, registerPlaces } from "../../../drivers/definition.ts";
import { hasValidCrc } from "../../../drivers/modbus/crc16.ts";
import { covers, planReads, wordsOf } from "../../../drivers/plan.ts";
import { quantityFacts, SETTLED_QUANTITIES } from "../../../drivers/quantity.ts";
import { type MeterRegister, registerCount } from "../../../drivers/register.ts";
import { KNOWN_METERS, knownMeter, METER_DEFINITIONS, meterDefinition } from "../../../drivers/registry.ts";
import { failsWith } from "../../support/failure.ts";
import { BUILT_FRAMES } from "../../vectors/builtFrames.ts";
import { CAPTURED_FRAMES, SDM230_TRUNCATED_CAPTURE } from "../../vectors/modbusFrames.ts";

/** Registers that their manual numbers from 1; every other one is printed as on the wire, or from 30001. */
const NUMBERED_FROM_1 = ["schneider-iem3000"];

const test = suite("drivers/registry");

test("identifiers and names are unique, and in order", () => {
  const ids = KNOWN_METERS.map(({ id }) => id);
  assert.equal(ids, [...new Set(ids)].sort());
  assert.is(new Set(KNOWN_METERS.map(({ name }) => name)).size, KNOWN_METERS.length);
});

test("an unknown identifier is refused and the known ones are named", async () => {
  for (const find of [meterDefinition, knownMeter]) {
    const error = await failsWith(() => find("eastron-sdm121"), "DRIVER_UNKNOWN_METER");
    assert.match(String(error.detail.known), "eastron-sdm120");
  }
});

for (const { name, definitionId, quantity, requestHex, responseHex, printed, digits } of CAPTURED_FRAMES)
  test(`${name} decodes to the printed value`, () => {
    const register = registerOf(definitionId, quantity);
    if (requestHex !== null) assert.equal(askedIn(requestHex), placeOf(register));
    const decoded = decodeFrame(definitionId, register, responseHex);
    assert.is(decoded.kind, "number");
    assert.is(Number((decoded as { value: number }).value.toFixed(digits)), printed);
  });

for (const { definitionId, quantity, how, requestHex, responseHex, expected } of BUILT_FRAMES)
  test(`${definitionId} ${quantity}: ${how}`, () => {
    const register = registerOf(definitionId, quantity);
    for (const hex of [requestHex, responseHex]) assert.ok(hasValidCrc(bytesOf(hex)), hex);
    assert.is(askedIn(requestHex).table, register.table);
    assert.is(askedIn(requestHex).address, register.address);
    const decoded = decodeFrame(definitionId, register, responseHex);
    if ("wh" in expected) {
      const { wh: value, resolutionMilliWh: resolutionMilli } = expected;
      assert.equal(decoded, { kind: "cumulative", value, resolutionMilli });
      return;
    }
    assert.is(decoded.kind, "number");
    assert.is(Number((decoded as { value: number }).value.toFixed(expected.digits)), expected.value);
  });

for (const definition of METER_DEFINITIONS) {
  const { id, registers } = definition;

  test(`${id} has every register planned within its limits`, () => {
    const places = [...registers, ...registerPlaces(definition)];
    const reads = planReads(definition, places);
    for (const place of places) assert.ok(reads.some((read) => covers(read, place)) || isSpread(place), id);
    for (const { count } of reads) assert.ok(count <= definition.maxRegistersPerRead);
  });

  test(`${id} cites a source for each register, its line settings and its timing`, () => {
    for (const { source } of registerPlaces(definition)) assert.ok(source.length >= 10, source);
    for (const settings of [definition.serial, definition.tcp, definition.timing])
      assert.ok(settings === null || settings.source.length >= 10);
  });

  test(`${id} cites the register number that belongs to the address`, () => {
    for (const { address, source } of registers) {
      const number = source.split(", ").at(-1) ?? "";
      const printed = number.startsWith("0x") ? Number.parseInt(number, 16) : Number(number);
      const first = NUMBERED_FROM_1.includes(id)
        ? 1
        : /^3\d{4}$/.test(number) && address < 20_000
          ? 30_001
          : 0;
      assert.is(printed - first, address, source);
    }
  });

  test(`${id} measures something that is settled on, in kilowatt-hours where its floats are small`, () => {
    assert.ok(registers.some(({ quantity }) => SETTLED_QUANTITIES.includes(quantity)));
    for (const { quantity, toUnit = 1, type } of registers)
      if (quantityFacts(quantity).kind === "cumulative" && type === "f32")
        assert.ok([1, 1000].includes(toUnit));
  });

  test(`${id} has a captured or worked frame for an energy or, captured, for another value`, () => {
    const built = BUILT_FRAMES.filter(({ definitionId }) => definitionId === id);
    assert.ok(
      built.some(({ quantity }) => quantity === "activeEnergyImport" || quantity === "activeEnergyExport"),
    );
  });
}

test("every vector belongs to a definition", () => {
  for (const { definitionId, quantity } of [...CAPTURED_FRAMES, ...BUILT_FRAMES])
    registerOf(definitionId, quantity);
});

test("trap: EM24 on RS-485 imports at 0x3E; 0x42 can be set back and is never settled on", () => {
  const em24 = meterDefinition("carlo-gavazzi-em24");
  assert.is(registerOf(em24.id, "activeEnergyImport").address, 0x3e);
  assert.is(em24.registers.find(({ address }) => address === 0x42)?.quantity, "activeEnergyImportPartial");
  assert.not.ok(SETTLED_QUANTITIES.includes("activeEnergyImportPartial"));
});

test("trap: EM24 on Ethernet has another map than on RS-485", () => {
  assert.is(registerOf("carlo-gavazzi-em24-e1", "activeEnergyImport").address, 0x34);
  assert.is(registerOf("carlo-gavazzi-em24-e1", "activeEnergyImportL2").address, 0x42);
});

test("trap: EM24 variants without export refuse the register, which is read apart", () => {
  const register = registerOf("carlo-gavazzi-em24", "activeEnergyExport");
  assert.is(register.optional, "refused");
});

test("trap: an SDM120 leaves the factory at 2400 baud, an SDM630 at 9600", () => {
  assert.is(meterDefinition("eastron-sdm120").serial?.baudRate, 2400);
  assert.is(meterDefinition("eastron-sdm630").serial?.baudRate, 9600);
});

test("trap: an SDM630 is read 60 registers at a time at most", () => {
  const sdm630 = meterDefinition("eastron-sdm630");
  const counts = planReads(sdm630, sdm630.registers).map(({ count }) => count);
  assert.ok(Math.max(...counts) <= 60, String(counts));
});

for (const id of ["carlo-gavazzi-em100", "carlo-gavazzi-em300", "carlo-gavazzi-em24-e1"])
  test(`trap: ${id} has its model code at 0x000B only when that is read alone`, () => {
    const definition = meterDefinition(id);
    const model = definition.identification.model!;
    assert.is(model.address, 0x0b);
    const reads = planReads(definition, [...definition.registers, model]);
    const own = reads.filter((read) => covers(read, model));
    assert.equal(own, [{ table: "input", address: 0x0b, count: 1 }]);
    assert.not.ok(
      covers({ table: "input", address: 0, count: 50 }, model),
      "a block has half a voltage there",
    );
  });

test("trap: Huawei's 37113 is positive on export, and so is the power of every SunSpec inverter and SolarEdge meter", () => {
  const huawei = registerOf("huawei-smart-power-sensor", "activePower");
  assert.is(huawei.address, 37_113);
  assert.equal(decodeRegister(huawei, [0, 2500], "most-significant-first"), { kind: "number", value: -2500 });
  for (const meter of KNOWN_METERS) {
    if (meter.kind !== "sunspec") continue;
    const powers = meter.models.flatMap(({ points }) =>
      points.filter(({ quantity }) => quantity === "activePower"),
    );
    const isExportPositive = meter.id.startsWith("solaredge-") || meter.id.endsWith("-inverter");
    assert.ok(powers.length > 0);
    for (const { positiveIs } of powers)
      assert.is(positiveIs, isExportPositive ? "export" : "import", meter.id);
  }
});

test("trap: a PAC2200 has its frequency at 55, not in the middle of the value at 45", () => {
  assert.is(registerOf("siemens-pac2200", "frequency").address, 55);
});

test("trap: an Eltako answers at Eastron's addresses, with integers", () => {
  const eltako = meterDefinition("eltako-dsz15");
  const eastron = meterDefinition("eastron-sdm630");
  for (const register of eltako.registers) {
    const twin = eastron.registers.find(({ quantity }) => quantity === register.quantity);
    assert.is(twin?.address, register.address);
    assert.is.not(twin?.type, register.type);
  }
  const volts = [0x0000, 23_012];
  const asFloat = decodeRegister(registerOf(eastron.id, "voltageL1"), volts, "most-significant-first");
  assert.ok((asFloat as { value: number }).value < 1e-30, "integers read as floats are next to nothing");
});

const FLOAT_STEPS = [
  ["461c4000", 10_000_000n, 977],
  ["47c35000", 100_000_000n, 7813],
] as const;
for (const [bits, value, resolutionMilli] of FLOAT_STEPS)
  test(`trap: at ${value} Wh a float32 in kWh steps by ${resolutionMilli} mWh, and the value says so`, () => {
    const register = registerOf("eastron-sdm630", "activeEnergyImport");
    const words = [Number.parseInt(bits.slice(0, 4), 16), Number.parseInt(bits.slice(4), 16)];
    assert.equal(decodeRegister(register, words, "most-significant-first"), {
      kind: "cumulative",
      value,
      resolutionMilli,
    });
  });

test("trap: a single-phase Eastron reads 0 where a three-phase one has its total", () => {
  assert.is(registerOf("eastron-sdm230", "activePower").address, 0x0c);
  const [high = 0, low = 0] = wordsIn(SDM230_TRUNCATED_CAPTURE.responseHex).slice(0x34, 0x36);
  assert.equal([high, low], [0, 0]);
});

test("trap: a DZG meter has no signed power: export is taken off import", () => {
  const register = registerOf("dzg-dvh4013", "activePower");
  assert.equal(register.minus, [2]);
});

test.run();

function registerOf(id: string, quantity: string): MeterRegister {
  const found = meterDefinition(id).registers.find((register) => register.quantity === quantity);
  return found ?? (assert.unreachable(`${id} has no ${quantity}`) as never);
}

/** A sum is covered by several reads; its terms are places of their own. */
function isSpread(place: object): boolean {
  return "minus" in place || "plus" in place;
}

function placeOf({ table, address, type }: MeterRegister) {
  return { table, address, count: registerCount(type) };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function askedIn(requestHex: string) {
  const bytes = Buffer.from(requestHex, "hex");
  const table = bytes[1] === 4 ? ("input" as const) : ("holding" as const);
  return { table, address: bytes.readUInt16BE(2), count: bytes.readUInt16BE(4) };
}

function wordsIn(responseHex: string): readonly number[] {
  const bytes = Buffer.from(responseHex, "hex");
  const end = Math.min(3 + (bytes[2] ?? 0), bytes.length - 2);
  return Array.from({ length: Math.floor((end - 3) / 2) }, (_, index) => bytes.readUInt16BE(3 + 2 * index));
}

function decodeFrame(id: string, register: MeterRegister, responseHex: string) {
  const definition: MeterDefinition = meterDefinition(id);
  const words = wordsIn(responseHex);
  const read = { table: register.table, address: register.address, count: words.length };
  const own = wordsOf([{ read, words }], register);
  if (own === null) return assert.unreachable(`${id} needs more than was answered`) as never;
  return decodeRegister(register, own, definition.wordOrder);
}
