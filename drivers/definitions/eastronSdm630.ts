/**
 * Eastron SDM630-Modbus (V1, V2, MID, MCT): three phases, bidirectional.
 * The manual numbers its input registers from 30001; power is positive on import.
 */
import { defineMeter, type MeterDefinition, VARH_PER_KVARH, WH_PER_KWH } from "../definition.ts";

const MANUAL = "Eastron SDM630-Modbus Protocol V1.7";
/** The manual asks for at least 60 ms of silence between requests; about 50 ms of think time is seen in the field. */
const TIMING = `${MANUAL}, Modbus Protocol Overview`;

/** The SDM630-Modbus as it leaves the factory. */
export const eastronSdm630: MeterDefinition = defineMeter({
  id: "eastron-sdm630",
  maker: "Eastron",
  model: "SDM630-Modbus",
  status: "confirmed",
  cautions: ["Old firmware shows 0 as the code of its model, and has no serial number to read."],
  wordOrder: "most-significant-first",
  // One manual says both 60 and 80, a later one 80: every firmware answers 60.
  maxRegistersPerRead: 60,
  maxGapRegisters: 60,
  readsInPairs: true,
  serial: {
    baudRate: 9600,
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
      source: "Eastron SDM630-Modbus Protocol V1.8, Holding Registers, 0xFC00 serial number",
    },
    model: {
      table: "holding",
      address: 0xfc02,
      type: "u16",
      matches: [{ value: 112, name: "SDM630-Modbus" }],
      source: "https://github.com/Tinkerforge/esp32-firmware/issues/170, meter code",
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
    { quantity: "reactiveEnergyImport", address: 0x004c, toUnit: VARH_PER_KVARH, source: "30077" },
    { quantity: "reactiveEnergyExport", address: 0x004e, toUnit: VARH_PER_KVARH, source: "30079" },
    { quantity: "activeEnergySum", address: 0x0156, toUnit: WH_PER_KWH, source: "30343" },
    { quantity: "activeEnergyImportL1", address: 0x015a, toUnit: WH_PER_KWH, source: "30347" },
    { quantity: "activeEnergyImportL2", address: 0x015c, toUnit: WH_PER_KWH, source: "30349" },
    { quantity: "activeEnergyImportL3", address: 0x015e, toUnit: WH_PER_KWH, source: "30351" },
    { quantity: "activeEnergyExportL1", address: 0x0160, toUnit: WH_PER_KWH, source: "30353" },
    { quantity: "activeEnergyExportL2", address: 0x0162, toUnit: WH_PER_KWH, source: "30355" },
    { quantity: "activeEnergyExportL3", address: 0x0164, toUnit: WH_PER_KWH, source: "30357" },
    { quantity: "activeEnergySumL1", address: 0x0166, toUnit: WH_PER_KWH, source: "30359" },
    { quantity: "activeEnergySumL2", address: 0x0168, toUnit: WH_PER_KWH, source: "30361" },
    { quantity: "activeEnergySumL3", address: 0x016a, toUnit: WH_PER_KWH, source: "30363" },
  ],
});
