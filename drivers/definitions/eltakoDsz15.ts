/**
 * Eltako DSZ15DZMOD and DSZ16: three phases. They answer at Eastron's addresses, with integers: read as floats their
 * values are next to nothing, and an Eastron's read as integers are beyond a billion.
 */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const MAP = "volkszaehler/mbmd eltako.go and Tinkerforge/esp32-firmware eltako.py";

/** The DSZ15DZMOD and DSZ16. */
export const eltakoDsz15: MeterDefinition = defineMeter({
  id: "eltako-dsz15",
  maker: "Eltako",
  model: "DSZ15DZMOD/DSZ16",
  status: "experimental",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  defaults: { table: "input", type: "i32", source: MAP },
  registers: [
    { quantity: "voltageL1", address: 0x0000, toUnit: 0.01, source: "0x0000" },
    { quantity: "voltageL2", address: 0x0002, toUnit: 0.01, source: "0x0002" },
    { quantity: "voltageL3", address: 0x0004, toUnit: 0.01, source: "0x0004" },
    { quantity: "currentL1", address: 0x0006, toUnit: 0.01, source: "0x0006" },
    { quantity: "currentL2", address: 0x0008, toUnit: 0.01, source: "0x0008" },
    { quantity: "currentL3", address: 0x000a, toUnit: 0.01, source: "0x000A" },
    { quantity: "activePowerL1", address: 0x000c, source: "0x000C" },
    { quantity: "activePowerL2", address: 0x000e, source: "0x000E" },
    { quantity: "activePowerL3", address: 0x0010, source: "0x0010" },
    { quantity: "apparentPowerL1", address: 0x0012, source: "0x0012" },
    { quantity: "apparentPowerL2", address: 0x0014, source: "0x0014" },
    { quantity: "apparentPowerL3", address: 0x0016, source: "0x0016" },
    { quantity: "reactivePowerL1", address: 0x0018, source: "0x0018" },
    { quantity: "reactivePowerL2", address: 0x001a, source: "0x001A" },
    { quantity: "reactivePowerL3", address: 0x001c, source: "0x001C" },
    { quantity: "powerFactorL1", address: 0x001e, toUnit: 0.001, source: "0x001E" },
    { quantity: "powerFactorL2", address: 0x0020, toUnit: 0.001, source: "0x0020" },
    { quantity: "powerFactorL3", address: 0x0022, toUnit: 0.001, source: "0x0022" },
    { quantity: "activePower", address: 0x0034, source: "0x0034" },
    { quantity: "powerFactor", address: 0x003e, toUnit: 0.001, source: "0x003E" },
    { quantity: "frequency", address: 0x0046, toUnit: 0.01, source: "0x0046" },
    { quantity: "activeEnergyImport", address: 0x0048, type: "u32", toUnit: 10, source: "0x0048" },
    { quantity: "activeEnergyExport", address: 0x004a, type: "u32", toUnit: 10, source: "0x004A" },
  ],
});
