/**
 * Carlo Gavazzi EM24-DIN: three phases, on RS-485; the E1 on Ethernet has the EM300's map. Integers, least
 * significant word first; energies in tenths of a kilowatt-hour.
 */
import { CARLO_GAVAZZI_MODE_B } from "../cautions.ts";
import { defineMeter, type MeterDefinition } from "../definition.ts";

const RS485 = "Tinkerforge/esp32-firmware carlo_gavazzi.py and volkszaehler/mbmd carlogavazzi-em24.go";

/** The EM24-DIN on RS-485. */
export const carloGavazziEm24: MeterDefinition = defineMeter({
  id: "carlo-gavazzi-em24",
  maker: "Carlo Gavazzi",
  model: "EM24-DIN",
  status: "confirmed",
  cautions: [CARLO_GAVAZZI_MODE_B],
  wordOrder: "least-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  defaults: { table: "input", type: "i32", absent: { signed: ["greatest"] }, source: RS485 },
  registers: [
    { quantity: "voltageL1", address: 0x0000, toUnit: 0.1, source: "0x0000" },
    { quantity: "voltageL2", address: 0x0002, toUnit: 0.1, source: "0x0002" },
    { quantity: "voltageL3", address: 0x0004, toUnit: 0.1, source: "0x0004" },
    { quantity: "currentL1", address: 0x000c, toUnit: 0.001, source: "0x000C" },
    { quantity: "currentL2", address: 0x000e, toUnit: 0.001, source: "0x000E" },
    { quantity: "currentL3", address: 0x0010, toUnit: 0.001, source: "0x0010" },
    { quantity: "activePowerL1", address: 0x0012, toUnit: 0.1, source: "0x0012" },
    { quantity: "activePowerL2", address: 0x0014, toUnit: 0.1, source: "0x0014" },
    { quantity: "activePowerL3", address: 0x0016, toUnit: 0.1, source: "0x0016" },
    { quantity: "activePower", address: 0x0028, toUnit: 0.1, source: "0x0028" },
    { quantity: "powerFactorL1", address: 0x0032, type: "i16", toUnit: 0.001, source: "0x0032" },
    { quantity: "powerFactorL2", address: 0x0033, type: "i16", toUnit: 0.001, source: "0x0033" },
    { quantity: "powerFactorL3", address: 0x0034, type: "i16", toUnit: 0.001, source: "0x0034" },
    { quantity: "powerFactor", address: 0x0035, type: "i16", toUnit: 0.001, source: "0x0035" },
    { quantity: "frequency", address: 0x0037, type: "i16", toUnit: 0.1, source: "0x0037" },
    { quantity: "activeEnergyImport", address: 0x003e, toUnit: 100, source: "0x003E" },
    // kWh(+) PARTIAL: somebody can set it back at the meter. mbmd reads it as the import.
    { quantity: "activeEnergyImportPartial", address: 0x0042, toUnit: 100, source: "0x0042" },
    { quantity: "activeEnergyImportL1", address: 0x0046, toUnit: 100, source: "0x0046" },
    { quantity: "activeEnergyImportL2", address: 0x0048, toUnit: 100, source: "0x0048" },
    { quantity: "activeEnergyImportL3", address: 0x004a, toUnit: 100, source: "0x004A" },
    // Absent in some variants and applications, which refuse it.
    { quantity: "activeEnergyExport", address: 0x005c, toUnit: 100, optional: "refused", source: "0x005C" },
  ],
});
