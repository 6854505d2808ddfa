/** Chint DTSU666: three phases; floats that still carry a decimal scale, energies in kilowatt-hours. */
import { defineMeter, type MeterDefinition, WH_PER_KWH } from "../definition.ts";

const MAP = "Chint DTSU666/DSSU666 User Manual by volkszaehler/mbmd dtsu666.go";

/** The DTSU666. */
export const chintDtsu666: MeterDefinition = defineMeter({
  id: "chint-dtsu666",
  maker: "Chint",
  model: "DTSU666",
  status: "experimental",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  defaults: { table: "holding", type: "f32", source: MAP },
  registers: [
    { quantity: "activeEnergyImport", address: 0x101e, toUnit: WH_PER_KWH, source: "0x101E" },
    { quantity: "activeEnergyExport", address: 0x1028, toUnit: WH_PER_KWH, source: "0x1028" },
    { quantity: "voltageL1", address: 0x2006, toUnit: 0.1, source: "0x2006" },
    { quantity: "voltageL2", address: 0x2008, toUnit: 0.1, source: "0x2008" },
    { quantity: "voltageL3", address: 0x200a, toUnit: 0.1, source: "0x200A" },
    { quantity: "currentL1", address: 0x200c, toUnit: 0.001, source: "0x200C" },
    { quantity: "currentL2", address: 0x200e, toUnit: 0.001, source: "0x200E" },
    { quantity: "currentL3", address: 0x2010, toUnit: 0.001, source: "0x2010" },
    { quantity: "activePower", address: 0x2012, toUnit: 0.1, source: "0x2012" },
    { quantity: "activePowerL1", address: 0x2014, toUnit: 0.1, source: "0x2014" },
    { quantity: "activePowerL2", address: 0x2016, toUnit: 0.1, source: "0x2016" },
    { quantity: "activePowerL3", address: 0x2018, toUnit: 0.1, source: "0x2018" },
    { quantity: "powerFactor", address: 0x202a, toUnit: 0.001, source: "0x202A" },
    { quantity: "frequency", address: 0x2044, toUnit: 0.01, source: "0x2044" },
  ],
});
