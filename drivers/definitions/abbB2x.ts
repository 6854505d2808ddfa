/**
 * ABB B21, B23, B24 and A43, A44: integers, most significant word first; energies in hundredths of a kilowatt-hour.
 * What a variant does not measure carries a marker: all ones if unsigned, the greatest value if signed.
 */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const MAP = "volkszaehler/mbmd abb.go and victronenergy/dbus-modbus-client abb.py";
const IDENTITY = "victronenergy/dbus-modbus-client abb.py";

/** The B and A series with Modbus RTU. */
export const abbB2x: MeterDefinition = defineMeter({
  id: "abb-b2x",
  maker: "ABB",
  model: "B21/B23/B24/A43/A44",
  status: "confirmed",
  cautions: [
    "The manual gives no factory settings; 19200 8E1 and 9600 8N1 are met.",
    "On a line with Eastron meters it misses requests that follow theirs too soon: keep unitChangeGapMs at 200 or more.",
  ],
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 125,
  maxGapRegisters: 0,
  identification: {
    meterSerial: { table: "holding", address: 0x8900, type: "u32", source: `${IDENTITY}, 0x8900` },
    model: {
      table: "holding",
      address: 0x8960,
      type: "text",
      registers: 2,
      matches: [
        { value: "B21", name: "B21" },
        { value: "B23", name: "B23" },
        { value: "B24", name: "B24" },
      ],
      source: `${IDENTITY}, 0x8960`,
    },
  },
  defaults: {
    table: "holding",
    absent: { unsigned: ["all-ones"], signed: ["greatest"] },
    source: MAP,
  },
  registers: [
    { quantity: "activeEnergyImport", address: 0x5000, type: "u64", toUnit: 10, source: "0x5000" },
    // All ones where the variant counts in one direction only.
    {
      quantity: "activeEnergyExport",
      address: 0x5004,
      type: "u64",
      toUnit: 10,
      optional: "marked",
      source: "0x5004",
    },
    { quantity: "activeEnergyImportL1", address: 0x5460, type: "u64", toUnit: 10, source: "0x5460" },
    { quantity: "activeEnergyImportL2", address: 0x5464, type: "u64", toUnit: 10, source: "0x5464" },
    { quantity: "activeEnergyImportL3", address: 0x5468, type: "u64", toUnit: 10, source: "0x5468" },
    { quantity: "activeEnergyExportL1", address: 0x546c, type: "u64", toUnit: 10, source: "0x546C" },
    { quantity: "activeEnergyExportL2", address: 0x5470, type: "u64", toUnit: 10, source: "0x5470" },
    { quantity: "activeEnergyExportL3", address: 0x5474, type: "u64", toUnit: 10, source: "0x5474" },
    { quantity: "voltageL1", address: 0x5b00, type: "u32", toUnit: 0.1, source: "0x5B00" },
    { quantity: "voltageL2", address: 0x5b02, type: "u32", toUnit: 0.1, source: "0x5B02" },
    { quantity: "voltageL3", address: 0x5b04, type: "u32", toUnit: 0.1, source: "0x5B04" },
    { quantity: "currentL1", address: 0x5b0c, type: "u32", toUnit: 0.01, source: "0x5B0C" },
    { quantity: "currentL2", address: 0x5b0e, type: "u32", toUnit: 0.01, source: "0x5B0E" },
    { quantity: "currentL3", address: 0x5b10, type: "u32", toUnit: 0.01, source: "0x5B10" },
    { quantity: "activePower", address: 0x5b14, type: "i32", toUnit: 0.01, source: "0x5B14" },
    { quantity: "activePowerL1", address: 0x5b16, type: "i32", toUnit: 0.01, source: "0x5B16" },
    { quantity: "activePowerL2", address: 0x5b18, type: "i32", toUnit: 0.01, source: "0x5B18" },
    { quantity: "activePowerL3", address: 0x5b1a, type: "i32", toUnit: 0.01, source: "0x5B1A" },
    { quantity: "frequency", address: 0x5b2c, type: "u16", toUnit: 0.01, source: "0x5B2C" },
    { quantity: "powerFactor", address: 0x5b3a, type: "i16", toUnit: 0.001, source: "0x5B3A" },
    { quantity: "powerFactorL1", address: 0x5b3b, type: "i16", toUnit: 0.001, source: "0x5B3B" },
    { quantity: "powerFactorL2", address: 0x5b3c, type: "i16", toUnit: 0.001, source: "0x5B3C" },
    { quantity: "powerFactorL3", address: 0x5b3d, type: "i16", toUnit: 0.001, source: "0x5B3D" },
  ],
});
