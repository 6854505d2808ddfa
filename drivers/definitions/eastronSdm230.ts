/**
 * Eastron SDM220-Modbus and SDM230-Modbus: single phase, direct connection, bidirectional.
 * The manual numbers its input registers from 30001; power is positive on import.
 */
import { defineMeter, type MeterDefinition, VARH_PER_KVARH, WH_PER_KWH } from "../definition.ts";

const MANUAL = "Eastron SDM230-Modbus Protocol";
/** The manual asks for at least 60 ms of silence between requests; about 50 ms of think time is seen in the field. */
const TIMING = "Eastron SDM630-Modbus Protocol V1.7, Modbus Protocol Overview";

/** The SDM220-Modbus and SDM230-Modbus as they leave the factory. */
export const eastronSdm230: MeterDefinition = defineMeter({
  id: "eastron-sdm230",
  maker: "Eastron",
  model: "SDM220/SDM230-Modbus",
  status: "confirmed",
  cautions: ["The manual gives 9600 baud, some leave the factory at 2400: try both."],
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 80,
  maxGapRegisters: 80,
  readsInPairs: true,
  serial: { baudRate: 9600, parity: "none", unitId: 1, source: `${MANUAL}, Holding Registers, 0x001C` },
  timing: { thinkTimeMs: 50, answerTimeoutMs: 500, gapMs: 60, source: TIMING },
  identification: {
    meterSerial: {
      table: "holding",
      address: 0xfc00,
      type: "u32",
      source: "https://github.com/nmakel/sdm_modbus/issues/28; undocumented, an SDM230 answers",
    },
  },
  defaults: { table: "input", type: "f32", source: `${MANUAL}, Input Registers` },
  registers: [
    { quantity: "voltageL1", address: 0x0000, source: "30001" },
    { quantity: "currentL1", address: 0x0006, source: "30007" },
    // The total of the three-phase meters, 0x0034, reads 0 on these.
    { quantity: "activePower", address: 0x000c, source: "30013" },
    { quantity: "apparentPower", address: 0x0012, source: "30019" },
    { quantity: "reactivePower", address: 0x0018, source: "30025" },
    { quantity: "powerFactor", address: 0x001e, source: "30031" },
    { quantity: "frequency", address: 0x0046, source: "30071" },
    { quantity: "activeEnergyImport", address: 0x0048, toUnit: WH_PER_KWH, source: "30073" },
    { quantity: "activeEnergyExport", address: 0x004a, toUnit: WH_PER_KWH, source: "30075" },
    { quantity: "reactiveEnergyImport", address: 0x004c, toUnit: VARH_PER_KVARH, source: "30077" },
    { quantity: "reactiveEnergyExport", address: 0x004e, toUnit: VARH_PER_KVARH, source: "30079" },
    { quantity: "activeEnergySum", address: 0x0156, toUnit: WH_PER_KWH, source: "30343" },
  ],
});
