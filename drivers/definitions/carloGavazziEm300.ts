/**
 * Carlo Gavazzi EM330, EM340, EM341, ET330, ET340, and the EM24-DIN E1, which has their map: three phases. Integers,
 * least significant word first; energies in tenths of a kilowatt-hour. The code of the model is at 0x000B only when
 * nothing else is read with it: in a longer read the same address is half of a voltage.
 */
import { CARLO_GAVAZZI_MODE_B } from "../cautions.ts";
import { defineMeter, type MeterDefinition } from "../definition.ts";

const MANUAL = "Carlo Gavazzi EM300/ET300 series communication protocol (EM341-Modbus)";
const E1 = "victronenergy/dbus-modbus-client carlo_gavazzi.py and volkszaehler/mbmd carlogavazzi-em24_e1.go";

/** What MANUAL and E1 both give, address by address. */
const REGISTERS = [
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
] as const;

/** The EM300 and ET300 series. */
export const carloGavazziEm300: MeterDefinition = defineMeter({
  id: "carlo-gavazzi-em300",
  maker: "Carlo Gavazzi",
  model: "EM330/EM340/EM341/ET330/ET340",
  status: "confirmed",
  cautions: [CARLO_GAVAZZI_MODE_B],
  wordOrder: "least-significant-first",
  maxRegistersPerRead: 50,
  // OpenEMS reads 0x0033 to 0x004F in one; a longer hole is not known to be answered.
  maxGapRegisters: 24,
  serial: { baudRate: 9600, parity: "none", unitId: 1, source: `${MANUAL}` },
  // Answers within 500 ms, typically 40 ms.
  timing: { thinkTimeMs: 40, answerTimeoutMs: 750, gapMs: 20, source: `${MANUAL}` },
  identification: {
    meterSerial: { table: "input", address: 0x5000, type: "text", registers: 7, source: `${MANUAL}, 0x5000` },
    model: {
      table: "input",
      address: 0x000b,
      type: "u16",
      readAlone: true,
      matches: [
        { value: 331, name: "EM330" },
        { value: 332, name: "EM330" },
        { value: 335, name: "ET330" },
        { value: 336, name: "ET330" },
        { value: 341, name: "EM340" },
        { value: 345, name: "ET340" },
        { value: 346, name: "EM341" },
      ],
      source: `${MANUAL}, 0x000B`,
    },
  },
  // "EEE" on the display.
  defaults: { table: "input", type: "i32", absent: { signed: ["greatest"] }, source: MANUAL },
  registers: REGISTERS,
});

/** The EM24-DIN E1 on Ethernet. */
export const carloGavazziEm24E1: MeterDefinition = defineMeter({
  id: "carlo-gavazzi-em24-e1",
  maker: "Carlo Gavazzi",
  model: "EM24-DIN E1",
  status: "confirmed",
  cautions: [CARLO_GAVAZZI_MODE_B, "Needs application H: holding register 0xA000 must be 7."],
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
  registers: REGISTERS,
});
