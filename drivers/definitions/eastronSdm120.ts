/**
 * Eastron SDM120-Modbus: single phase, direct connection, bidirectional.
 * The manual numbers its input registers from 30001; power is positive on import.
 */
import { defineMeter, type MeterDefinition, VARH_PER_KVARH, WH_PER_KWH } from "../definition.ts";

const MANUAL = "Eastron SDM120-Modbus Protocol V2.4";
/** The manual asks for at least 60 ms of silence between requests; about 50 ms of think time is seen in the field. */
const TIMING = "Eastron SDM630-Modbus Protocol V1.7, Modbus Protocol Overview";

/** The SDM120-Modbus as it leaves the factory: at 2400 baud, which differs from what most tools assume. */
export const eastronSdm120: MeterDefinition = defineMeter({
  id: "eastron-sdm120",
  maker: "Eastron",
  model: "SDM120-Modbus",
  status: "confirmed",
  wordOrder: "most-significant-first",
  // The SDM120's manual states no limit; its family's lowest is kept.
  maxRegistersPerRead: 60,
  maxGapRegisters: 60,
  readsInPairs: true,
  serial: {
    baudRate: 2400,
    parity: "none",
    unitId: 1,
    source: `${MANUAL}, Holding Registers, 0x0012 and 0x001C`,
  },
  timing: { thinkTimeMs: 50, answerTimeoutMs: 500, gapMs: 60, source: TIMING },
  identification: {
    meterSerial: {
      table: "holding",
      address: 0xfc00,
      type: "u32",
      source: `${MANUAL}, Holding Registers, 0xFC00 serial number`,
    },
    model: {
      table: "holding",
      address: 0xfc02,
      type: "u16",
      matches: [{ value: 32, name: "SDM120-Modbus" }],
      source: `${MANUAL}, Holding Registers, 0xFC02 meter code`,
    },
  },
  defaults: { table: "input", type: "f32", source: `${MANUAL}, Input Registers` },
  registers: [
    { quantity: "voltageL1", address: 0x0000, source: "30001" },
    { quantity: "currentL1", address: 0x0006, source: "30007" },
    { quantity: "activePower", address: 0x000c, source: "30013" },
    { quantity: "apparentPower", address: 0x0012, source: "30019" },
    { quantity: "reactivePower", address: 0x0018, source: "30025" },
    { quantity: "powerFactor", address: 0x001e, source: "30031" },
    { quantity: "frequency", address: 0x0046, source: "30071" },
    { quantity: "activeEnergyImport", address: 0x0048, toUnit: WH_PER_KWH, source: "30073" },
    { quantity: "activeEnergyExport", address: 0x004a, toUnit: WH_PER_KWH, source: "30075" },
    { quantity: "reactiveEnergyImport", address: 0x004c, toUnit: VARH_PER_KVARH, source: "30077" },
    { quantity: "reactiveEnergyExport", address: 0x004e, toUnit: VARH_PER_KVARH, source: "30079" },
    // Import plus export in the factory's measurement mode (holding 0xF920); other modes change its meaning.
    { quantity: "activeEnergySum", address: 0x0156, toUnit: WH_PER_KWH, source: "30343" },
  ],
});
