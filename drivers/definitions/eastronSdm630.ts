/**
 * Eastron SDM630-Modbus (V1, V2, MID, MCT): three phases, bidirectional.
 * Addresses are the manual's parameter numbers less 30001. Power is positive on import.
 */
import { defineMeter, type MeterDefinition, VARH_PER_KVARH, WH_PER_KWH } from "../definition.ts";

const MANUAL = "Eastron SDM630-Modbus Protocol V1.7, Input Registers";
const SERIAL_NUMBER = "Eastron SDM630-Modbus Protocol V1.8, Holding Registers, 0xFC00 serial number";
const SETTINGS = "Eastron SDM630-Modbus Protocol V1.7, Holding Registers, 0x0012 and 0x001C";
/** The manual asks for at least 60 ms of silence between requests; about 50 ms of think time is seen in the field. */
const TIMING = "Eastron SDM630-Modbus Protocol V1.7, Modbus Protocol Overview";

/** The SDM630-Modbus as it leaves the factory. */
export const eastronSdm630: MeterDefinition = defineMeter({
  id: "eastron-sdm630",
  name: "Eastron SDM630-Modbus",
  wordOrder: "most-significant-first",
  // One manual says both 60 and 80, a later one 80: every firmware answers 60.
  maxRegistersPerRead: 60,
  maxGapRegisters: 60,
  readsInPairs: true,
  serial: { baudRate: 9600, parity: "none", dataBits: 8, stopBits: 1, unitId: 1, source: SETTINGS },
  timing: { thinkTimeMs: 50, answerTimeoutMs: 500, gapMs: 60, source: TIMING },
  identification: {
    meterSerial: { table: "holding", address: 0xfc00, type: "u32", source: SERIAL_NUMBER },
  },
  registers: [
    { quantity: "voltageL1", table: "input", address: 0x0000, type: "f32", source: `${MANUAL}, 30001` },
    { quantity: "voltageL2", table: "input", address: 0x0002, type: "f32", source: `${MANUAL}, 30003` },
    { quantity: "voltageL3", table: "input", address: 0x0004, type: "f32", source: `${MANUAL}, 30005` },
    { quantity: "currentL1", table: "input", address: 0x0006, type: "f32", source: `${MANUAL}, 30007` },
    { quantity: "currentL2", table: "input", address: 0x0008, type: "f32", source: `${MANUAL}, 30009` },
    { quantity: "currentL3", table: "input", address: 0x000a, type: "f32", source: `${MANUAL}, 30011` },
    { quantity: "activePowerL1", table: "input", address: 0x000c, type: "f32", source: `${MANUAL}, 30013` },
    { quantity: "activePowerL2", table: "input", address: 0x000e, type: "f32", source: `${MANUAL}, 30015` },
    { quantity: "activePowerL3", table: "input", address: 0x0010, type: "f32", source: `${MANUAL}, 30017` },
    { quantity: "apparentPowerL1", table: "input", address: 0x0012, type: "f32", source: `${MANUAL}, 30019` },
    { quantity: "apparentPowerL2", table: "input", address: 0x0014, type: "f32", source: `${MANUAL}, 30021` },
    { quantity: "apparentPowerL3", table: "input", address: 0x0016, type: "f32", source: `${MANUAL}, 30023` },
    { quantity: "reactivePowerL1", table: "input", address: 0x0018, type: "f32", source: `${MANUAL}, 30025` },
    { quantity: "reactivePowerL2", table: "input", address: 0x001a, type: "f32", source: `${MANUAL}, 30027` },
    { quantity: "reactivePowerL3", table: "input", address: 0x001c, type: "f32", source: `${MANUAL}, 30029` },
    { quantity: "powerFactorL1", table: "input", address: 0x001e, type: "f32", source: `${MANUAL}, 30031` },
    { quantity: "powerFactorL2", table: "input", address: 0x0020, type: "f32", source: `${MANUAL}, 30033` },
    { quantity: "powerFactorL3", table: "input", address: 0x0022, type: "f32", source: `${MANUAL}, 30035` },
    { quantity: "activePower", table: "input", address: 0x0034, type: "f32", source: `${MANUAL}, 30053` },
    { quantity: "apparentPower", table: "input", address: 0x0038, type: "f32", source: `${MANUAL}, 30057` },
    { quantity: "reactivePower", table: "input", address: 0x003c, type: "f32", source: `${MANUAL}, 30061` },
    { quantity: "powerFactor", table: "input", address: 0x003e, type: "f32", source: `${MANUAL}, 30063` },
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
    {
      quantity: "activeEnergySum",
      table: "input",
      address: 0x0156,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30343`,
    },
    {
      quantity: "activeEnergyImportL1",
      table: "input",
      address: 0x015a,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30347`,
    },
    {
      quantity: "activeEnergyImportL2",
      table: "input",
      address: 0x015c,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30349`,
    },
    {
      quantity: "activeEnergyImportL3",
      table: "input",
      address: 0x015e,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30351`,
    },
    {
      quantity: "activeEnergyExportL1",
      table: "input",
      address: 0x0160,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30353`,
    },
    {
      quantity: "activeEnergyExportL2",
      table: "input",
      address: 0x0162,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30355`,
    },
    {
      quantity: "activeEnergyExportL3",
      table: "input",
      address: 0x0164,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30357`,
    },
    {
      quantity: "activeEnergySumL1",
      table: "input",
      address: 0x0166,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30359`,
    },
    {
      quantity: "activeEnergySumL2",
      table: "input",
      address: 0x0168,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30361`,
    },
    {
      quantity: "activeEnergySumL3",
      table: "input",
      address: 0x016a,
      type: "f32",
      toUnit: WH_PER_KWH,
      source: `${MANUAL}, 30363`,
    },
  ],
});
