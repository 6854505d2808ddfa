/**
 * Janitza UMG 96RM(-E) and UMG 604: both have the same block of floats from 19000, energies in watt-hours.
 * They differ in where their serial number stands.
 */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const LIST_96RM = "Janitza UMG 96RM, Modbus address list and formulary";
const LIST_604 = "Janitza UMG 604, Modbus address list (MAL)";
const RATE_1 = "The list calls its import counter consumption of rate 1: use no second rate.";
const RESETTABLE = "Its energy counters can be set back over Modbus; a setback shows as register-reset.";

/** 19000 to 19121 are floats without a hole. */
const BLOCK = {
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 60,
  maxGapRegisters: 42,
} as const;
const REGISTERS = [
  { quantity: "voltageL1", address: 19000, source: "19000" },
  { quantity: "voltageL2", address: 19002, source: "19002" },
  { quantity: "voltageL3", address: 19004, source: "19004" },
  { quantity: "currentL1", address: 19012, source: "19012" },
  { quantity: "currentL2", address: 19014, source: "19014" },
  { quantity: "currentL3", address: 19016, source: "19016" },
  { quantity: "activePowerL1", address: 19020, source: "19020" },
  { quantity: "activePowerL2", address: 19022, source: "19022" },
  { quantity: "activePowerL3", address: 19024, source: "19024" },
  { quantity: "activePower", address: 19026, source: "19026" },
  { quantity: "powerFactorL1", address: 19044, source: "19044" },
  { quantity: "powerFactorL2", address: 19046, source: "19046" },
  { quantity: "powerFactorL3", address: 19048, source: "19048" },
  { quantity: "frequency", address: 19050, source: "19050" },
  { quantity: "activeEnergyImportL1", address: 19062, source: "19062" },
  { quantity: "activeEnergyImportL2", address: 19064, source: "19064" },
  { quantity: "activeEnergyImportL3", address: 19066, source: "19066" },
  { quantity: "activeEnergyImport", address: 19068, source: "19068" },
  { quantity: "activeEnergyExportL1", address: 19070, source: "19070" },
  { quantity: "activeEnergyExportL2", address: 19072, source: "19072" },
  { quantity: "activeEnergyExportL3", address: 19074, source: "19074" },
  { quantity: "activeEnergyExport", address: 19076, source: "19076" },
] as const;

/** The UMG 96RM and UMG 96RM-E. */
export const janitzaUmg96rm: MeterDefinition = defineMeter({
  ...BLOCK,
  id: "janitza-umg96rm",
  maker: "Janitza",
  model: "UMG 96RM",
  status: "confirmed",
  cautions: [
    RESETTABLE,
    RATE_1,
    "Its list contradicts itself on the stop bits: 2 in one place, 1 in another.",
  ],
  serial: {
    baudRate: 115200,
    parity: "none",
    stopBits: 2,
    unitId: 1,
    source: `${LIST_96RM}, addresses 0 to 3`,
  },
  identification: {
    meterSerial: { table: "holding", address: 754, type: "u32", source: `${LIST_96RM}, 754` },
  },
  defaults: { table: "holding", type: "f32", source: LIST_96RM },
  registers: REGISTERS,
});

/** The UMG 604. */
export const janitzaUmg604: MeterDefinition = defineMeter({
  ...BLOCK,
  id: "janitza-umg604",
  maker: "Janitza",
  model: "UMG 604",
  status: "confirmed",
  cautions: [RESETTABLE, RATE_1],
  identification: {
    meterSerial: { table: "holding", address: 10176, type: "u32", source: `${LIST_604}, 10176` },
  },
  defaults: { table: "holding", type: "f32", source: LIST_604 },
  registers: REGISTERS,
});
