import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineMeter } from "../../../drivers/definition.ts";
import { definitionFaults } from "../../../drivers/definitionRules.ts";
import {
  definitionJsonSchema,
  type MeterDefinitionInput,
  meterSchema,
} from "../../../drivers/definitionSchema.ts";
import type { DriverErrorCode } from "../../../drivers/driverError.ts";
import { failsWith } from "../../support/failure.ts";

type RegisterInput = MeterDefinitionInput["registers"][number];

const IMPORT: RegisterInput = {
  quantity: "activeEnergyImport",
  table: "input",
  address: 10,
  type: "f32",
  source: "manual",
};
const SERIAL = { baudRate: 9600, parity: "none", unitId: 1, source: "manual" } as const;
const GOOD: MeterDefinitionInput = {
  id: "maker-model",
  maker: "Maker",
  model: "Model",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 10,
  serial: SERIAL,
  registers: [IMPORT],
};
const EXPORT: RegisterInput = { ...IMPORT, quantity: "activeEnergyExport", address: 12 };
const POWER: RegisterInput = { ...IMPORT, quantity: "activePower", address: 16, type: "i16" };

const test = suite("drivers/definition");

test("a definition is completed: name, status, serial settings, times", () => {
  const definition = defineMeter(GOOD);
  assert.is(definition.name, "Maker Model");
  assert.is(definition.status, "experimental", "nobody has confirmed what does not say so");
  assert.equal(definition.serial, { ...SERIAL, dataBits: 8, stopBits: 1 });
  assert.is(definition.tcp, null);
  assert.is(definition.timing.answerTimeoutMs, 1000);
});

test("what stands under defaults holds for every register that does not say otherwise", () => {
  const { registers } = defineMeter({
    ...GOOD,
    defaults: { table: "holding", type: "u32", source: "manual", absent: { unsigned: ["all-ones"] } },
    registers: [
      { quantity: "activeEnergyImport", address: 1, source: "page 7" },
      { quantity: "activePower", address: 4, table: "input", type: "i16", source: "page 8" },
    ],
  });
  assert.equal(
    registers.map(({ table, type, source, absent }) => [table, type, source, absent]),
    [
      ["holding", "u32", "manual, page 7", ["all-ones"]],
      ["input", "i16", "manual, page 8", undefined],
    ],
  );
});

test("addressOffset turns the manual's numbers into those of the wire", () => {
  const { registers, identification } = defineMeter({
    ...GOOD,
    addressOffset: -30_001,
    registers: [{ ...IMPORT, address: 30_073, type: "u16", plus: [30_074], scaleFactorAt: 30_080 }],
    identification: { meterSerial: { table: "input", address: 30_001, type: "u32", source: "manual" } },
  });
  const [register] = registers;
  assert.equal([register?.address, register?.plus, register?.scaleFactorAt], [72, [73], 79]);
  assert.is(identification.meterSerial?.address, 0);
});

test("registers that touch do not overlap", () => {
  defineMeter({ ...GOOD, registers: [IMPORT, EXPORT] });
});

test("equal addresses in different tables do not overlap", () => {
  defineMeter({ ...GOOD, registers: [IMPORT, { ...EXPORT, address: 10, table: "holding" }] });
});

test("one scale factor may serve several values", () => {
  const scaled = { type: "i16", scaleFactorAt: 20 } as const;
  defineMeter({
    ...GOOD,
    maxRegistersPerRead: 20,
    registers: [
      { ...IMPORT, ...scaled },
      { ...EXPORT, ...scaled },
    ],
  });
});

test("a code that is read alone may stand where a block has another value", () => {
  const place = { table: "input", address: 11, type: "u16", readAlone: true, source: "manual" } as const;
  const model = { ...place, matches: [{ value: 7, name: "M7" }] };
  defineMeter({ ...GOOD, identification: { model } });
});

