import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  defineMeter,
  type MeterDefinition,
  type MeterRegister,
  registerCount,
} from "../../../drivers/definition.ts";
import type { DriverErrorCode } from "../../../drivers/driverError.ts";
import { failsWith } from "../../support/failure.ts";

const IMPORT: MeterRegister = {
  quantity: "activeEnergyImport",
  table: "input",
  address: 10,
  type: "f32",
  source: "manual",
};
const GOOD: MeterDefinition = {
  id: "maker-model",
  name: "Maker Model",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 10,
  maxGapRegisters: 0,
  readsInPairs: false,
  serial: { baudRate: 9600, parity: "none", dataBits: 8, stopBits: 1, unitId: 1, source: "manual" },
  timing: { thinkTimeMs: 50, answerTimeoutMs: 500, gapMs: 10, source: "manual" },
  identification: {},
  registers: [IMPORT],
};
const EXPORT: MeterRegister = { ...IMPORT, quantity: "activeEnergyExport", address: 12 };

const test = suite("drivers/definition");

test("a sound definition is handed back unchanged", () => {
  assert.is(defineMeter(GOOD), GOOD);
});

test("registers that touch do not overlap", () => {
  defineMeter({ ...GOOD, registers: [IMPORT, EXPORT] });
});

test("equal addresses in different tables do not overlap", () => {
  defineMeter({ ...GOOD, registers: [IMPORT, { ...EXPORT, address: 10, table: "holding" }] });
});

const timing = GOOD.timing;
const serial = GOOD.serial;
const REFUSED: readonly (readonly [why: string, change: Partial<MeterDefinition>, code: DriverErrorCode])[] =
  [
    ["overlapping registers", { registers: [IMPORT, { ...EXPORT, address: 11 }] }, "DRIVER_OVERLAP"],
    [
      "a long register over a later one",
      { registers: [{ ...IMPORT, type: "u64" }, EXPORT] },
      "DRIVER_OVERLAP",
    ],
    [
      "a serial number over a register",
      {
        registers: [{ ...IMPORT, table: "holding" }],
        identification: { meterSerial: { table: "holding", address: 11, type: "u32", source: "manual" } },
      },
      "DRIVER_OVERLAP",
    ],
    [
      "an unknown quantity",
      { registers: [{ ...IMPORT, quantity: "steam" as never }] },
      "DRIVER_UNKNOWN_QUANTITY",
    ],
    ["a register longer than a read", { maxRegistersPerRead: 1 }, "DRIVER_READ_TOO_LONG"],
    [
      "a register that, read in pairs, is longer than a read",
      { maxRegistersPerRead: 2, readsInPairs: true, registers: [{ ...IMPORT, address: 11 }] },
      "DRIVER_READ_TOO_LONG",
    ],
    ["a read longer than Modbus has", { maxRegistersPerRead: 126 }, "DRIVER_DEFINITION"],
    ["no read at all", { maxRegistersPerRead: 0 }, "DRIVER_DEFINITION"],
    ["no registers", { registers: [] }, "DRIVER_DEFINITION"],
    ["a quantity twice", { registers: [IMPORT, { ...IMPORT, address: 20 }] }, "DRIVER_DEFINITION"],
    ["an address beyond the last", { registers: [{ ...IMPORT, address: 65_535 }] }, "DRIVER_DEFINITION"],
    ["a negative address", { registers: [{ ...IMPORT, address: -2 }] }, "DRIVER_DEFINITION"],
    ["a register without source", { registers: [{ ...IMPORT, source: "" }] }, "DRIVER_DEFINITION"],
    ["a scale that is no exact fraction", { registers: [{ ...IMPORT, toUnit: 2.5 }] }, "DRIVER_DEFINITION"],
    ["a scale of zero", { registers: [{ ...IMPORT, toUnit: 0 }] }, "DRIVER_DEFINITION"],
    ["a negative scale", { registers: [{ ...IMPORT, toUnit: -1 }] }, "DRIVER_DEFINITION"],
    ["an identifier with spaces", { id: "My Meter" }, "DRIVER_DEFINITION"],
    ["a broadcast unit", { serial: { ...serial, unitId: 0 } }, "DRIVER_DEFINITION"],
    [
      "a time limit below the think time",
      { timing: { ...timing, answerTimeoutMs: 49 } },
      "DRIVER_DEFINITION",
    ],
    ["a negative gap", { timing: { ...timing, gapMs: -1 } }, "DRIVER_DEFINITION"],
  ];
for (const [why, change, code] of REFUSED)
  test(`refused: ${why}`, async () => {
    await failsWith(() => defineMeter({ ...GOOD, ...change }), code);
  });

test("a value takes as many registers as its type has 16-bit words", () => {
  const counts = (["u16", "i16", "u32", "i32", "f32", "u64", "i64"] as const).map(registerCount);
  assert.equal(counts, [1, 1, 2, 2, 2, 4, 4]);
});

test.run();
