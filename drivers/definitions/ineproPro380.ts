/** Inepro PRO380-Mod, and WAGO 879-30xx: three phases; floats, power in kilowatts, energy in kilowatt-hours. */
import { defineMeter, type MeterDefinition, W_PER_KW, WH_PER_KWH } from "../definition.ts";

const MAP = "volkszaehler/mbmd inepro.go and wago87930.go";

/** The PRO380-Mod. */
export const ineproPro380: MeterDefinition = defineMeter({
  id: "inepro-pro380",
  maker: "Inepro",
  model: "PRO380-Mod",
  status: "experimental",
  cautions: ["Its counters step by 10 Wh."],
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  defaults: { table: "holding", type: "f32", source: MAP },
  registers: [
    { quantity: "voltageL1", address: 0x5002, source: "0x5002" },
    { quantity: "voltageL2", address: 0x5004, source: "0x5004" },
    { quantity: "voltageL3", address: 0x5006, source: "0x5006" },
    { quantity: "frequency", address: 0x5008, source: "0x5008" },
    { quantity: "currentL1", address: 0x500c, source: "0x500C" },
    { quantity: "currentL2", address: 0x500e, source: "0x500E" },
    { quantity: "currentL3", address: 0x5010, source: "0x5010" },
    { quantity: "activePower", address: 0x5012, toUnit: W_PER_KW, source: "0x5012" },
    { quantity: "activePowerL1", address: 0x5014, toUnit: W_PER_KW, source: "0x5014" },
    { quantity: "activePowerL2", address: 0x5016, toUnit: W_PER_KW, source: "0x5016" },
    { quantity: "activePowerL3", address: 0x5018, toUnit: W_PER_KW, source: "0x5018" },
    { quantity: "reactivePower", address: 0x501a, toUnit: W_PER_KW, source: "0x501A" },
    { quantity: "apparentPower", address: 0x5022, toUnit: W_PER_KW, source: "0x5022" },
    { quantity: "powerFactor", address: 0x502a, source: "0x502A" },
    { quantity: "activeEnergySum", address: 0x6000, toUnit: WH_PER_KWH, source: "0x6000" },
    { quantity: "activeEnergyImport", address: 0x600c, toUnit: WH_PER_KWH, source: "0x600C" },
    { quantity: "activeEnergyImportL1", address: 0x6012, toUnit: WH_PER_KWH, source: "0x6012" },
    { quantity: "activeEnergyImportL2", address: 0x6014, toUnit: WH_PER_KWH, source: "0x6014" },
    { quantity: "activeEnergyImportL3", address: 0x6016, toUnit: WH_PER_KWH, source: "0x6016" },
    { quantity: "activeEnergyExport", address: 0x6018, toUnit: WH_PER_KWH, source: "0x6018" },
    { quantity: "activeEnergyExportL1", address: 0x601e, toUnit: WH_PER_KWH, source: "0x601E" },
    { quantity: "activeEnergyExportL2", address: 0x6020, toUnit: WH_PER_KWH, source: "0x6020" },
    { quantity: "activeEnergyExportL3", address: 0x6022, toUnit: WH_PER_KWH, source: "0x6022" },
  ],
});
