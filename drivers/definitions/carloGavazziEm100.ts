/**
 * Carlo Gavazzi EM110, EM111, EM112, ET112: single phase. Integers, least significant word first; energies in
 * tenths of a kilowatt-hour. The code of the model is at 0x000B only when nothing else is read with it.
 */
import { CARLO_GAVAZZI_MODE_B } from "../cautions.ts";
import { defineMeter, type MeterDefinition } from "../definition.ts";

const MANUAL = "Carlo Gavazzi EM100/ET100 series communication protocol (EM100_ET100_Series_CPP)";

/** The EM100 and ET100 series. */
export const carloGavazziEm100: MeterDefinition = defineMeter({
  id: "carlo-gavazzi-em100",
  maker: "Carlo Gavazzi",
  model: "EM110/EM111/EM112/ET112",
  status: "confirmed",
  cautions: [CARLO_GAVAZZI_MODE_B],
  wordOrder: "least-significant-first",
  // An EM112 answers 125.
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  serial: { baudRate: 9600, parity: "none", unitId: 1, source: MANUAL },
  // Answers within 500 ms, typically 40 ms.
  timing: { thinkTimeMs: 40, answerTimeoutMs: 750, gapMs: 20, source: `${MANUAL}` },
  identification: {
    meterSerial: {
      table: "input",
      address: 0x5000,
      type: "text",
      registers: 7,
      characters: "one-a-register",
      source: `${MANUAL}, 0x5000`,
    },
    model: {
      table: "input",
      address: 0x000b,
      type: "u16",
      readAlone: true,
      matches: [
        { value: 100, name: "EM110" },
        { value: 110, name: "EM110" },
        { value: 101, name: "EM111" },
        { value: 103, name: "EM111" },
        { value: 114, name: "EM111" },
        { value: 102, name: "EM112" },
        { value: 104, name: "EM112" },
        { value: 120, name: "ET112" },
        { value: 121, name: "ET112" },
      ],
      source: `${MANUAL}, 0x000B`,
    },
  },
  // "EEE" on the display.
  defaults: { table: "input", type: "i32", absent: { signed: ["greatest"] }, source: MANUAL },
  registers: [
    { quantity: "voltageL1", address: 0x0000, toUnit: 0.1, source: "0x0000" },
    // Thousandths by the manual; OpenEMS takes it for tenths, which is a hundred times too much.
    { quantity: "currentL1", address: 0x0002, toUnit: 0.001, source: "0x0002" },
    { quantity: "activePower", address: 0x0004, toUnit: 0.1, source: "0x0004" },
    { quantity: "apparentPower", address: 0x0006, toUnit: 0.1, source: "0x0006" },
    { quantity: "reactivePower", address: 0x0008, toUnit: 0.1, source: "0x0008" },
    { quantity: "powerFactor", address: 0x000e, type: "i16", toUnit: 0.001, source: "0x000E" },
    { quantity: "frequency", address: 0x000f, type: "i16", toUnit: 0.1, source: "0x000F" },
    { quantity: "activeEnergyImport", address: 0x0010, toUnit: 100, source: "0x0010" },
    { quantity: "activeEnergyExport", address: 0x0020, toUnit: 100, source: "0x0020" },
  ],
});
