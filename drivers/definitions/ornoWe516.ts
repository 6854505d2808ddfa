/** ORNO OR-WE-516 and OR-WE-517: three phases; floats, power in kilowatts, energy in kilowatt-hours. */
import { defineMeter, type MeterDefinition, W_PER_KW, WH_PER_KWH } from "../definition.ts";

const MAP = "volkszaehler/mbmd orno3p.go";

/** The OR-WE-516 and OR-WE-517; their factory parity is even, unlike most meters'. */
export const ornoWe516: MeterDefinition = defineMeter({
  id: "orno-we-516",
  maker: "ORNO",
  model: "OR-WE-516/OR-WE-517",
  status: "experimental",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  serial: {
    baudRate: 9600,
    parity: "even",
    unitId: 1,
    source: "volkszaehler/mbmd README.md and evcc orno.yaml",
  },
  identification: {
    meterSerial: {
      table: "holding",
      address: 0,
      type: "u32",
      source: "configurations published by users, 0x0000",
    },
  },
  defaults: { table: "holding", type: "f32", source: MAP },
  registers: [
    { quantity: "voltageL1", address: 0x000e, source: "0x000E" },
    { quantity: "voltageL2", address: 0x0010, source: "0x0010" },
    { quantity: "voltageL3", address: 0x0012, source: "0x0012" },
    { quantity: "frequency", address: 0x0014, source: "0x0014" },
    { quantity: "currentL1", address: 0x0016, source: "0x0016" },
    { quantity: "currentL2", address: 0x0018, source: "0x0018" },
    { quantity: "currentL3", address: 0x001a, source: "0x001A" },
    { quantity: "activePower", address: 0x001c, toUnit: W_PER_KW, source: "0x001C" },
    { quantity: "activePowerL1", address: 0x001e, toUnit: W_PER_KW, source: "0x001E" },
    { quantity: "activePowerL2", address: 0x0020, toUnit: W_PER_KW, source: "0x0020" },
    { quantity: "activePowerL3", address: 0x0022, toUnit: W_PER_KW, source: "0x0022" },
    { quantity: "reactivePower", address: 0x0024, toUnit: W_PER_KW, source: "0x0024" },
    { quantity: "powerFactor", address: 0x0034, source: "0x0034" },
    { quantity: "activeEnergySum", address: 0x0100, toUnit: WH_PER_KWH, source: "0x0100" },
    { quantity: "activeEnergyImport", address: 0x0108, toUnit: WH_PER_KWH, source: "0x0108" },
    { quantity: "activeEnergyImportL1", address: 0x010a, toUnit: WH_PER_KWH, source: "0x010A" },
    { quantity: "activeEnergyImportL2", address: 0x010c, toUnit: WH_PER_KWH, source: "0x010C" },
    { quantity: "activeEnergyImportL3", address: 0x010e, toUnit: WH_PER_KWH, source: "0x010E" },
    { quantity: "activeEnergyExport", address: 0x0110, toUnit: WH_PER_KWH, source: "0x0110" },
    { quantity: "activeEnergyExportL1", address: 0x0112, toUnit: WH_PER_KWH, source: "0x0112" },
    { quantity: "activeEnergyExportL2", address: 0x0114, toUnit: WH_PER_KWH, source: "0x0114" },
    { quantity: "activeEnergyExportL3", address: 0x0116, toUnit: WH_PER_KWH, source: "0x0116" },
  ],
});
