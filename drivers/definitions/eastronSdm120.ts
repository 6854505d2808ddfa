/**
 * Eastron SDM120-Modbus: single phase, direct connection, bidirectional.
 * Addresses are the manual's parameter numbers less 30001. Power is positive on import.
 */
import { defineMeter, type MeterDefinition, VARH_PER_KVARH, WH_PER_KWH } from "../definition.ts";

const MANUAL = "Eastron SDM120-Modbus Protocol V2.4, Input Registers";
const SERIAL_NUMBER = "Eastron SDM120-Modbus Protocol V2.4, Holding Registers, 0xFC00 serial number";
/** The settings chapter gives 2400 baud as the factory's, which differs from what most tools assume. */
const SETTINGS = "Eastron SDM120-Modbus Protocol V2.4, Holding Registers, 0x0012 and 0x001C";
/** The manual asks for at least 60 ms of silence between requests; about 50 ms of think time is seen in the field. */
const TIMING = "Eastron SDM630-Modbus Protocol V1.7, Modbus Protocol Overview";

/** The SDM120-Modbus as it leaves the factory. */
export const eastronSdm120: MeterDefinition = defineMeter({
  id: "eastron-sdm120",
  name: "Eastron SDM120-Modbus",
  wordOrder: "most-significant-first",
  // The SDM120's manual states no limit; its family's lowest is kept.
  maxRegistersPerRead: 60,
  maxGapRegisters: 60,
  readsInPairs: true,
  serial: { baudRate: 2400, parity: "none", dataBits: 8, stopBits: 1, unitId: 1, source: SETTINGS },
  timing: { thinkTimeMs: 50, answerTimeoutMs: 500, gapMs: 60, source: TIMING },
  identification: {
    meterSerial: { table: "holding", address: 0xfc00, type: "u32", source: SERIAL_NUMBER },
  },
  registers: [
    { quantity: "voltageL1", table: "input", address: 0x0000, type: "f32", source: `${MANUAL}, 30001` },
    { quantity: "currentL1", table: "input", address: 0x0006, type: "f32", source: `${MANUAL}, 30007` },
    { quantity: "activePower", table: "input", address: 0x000c, type: "f32", source: `${MANUAL}, 30013` },
    { quantity: "apparentPower", table: "input", address: 0x0012, type: "f32", source: `${MANUAL}, 30019` },
    { quantity: "reactivePower", table: "input", address: 0x0018, type: "f32", source: `${MANUAL}, 30025` },
    { quantity: "powerFactor", table: "input", address: 0x001e, type: "f32", source: `${MANUAL}, 30031` },
    { quantity: "frequency", table: "input", address: 0x0046, type: "f32", source: `${MANUAL}, 30071` },
    {
      quantity: "activeEnergyImport",
      table: "input",
      address: 0x0048,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30073`,
    },
    {
      quantity: "activeEnergyExport",
      table: "input",
      address: 0x004a,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30075`,
    },
    {
      quantity: "reactiveEnergyImport",
      table: "input",
      address: 0x004c,
      type: "f32",
      toUnit: VARH_PER_KVARH,
      source: `${MANUAL}, 30077`,
    },
    {
      quantity: "reactiveEnergyExport",
      table: "input",
      address: 0x004e,
      type: "f32",
      toUnit: VARH_PER_KVARH,
      source: `${MANUAL}, 30079`,
    },
    // Import plus export in the factory's measurement mode (holding 0xF920); other modes change its meaning.
    {
      quantity: "activeEnergySum",
      table: "input",
      address: 0x0156,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30343`,
    },
  ],
});
