/** DZG DVH4013: three phases; unsigned integers, energies in watt-hours. */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const MAP = "volkszaehler/mbmd dzg.go";

/** The DVH4013. */
export const dzgDvh4013: MeterDefinition = defineMeter({
  id: "dzg-dvh4013",
  maker: "DZG",
  model: "DVH4013",
  status: "experimental",
  cautions: [
    "Its unit id comes from the serial number: the last two digits plus one, read as hexadecimal (23 is 0x24, which is 36).",
  ],
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  serial: { baudRate: 9600, parity: "even", source: "volkszaehler/mbmd README.md" },
  defaults: { table: "holding", type: "u32", source: MAP },
  registers: [
    // Import and export stand apart, both unsigned.
    { quantity: "activePower", address: 0x0000, toUnit: 0.1, minus: [0x0002], source: "0x0000" },
    { quantity: "voltageL1", address: 0x0004, toUnit: 0.01, source: "0x0004" },
    { quantity: "voltageL2", address: 0x0006, toUnit: 0.01, source: "0x0006" },
    { quantity: "voltageL3", address: 0x0008, toUnit: 0.01, source: "0x0008" },
    { quantity: "currentL1", address: 0x000a, toUnit: 0.001, source: "0x000A" },
    { quantity: "currentL2", address: 0x000c, toUnit: 0.001, source: "0x000C" },
    { quantity: "currentL3", address: 0x000e, toUnit: 0.001, source: "0x000E" },
    { quantity: "powerFactor", address: 0x0010, toUnit: 0.001, source: "0x0010" },
    { quantity: "frequency", address: 0x0012, toUnit: 0.001, source: "0x0012" },
    { quantity: "activeEnergyImport", address: 0x4000, source: "0x4000" },
    { quantity: "activeEnergyExport", address: 0x4100, source: "0x4100" },
  ],
});
