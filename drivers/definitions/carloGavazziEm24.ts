/**
 * Carlo Gavazzi EM24-DIN: three phases, on RS-485 and on Ethernet (E1), with two different maps. Integers, least
 * significant word first; energies in tenths of a kilowatt-hour.
 */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const RS485 = "Tinkerforge/esp32-firmware carlo_gavazzi.py and volkszaehler/mbmd carlogavazzi-em24.go";
const E1 = "victronenergy/dbus-modbus-client carlo_gavazzi.py and volkszaehler/mbmd carlogavazzi-em24_e1.go";
const MODE_B =
  "Export is counted in measurement mode B only; in mode A, which is the factory's of types PFA and X, import counts both directions.";

/** The EM24-DIN on RS-485. */
export const carloGavazziEm24: MeterDefinition = defineMeter({
  id: "carlo-gavazzi-em24",
  maker: "Carlo Gavazzi",
  model: "EM24-DIN",
  status: "confirmed",
  cautions: [MODE_B],
  wordOrder: "least-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  defaults: { table: "input", type: "i32", absent: { signed: ["greatest"] }, source: RS485 },
  registers: [
    { quantity: "voltageL1", address: 0x0000, toUnit: 0.1, source: "0x0000" },
    { quantity: "voltageL2", address: 0x0002, toUnit: 0.1, source: "0x0002" },
    { quantity: "voltageL3", address: 0x0004, toUnit: 0.1, source: "0x0004" },
    { quantity: "currentL1", address: 0x000c, toUnit: 0.001, source: "0x000C" },
    { quantity: "currentL2", address: 0x000e, toUnit: 0.001, source: "0x000E" },
    { quantity: "currentL3", address: 0x0010, toUnit: 0.001, source: "0x0010" },
    { quantity: "activePowerL1", address: 0x0012, toUnit: 0.1, source: "0x0012" },
    { quantity: "activePowerL2", address: 0x0014, toUnit: 0.1, source: "0x0014" },
    { quantity: "activePowerL3", address: 0x0016, toUnit: 0.1, source: "0x0016" },
    { quantity: "activePower", address: 0x0028, toUnit: 0.1, source: "0x0028" },
    { quantity: "powerFactorL1", address: 0x0032, type: "i16", toUnit: 0.001, source: "0x0032" },
    { quantity: "powerFactorL2", address: 0x0033, type: "i16", toUnit: 0.001, source: "0x0033" },
    { quantity: "powerFactorL3", address: 0x0034, type: "i16", toUnit: 0.001, source: "0x0034" },
    { quantity: "powerFactor", address: 0x0035, type: "i16", toUnit: 0.001, source: "0x0035" },
    { quantity: "frequency", address: 0x0037, type: "i16", toUnit: 0.1, source: "0x0037" },
    { quantity: "activeEnergyImport", address: 0x003e, toUnit: 100, source: "0x003E" },
    // kWh(+) PARTIAL: somebody can set it back at the meter. mbmd reads it as the import.
    { quantity: "activeEnergyImportPartial", address: 0x0042, toUnit: 100, source: "0x0042" },
    { quantity: "activeEnergyImportL1", address: 0x0046, toUnit: 100, source: "0x0046" },
    { quantity: "activeEnergyImportL2", address: 0x0048, toUnit: 100, source: "0x0048" },
    { quantity: "activeEnergyImportL3", address: 0x004a, toUnit: 100, source: "0x004A" },
    // Absent in some variants and applications, which refuse it.
    { quantity: "activeEnergyExport", address: 0x005c, toUnit: 100, optional: "refused", source: "0x005C" },
  ],
});

/** The EM24-DIN E1 on Ethernet. */
export const carloGavazziEm24E1: MeterDefinition = defineMeter({
  id: "carlo-gavazzi-em24-e1",
  maker: "Carlo Gavazzi",
  model: "EM24-DIN E1",
  status: "confirmed",
  cautions: [MODE_B, "Needs application H: holding register 0xA000 must be 7."],
  wordOrder: "least-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  tcp: { port: 502, unitId: 1, source: "victronenergy/dbus-modbus-client carlo_gavazzi.py" },
  identification: {
    meterSerial: { table: "input", address: 0x5000, type: "text", registers: 7, source: `${E1}, 0x5000` },
    model: {
      table: "input",
      address: 0x000b,
      type: "u16",
      readAlone: true,
      matches: [
        { value: 1648, name: "EM24-DIN E1" },
        { value: 1649, name: "EM24-DIN E1" },
        { value: 1650, name: "EM24-DIN E1" },
        { value: 1651, name: "EM24-DIN E1" },
        { value: 1652, name: "EM24-DIN E1" },
        { value: 1653, name: "EM24-DIN E1" },
      ],
      source: "victronenergy/dbus-modbus-client carlo_gavazzi.py, 0x000B",
    },
  },
  defaults: { table: "input", type: "i32", absent: { signed: ["greatest"] }, source: E1 },
  registers: [
    { quantity: "voltageL1", address: 0x0000, toUnit: 0.1, source: "0x0000" },
    { quantity: "voltageL2", address: 0x0002, toUnit: 0.1, source: "0x0002" },
    { quantity: "voltageL3", address: 0x0004, toUnit: 0.1, source: "0x0004" },
    { quantity: "currentL1", address: 0x000c, toUnit: 0.001, source: "0x000C" },
    { quantity: "currentL2", address: 0x000e, toUnit: 0.001, source: "0x000E" },
    { quantity: "currentL3", address: 0x0010, toUnit: 0.001, source: "0x0010" },
    { quantity: "activePowerL1", address: 0x0012, toUnit: 0.1, source: "0x0012" },
    { quantity: "activePowerL2", address: 0x0014, toUnit: 0.1, source: "0x0014" },
    { quantity: "activePowerL3", address: 0x0016, toUnit: 0.1, source: "0x0016" },
    { quantity: "activePower", address: 0x0028, toUnit: 0.1, source: "0x0028" },
    { quantity: "apparentPower", address: 0x002a, toUnit: 0.1, source: "0x002A" },
    { quantity: "reactivePower", address: 0x002c, toUnit: 0.1, source: "0x002C" },
    { quantity: "powerFactorL1", address: 0x002e, type: "i16", toUnit: 0.001, source: "0x002E" },
    { quantity: "powerFactorL2", address: 0x002f, type: "i16", toUnit: 0.001, source: "0x002F" },
    { quantity: "powerFactorL3", address: 0x0030, type: "i16", toUnit: 0.001, source: "0x0030" },
    { quantity: "powerFactor", address: 0x0031, type: "i16", toUnit: 0.001, source: "0x0031" },
    { quantity: "frequency", address: 0x0033, type: "i16", toUnit: 0.1, source: "0x0033" },
    { quantity: "activeEnergyImport", address: 0x0034, toUnit: 100, source: "0x0034" },
    { quantity: "activeEnergyImportL1", address: 0x0040, toUnit: 100, source: "0x0040" },
    { quantity: "activeEnergyImportL2", address: 0x0042, toUnit: 100, source: "0x0042" },
    { quantity: "activeEnergyImportL3", address: 0x0044, toUnit: 100, source: "0x0044" },
    { quantity: "activeEnergyExport", address: 0x004e, toUnit: 100, source: "0x004E" },
  ],
});