const PLACE = { table: "holding", address: 40, type: "u32", source: "manual" } as const;
const TEXT = { ...PLACE, type: "text", registers: 4 } as const;
const REFUSED: readonly (readonly [why: string, change: object, code: DriverErrorCode])[] = [
  ["overlapping registers", { registers: [IMPORT, { ...EXPORT, address: 11 }] }, "DRIVER_OVERLAP"],
  ["a long register over a later one", { registers: [{ ...IMPORT, type: "u64" }, EXPORT] }, "DRIVER_OVERLAP"],
  [
    "a long register over one that is not its neighbour",
    {
      registers: [
        { ...IMPORT, type: "u64" },
        { ...POWER, address: 11 },
        { ...EXPORT, address: 13 },
      ],
    },
    "DRIVER_OVERLAP",
  ],
  [
    "an added register over another value",
    { registers: [{ ...IMPORT, plus: [12] }, EXPORT] },
    "DRIVER_OVERLAP",
  ],
  [
    "a scale factor over another value",
    { registers: [{ ...IMPORT, type: "u16", scaleFactorAt: 12 }, EXPORT] },
    "DRIVER_OVERLAP",
  ],
  [
    "a serial number over a register",
    { registers: [{ ...IMPORT, table: "holding", address: 39 }], identification: { meterSerial: PLACE } },
    "DRIVER_OVERLAP",
  ],
  ["an unknown quantity", { registers: [{ ...IMPORT, quantity: "steam" }] }, "DRIVER_UNKNOWN_QUANTITY"],
  ["a register longer than a read", { maxRegistersPerRead: 1 }, "DRIVER_READ_TOO_LONG"],
  [
    "a register that, read in pairs, is longer than a read",
    { maxRegistersPerRead: 2, readsInPairs: true, registers: [{ ...IMPORT, address: 11 }] },
    "DRIVER_READ_TOO_LONG",
  ],
  [
    "a scale factor too far from its value for one read",
    { registers: [{ ...IMPORT, type: "u16", scaleFactorAt: 20 }] },
    "DRIVER_READ_TOO_LONG",
  ],
  [
    "a text longer than a read",
    { identification: { meterSerial: { ...TEXT, registers: 11 } } },
    "DRIVER_READ_TOO_LONG",
  ],
  ["a read longer than Modbus has", { maxRegistersPerRead: 126 }, "DRIVER_DEFINITION"],
  ["no read at all", { maxRegistersPerRead: 0 }, "DRIVER_DEFINITION"],
  ["reads in pairs of one", { maxRegistersPerRead: 1, readsInPairs: true }, "DRIVER_DEFINITION"],
  ["no registers", { registers: [] }, "DRIVER_DEFINITION"],
  ["no energy that is settled on", { registers: [POWER] }, "DRIVER_DEFINITION"],
  ["a quantity twice", { registers: [IMPORT, { ...IMPORT, address: 20 }] }, "DRIVER_DEFINITION"],
  ["an address beyond the last", { registers: [{ ...IMPORT, address: 65_535 }] }, "DRIVER_DEFINITION"],
  ["a negative address", { registers: [{ ...IMPORT, address: -2 }] }, "DRIVER_DEFINITION"],
  ["an offset below zero", { addressOffset: -11 }, "DRIVER_DEFINITION"],
  ["a register without source", { registers: [{ ...IMPORT, source: undefined }] }, "DRIVER_DEFINITION"],
  ["a register without table", { registers: [{ ...IMPORT, table: undefined }] }, "DRIVER_DEFINITION"],
  ["a register without type", { registers: [{ ...IMPORT, type: undefined }] }, "DRIVER_DEFINITION"],
  ["an escape sequence in a text", { model: "M1\u001b[2J" }, "DRIVER_DEFINITION"],
  ["an empty source", { registers: [{ ...IMPORT, source: "" }] }, "DRIVER_DEFINITION"],
  ["a scale that is no exact fraction", { registers: [{ ...IMPORT, toUnit: 2.5 }] }, "DRIVER_DEFINITION"],
  ["a scale of zero", { registers: [{ ...IMPORT, toUnit: 0 }] }, "DRIVER_DEFINITION"],
  ["a negative scale", { registers: [{ ...IMPORT, toUnit: -1 }] }, "DRIVER_DEFINITION"],
  ["a sign on a counter", { registers: [{ ...IMPORT, positiveIs: "export" }] }, "DRIVER_DEFINITION"],
  [
    "a counter of which something is taken off",
    { registers: [{ ...IMPORT, minus: [30] }] },
    "DRIVER_DEFINITION",
  ],
  ["a marker on a float", { registers: [{ ...IMPORT, absent: ["all-ones"] }] }, "DRIVER_DEFINITION"],
  ["a scale factor on a float", { registers: [{ ...IMPORT, scaleFactorAt: 13 }] }, "DRIVER_DEFINITION"],
  [
    "a serial number as a float",
    { identification: { meterSerial: { ...PLACE, type: "f32" } } },
    "DRIVER_DEFINITION",
  ],
  [
    "a text without length",
    { identification: { meterSerial: { ...PLACE, type: "text" } } },
    "DRIVER_DEFINITION",
  ],
  [
    "a number with a length",
    { identification: { meterSerial: { ...PLACE, registers: 2 } } },
    "DRIVER_DEFINITION",
  ],
  [
    "a text code for a number",
    { identification: { model: { ...PLACE, matches: [{ value: "7", name: "M7" }] } } },
    "DRIVER_DEFINITION",
  ],
  ["an identifier with spaces", { id: "My Meter" }, "DRIVER_DEFINITION"],
  ["a broadcast unit", { serial: { ...SERIAL, unitId: 0 } }, "DRIVER_DEFINITION"],
  [
    "a time limit below the think time",
    { timing: { thinkTimeMs: 50, answerTimeoutMs: 49 } },
    "DRIVER_DEFINITION",
  ],
  ["a negative gap", { timing: { gapMs: -1 } }, "DRIVER_DEFINITION"],
  ["a key that there is not", { registers: [{ ...IMPORT, adress: 10 }] }, "DRIVER_DEFINITION"],
];
for (const [why, change, code] of REFUSED)
  test(`refused: ${why}`, async () => {
    await failsWith(() => defineMeter({ ...GOOD, ...change } as MeterDefinitionInput), code);
  });

test("every fault is told, each at its place and with a way to mend it", () => {
  const registers = [IMPORT, { ...EXPORT, address: 11 }, { ...POWER, toUnit: 2.5 }];
  const faults = definitionFaults(meterSchema.parse({ ...GOOD, registers }));
  assert.equal(
    faults.map(({ path, code }) => [path.join("."), code]),
    [
      ["registers.2.toUnit", "DRIVER_DEFINITION"],
      ["registers.1", "DRIVER_OVERLAP"],
    ],
  );
  assert.ok(faults.every(({ message, fix }) => message !== "" && fix !== ""));
});

test("the JSON Schema names what has to be there and leaves the rest to its defaults", () => {
  const schema = definitionJsonSchema() as { required: string[]; additionalProperties: boolean };
  assert.equal(schema.required, ["id", "maker", "model", "wordOrder", "registers"]);
  assert.is(schema.additionalProperties, false);
});

test.run();
