/**
 * Schneider Electric iEM3150, iEM3155, iEM3250, iEM3255, iEM3350, iEM3355. The manual counts registers from 1;
 * power is in kilowatts, energy in watt-hours.
 */
import { defineMeter, type MeterDefinition, W_PER_KW } from "../definition.ts";

const MAP =
  "Schneider DOCA0005 by volkszaehler/mbmd iem3000.go after https://github.com/volkszaehler/mbmd/issues/386";

/** The iEM3000 series with Modbus. */
export const schneiderIem3000: MeterDefinition = defineMeter({
  id: "schneider-iem3000",
  maker: "Schneider Electric",
  model: "iEM3150/3155/3250/3255/3350/3355",
  status: "experimental",
  cautions: [
    "Baud rate and parity are chosen on the display: 9600, 19200 or 38400 baud.",
    "Models that end in 0 count import only.",
  ],
  wordOrder: "most-significant-first",
  addressOffset: -1,
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  identification: {
    meterSerial: {
      table: "holding",
      address: 130,
      type: "u32",
      source: "nobrega8/mbmap-library, iem3100-iem3200, 130",
    },
  },
  defaults: { table: "holding", type: "f32", source: MAP },
  registers: [
    { quantity: "currentL1", address: 3000, source: "3000" },
    { quantity: "currentL2", address: 3002, source: "3002" },
    { quantity: "currentL3", address: 3004, source: "3004" },
    { quantity: "voltageL1", address: 3028, source: "3028" },
    { quantity: "voltageL2", address: 3030, source: "3030" },
    { quantity: "voltageL3", address: 3032, source: "3032" },
    { quantity: "activePowerL1", address: 3054, toUnit: W_PER_KW, source: "3054" },
    { quantity: "activePowerL2", address: 3056, toUnit: W_PER_KW, source: "3056" },
    { quantity: "activePowerL3", address: 3058, toUnit: W_PER_KW, source: "3058" },
    { quantity: "activePower", address: 3060, toUnit: W_PER_KW, source: "3060" },
    { quantity: "reactivePower", address: 3068, toUnit: W_PER_KW, source: "3068" },
    { quantity: "apparentPower", address: 3076, toUnit: W_PER_KW, source: "3076" },
    { quantity: "frequency", address: 3110, source: "3110" },
    { quantity: "activeEnergyImport", address: 3204, type: "i64", source: "3204" },
    { quantity: "activeEnergyExport", address: 3208, type: "i64", optional: "refused", source: "3208" },
    { quantity: "activeEnergyImportL1", address: 3518, type: "i64", optional: "refused", source: "3518" },
    { quantity: "activeEnergyImportL2", address: 3522, type: "i64", optional: "refused", source: "3522" },
    { quantity: "activeEnergyImportL3", address: 3526, type: "i64", optional: "refused", source: "3526" },
  ],
});
