/**
 * Inverters found by walking a SunSpec chain: models 101 to 103 with scale factors, 111 to 113 with floats, and the
 * direct current side of model 160 where there is one. What an inverter generates is export; its power is positive then.
 */
import { SUNSPEC_NEW_COUNTER } from "../cautions.ts";
import {
  defineSunspec,
  type SunspecDefinition,
  type SunspecModel,
  type SunspecPoint,
} from "../sunspecDefinition.ts";

const MODELS = "https://github.com/sunspec/models, json/model_";
/** Blocks of model 160 that are read; the distance from one to the next. */
const MODULES = [1, 2, 3, 4] as const;
const MODULE_REGISTERS = 20;

const integers = (id: number, phases: 1 | 3): SunspecModel => ({
  id,
  length: 50,
  source: `${MODELS}${id}.json`,
  points: [
    { point: "AphA", quantity: "currentL1", offset: 3, type: "uint16", scaleFactor: 6 },
    { point: "PhVphA", quantity: "voltageL1", offset: 10, type: "uint16", scaleFactor: 13 },
    ...(phases === 1
      ? []
      : ([
          { point: "AphB", quantity: "currentL2", offset: 4, type: "uint16", scaleFactor: 6 },
          { point: "AphC", quantity: "currentL3", offset: 5, type: "uint16", scaleFactor: 6 },
          { point: "PhVphB", quantity: "voltageL2", offset: 11, type: "uint16", scaleFactor: 13 },
          { point: "PhVphC", quantity: "voltageL3", offset: 12, type: "uint16", scaleFactor: 13 },
        ] as const)),
    { point: "W", quantity: "activePower", offset: 14, type: "int16", scaleFactor: 15, positiveIs: "export" },
    { point: "Hz", quantity: "frequency", offset: 16, type: "uint16", scaleFactor: 17 },
    { point: "WH", quantity: "activeEnergyExport", offset: 24, type: "acc32", scaleFactor: 26 },
    { point: "DCW", quantity: "dcPower", offset: 31, type: "int16", scaleFactor: 32 },
  ],
});

const floats = (id: number, phases: 1 | 3): SunspecModel => ({
  id,
  length: 60,
  source: `${MODELS}${id}.json`,
  points: [
    { point: "PhVphA", quantity: "voltageL1", offset: 16, type: "float32" },
    ...(phases === 1
      ? []
      : ([
          { point: "AphB", quantity: "currentL2", offset: 6, type: "float32" },
          { point: "AphC", quantity: "currentL3", offset: 8, type: "float32" },
          { point: "PhVphB", quantity: "voltageL2", offset: 18, type: "float32" },
          { point: "PhVphC", quantity: "voltageL3", offset: 20, type: "float32" },
        ] as const)),
    { point: "W", quantity: "activePower", offset: 22, type: "float32", positiveIs: "export" },
    { point: "Hz", quantity: "frequency", offset: 24, type: "float32" },
    { point: "WH", quantity: "activeEnergyExport", offset: 32, type: "float32" },
    { point: "DCW", quantity: "dcPower", offset: 38, type: "float32" },
  ],
});

/** Fixed scale factors first, then one block for each tracker or storage; a device has as many as its length says. */
const MPPT: SunspecModel = {
  id: 160,
  length: 8,
  longest: 8 + MODULES.length * MODULE_REGISTERS,
  source: `${MODELS}160.json`,
  points: MODULES.flatMap((module): readonly SunspecPoint[] => {
    const start = 10 + (module - 1) * MODULE_REGISTERS;
    return [
      {
        point: `module ${module} DCW`,
        quantity: `dcPower${module}`,
        offset: start + 11,
        type: "uint16",
        scaleFactor: 4,
      },
      {
        point: `module ${module} DCWH`,
        quantity: `dcEnergy${module}`,
        offset: start + 12,
        type: "acc32",
        scaleFactor: 5,
      },
    ];
  }),
};

const ACCESS = {
  kind: "sunspec",
  // Modbus allows 125; some devices stop at 120.
  maxRegistersPerRead: 120,
  serial: null,
  tcp: null,
  timing: {
    thinkTimeMs: 100,
    answerTimeoutMs: 2000,
    gapMs: 20,
    source: "defaults of the driver; SunSpec gives no times",
  },
  occurrence: 1,
  models: [
    integers(101, 1),
    integers(102, 3),
    integers(103, 3),
    floats(111, 1),
    floats(112, 3),
    floats(113, 3),
  ],
  extraModels: [MPPT],
} as const;

/** SMA's, SolarEdge's, and any maker's inverter. */
export const sunspecInverters: readonly SunspecDefinition[] = [
  defineSunspec({
    ...ACCESS,
    id: "sma-inverter",
    maker: "SMA",
    model: "SunSpec inverter",
    name: "SMA SunSpec inverter",
    status: "experimental",
    cautions: [
      SUNSPEC_NEW_COUNTER,
      "Switch Modbus on in the inverter; it refuses reads that begin or end within a value, and is absent at night.",
    ],
    tcp: { port: 502, unitId: 126, source: "https://github.com/CJNE/ha-sunspec/issues/203" },
    makerInChain: "SMA",
  }),
  defineSunspec({
    ...ACCESS,
    id: "solaredge-inverter",
    maker: "SolarEdge",
    model: "SunSpec inverter",
    name: "SolarEdge SunSpec inverter",
    status: "confirmed",
    cautions: ["One Modbus client at a time."],
    serial: {
      baudRate: 115_200,
      parity: "none",
      dataBits: 8,
      stopBits: 1,
      unitId: 1,
      source: "SolarEdge SunSpec Implementation Technical Note",
    },
    tcp: { port: 1502, unitId: 1, source: "SolarEdge SunSpec Implementation Technical Note" },
    makerInChain: "SolarEdge",
  }),
  defineSunspec({
    ...ACCESS,
    id: "sunspec-inverter",
    maker: "SunSpec",
    model: "inverter, models 101 to 103 and 111 to 113",
    name: "SunSpec inverter",
    status: "confirmed",
    cautions: [SUNSPEC_NEW_COUNTER],
    makerInChain: null,
  }),
];
