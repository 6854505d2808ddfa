/** Finder 7M.24 (single phase) and 7M.38 (three phases): floats, energies in watt-hours. */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const MAP_24 = "volkszaehler/mbmd finder7m24.go";
const MAP_38 = "volkszaehler/mbmd finder7m38.go";

/** The 7M.24. */
export const finder7m24: MeterDefinition = defineMeter({
  id: "finder-7m24",
  maker: "Finder",
  model: "7M.24",
  status: "experimental",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  defaults: { table: "input", type: "f32", source: MAP_24 },
  registers: [
    { quantity: "activePower", address: 2536, source: "2536" },
    { quantity: "reactivePower", address: 2544, source: "2544" },
    { quantity: "powerFactor", address: 2560, source: "2560" },
    { quantity: "frequency", address: 2584, source: "2584" },
    { quantity: "activeEnergyImport", address: 2752, source: "2752" },
    { quantity: "activeEnergyExport", address: 2756, source: "2756" },
  ],
});

/** The 7M.38. */
export const finder7m38: MeterDefinition = defineMeter({
  id: "finder-7m38",
  maker: "Finder",
  model: "7M.38",
  status: "experimental",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  defaults: { table: "input", type: "f32", source: MAP_38 },
  registers: [
    { quantity: "voltageL1", address: 2500, source: "2500" },
    { quantity: "voltageL2", address: 2502, source: "2502" },
    { quantity: "voltageL3", address: 2504, source: "2504" },
    { quantity: "currentL1", address: 2516, source: "2516" },
    { quantity: "currentL2", address: 2518, source: "2518" },
    { quantity: "currentL3", address: 2520, source: "2520" },
    { quantity: "activePowerL1", address: 2530, source: "2530" },
    { quantity: "activePowerL2", address: 2532, source: "2532" },
    { quantity: "activePowerL3", address: 2534, source: "2534" },
    { quantity: "activePower", address: 2536, source: "2536" },
    { quantity: "reactivePower", address: 2544, source: "2544" },
    { quantity: "powerFactor", address: 2560, source: "2560" },
    { quantity: "frequency", address: 2584, source: "2584" },
    { quantity: "activeEnergyImport", address: 2752, source: "2752" },
    { quantity: "activeEnergyExport", address: 2756, source: "2756" },
  ],
});
