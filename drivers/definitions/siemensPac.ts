/**
 * Siemens SENTRON PAC2200 and PAC3120, PAC3200, PAC3220, PAC4200: floats, energies as double precision in watt-hours.
 * A read that starts or ends within a value is refused.
 */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const PAC2200 =
  "Tinkerforge/esp32-firmware siemens.py, OpenEMS/openems meter.siemens pac2200, volkszaehler/mbmd pac2200.go";
const PAC3200 = "Tinkerforge/esp32-firmware siemens.py and Busloom/busloom-devices sentron-pac3200";
const ONE_TARIFF = "The energies are those of tariff 1: leave tariff 2 unused, or its energy is missing.";

const MAP = { wordOrder: "most-significant-first", maxRegistersPerRead: 50, maxGapRegisters: 0 } as const;
const REGISTERS = [
  { quantity: "voltageL1", address: 1, source: "1" },
  { quantity: "voltageL2", address: 3, source: "3" },
  { quantity: "voltageL3", address: 5, source: "5" },
  { quantity: "currentL1", address: 13, source: "13" },
  { quantity: "currentL2", address: 15, source: "15" },
  { quantity: "currentL3", address: 17, source: "17" },
  { quantity: "activePowerL1", address: 25, source: "25" },
  { quantity: "activePowerL2", address: 27, source: "27" },
  { quantity: "activePowerL3", address: 29, source: "29" },
  // mbmd reads 46, which is the middle of another value and is refused.
  { quantity: "frequency", address: 55, source: "55" },
  { quantity: "apparentPower", address: 63, source: "63" },
  { quantity: "activePower", address: 65, source: "65" },
  { quantity: "reactivePower", address: 67, source: "67" },
  { quantity: "powerFactor", address: 69, source: "69" },
  { quantity: "activeEnergyImport", address: 801, type: "f64", source: "801" },
  { quantity: "activeEnergyExport", address: 809, type: "f64", source: "809" },
] as const;

/** The PAC2200. */
export const siemensPac2200: MeterDefinition = defineMeter({
  ...MAP,
  id: "siemens-pac2200",
  maker: "Siemens",
  model: "SENTRON PAC2200",
  status: "confirmed",
  cautions: [ONE_TARIFF],
  serial: {
    baudRate: 19200,
    parity: "none",
    stopBits: 2,
    unitId: 126,
    source: "proxus.io, Modbus register maps, siemens/pac2200",
  },
  defaults: { table: "holding", type: "f32", source: PAC2200 },
  registers: REGISTERS,
});

/** The PAC3120, PAC3200, PAC3220 and PAC4200. */
export const siemensPac3200: MeterDefinition = defineMeter({
  ...MAP,
  id: "siemens-pac3200",
  maker: "Siemens",
  model: "SENTRON PAC3120/3200/3220/4200",
  status: "confirmed",
  cautions: [ONE_TARIFF, "Its energy counters can be set back; a setback shows as register-reset."],
  serial: {
    baudRate: 19200,
    parity: "none",
    stopBits: 2,
    unitId: 126,
    source: "proxus.io, Modbus register maps, siemens/pac3220",
  },
  defaults: { table: "holding", type: "f32", source: PAC3200 },
  registers: REGISTERS,
});
