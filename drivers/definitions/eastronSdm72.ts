/**
 * Eastron SDM72: three phases, direct connection, bidirectional, in two generations with different maps.
 * The manuals number their input registers from 30001; power is positive on import.
 */
import { defineMeter, type MeterDefinition, WH_PER_KWH } from "../definition.ts";

const MANUAL_V1 = "Eastron SDM72D-M User Manual V1.5";
const MANUAL = "Eastron SDM72D-M-2 User Manual V1.1";
/** The manual asks for at least 60 ms of silence between requests; about 50 ms of think time is seen in the field. */
const TIMING = "Eastron SDM630-Modbus Protocol V1.7, Modbus Protocol Overview";

/** The first generation: no voltages, no currents, no serial number. */
export const eastronSdm72V1: MeterDefinition = defineMeter({
  id: "eastron-sdm72-v1",
  maker: "Eastron",
  model: "SDM72D-M",
  status: "confirmed",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 60,
  maxGapRegisters: 60,
  readsInPairs: true,
  serial: { baudRate: 9600, parity: "none", unitId: 1, source: `${MANUAL_V1}, Holding Registers` },
  // It restarts when it is asked too fast; half a second between requests cured it.
  timing: {
    thinkTimeMs: 50,
    answerTimeoutMs: 1000,
    gapMs: 500,
    source: "https://github.com/reaper7/SDM_Energy_Meter/issues/50",
  },
  identification: {
    model: {
      table: "holding",
      address: 0xfc02,
      type: "u16",
      matches: [{ value: 132, name: "SDM72D-M" }],
      source: "https://github.com/Tinkerforge/esp32-firmware/issues/170, meter code",
    },
  },
  defaults: { table: "input", type: "f32", source: `${MANUAL_V1}, Input Registers` },
  registers: [
    { quantity: "activePower", address: 0x0034, source: "30053" },
    { quantity: "activeEnergyImport", address: 0x0048, toUnit: WH_PER_KWH, source: "30073" },
    { quantity: "activeEnergyExport", address: 0x004a, toUnit: WH_PER_KWH, source: "30075" },
    { quantity: "activeEnergySum", address: 0x0156, toUnit: WH_PER_KWH, source: "30343" },
    { quantity: "activeEnergyImportPartial", address: 0x0184, toUnit: WH_PER_KWH, source: "30389" },
    { quantity: "activeEnergyExportPartial", address: 0x0186, toUnit: WH_PER_KWH, source: "30391" },
    { quantity: "activePowerImport", address: 0x0500, source: "31281" },
    { quantity: "activePowerExport", address: 0x0502, source: "31283" },
  ],
});

/** The second generation. */
export const eastronSdm72V2: MeterDefinition = defineMeter({
  id: "eastron-sdm72-v2",
  maker: "Eastron",
  model: "SDM72D-M-2",
  status: "confirmed",
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 60,
  maxGapRegisters: 60,
  readsInPairs: true,
  serial: { baudRate: 9600, parity: "none", unitId: 1, source: `${MANUAL}, Holding Registers` },
  timing: { thinkTimeMs: 50, answerTimeoutMs: 500, gapMs: 60, source: TIMING },
  identification: {
    meterSerial: {
      table: "holding",
      address: 0xfc00,
      type: "u32",
      source: `${MANUAL}, Holding Registers, 0xFC00`,
    },
    model: {
      table: "holding",
      address: 0xfc02,
      type: "u16",
      matches: [{ value: 137, name: "SDM72D-M-2" }],
      source: `${MANUAL}, Holding Registers, 0xFC02 meter code`,
    },
  },
  defaults: { table: "input", type: "f32", source: `${MANUAL}, Input Registers` },
  registers: [
    { quantity: "voltageL1", address: 0x0000, source: "30001" },
    { quantity: "voltageL2", address: 0x0002, source: "30003" },
    { quantity: "voltageL3", address: 0x0004, source: "30005" },
    { quantity: "currentL1", address: 0x0006, source: "30007" },
    { quantity: "currentL2", address: 0x0008, source: "30009" },
    { quantity: "currentL3", address: 0x000a, source: "30011" },
    { quantity: "activePowerL1", address: 0x000c, source: "30013" },
    { quantity: "activePowerL2", address: 0x000e, source: "30015" },
    { quantity: "activePowerL3", address: 0x0010, source: "30017" },
    { quantity: "apparentPowerL1", address: 0x0012, source: "30019" },
    { quantity: "apparentPowerL2", address: 0x0014, source: "30021" },
    { quantity: "apparentPowerL3", address: 0x0016, source: "30023" },
    { quantity: "reactivePowerL1", address: 0x0018, source: "30025" },
    { quantity: "reactivePowerL2", address: 0x001a, source: "30027" },
    { quantity: "reactivePowerL3", address: 0x001c, source: "30029" },
    { quantity: "powerFactorL1", address: 0x001e, source: "30031" },
    { quantity: "powerFactorL2", address: 0x0020, source: "30033" },
    { quantity: "powerFactorL3", address: 0x0022, source: "30035" },
    { quantity: "activePower", address: 0x0034, source: "30053" },
    { quantity: "apparentPower", address: 0x0038, source: "30057" },
    { quantity: "reactivePower", address: 0x003c, source: "30061" },
    { quantity: "powerFactor", address: 0x003e, source: "30063" },
    { quantity: "frequency", address: 0x0046, source: "30071" },
    { quantity: "activeEnergyImport", address: 0x0048, toUnit: WH_PER_KWH, source: "30073" },
    { quantity: "activeEnergyExport", address: 0x004a, toUnit: WH_PER_KWH, source: "30075" },
    { quantity: "activeEnergySum", address: 0x0156, toUnit: WH_PER_KWH, source: "30343" },
  ],
});
