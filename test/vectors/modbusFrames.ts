/** Modbus RTU answers captured from meters or worked out by their makers; each with where it was published. */

/** One captured answer: a single value, and what the source says it means. */
export type CapturedFrame = {
  readonly name: string;
  readonly source: string;
  /** Definition and quantity it is decoded with. */
  readonly definitionId: string;
  readonly quantity: string;
  readonly requestHex: string | null;
  readonly responseHex: string;
  /** As printed by the source. */
  readonly printed: number;
  readonly digits: number;
};

/** Frames whose check holds. */
export const CAPTURED_FRAMES: readonly CapturedFrame[] = [
  {
    name: "SDM120 voltage, the maker's worked example",
    source: "Eastron SDM120-Modbus Protocol V2.4, Read Input Registers, example",
    definitionId: "eastron-sdm120",
    quantity: "voltageL1",
    requestHex: "01040000000271cb",
    responseHex: "010404436633341b38",
    printed: 230.2,
    digits: 1,
  },
  {
    name: "SDM630 power while feeding in",
    source: "https://github.com/arendst/Tasmota/issues/17671",
    definitionId: "eastron-sdm630",
    quantity: "activePower",
    requestHex: null,
    responseHex: "010404c2886acc68e3",
    printed: -68.2086,
    digits: 4,
  },
  {
    name: "power of one phase while feeding in",
    source: "https://github.com/arendst/Tasmota/issues/17671",
    definitionId: "eastron-sdm630",
    quantity: "activePowerL1",
    requestHex: null,
    responseHex: "010404c32c9822edd0",
    printed: -172.594,
    digits: 3,
  },
  {
    name: "ABB B2x power",
    source: "https://github.com/gonium/gosdm630/pull/122",
    definitionId: "abb-b2x",
    quantity: "activePower",
    requestHex: "01035b140002972b",
    responseHex: "010304000000367a25",
    printed: 0.54,
    digits: 2,
  },
  {
    name: "ABB B2x power factor",
    source: "https://github.com/gonium/gosdm630/pull/122",
    definitionId: "abb-b2x",
    quantity: "powerFactor",
    requestHex: "01035b3a0001b723",
    responseHex: "01030201b3f861",
    printed: 0.435,
    digits: 3,
  },
  {
    name: "ORNO WE-517 current of the first phase",
    source: "https://github.com/arendst/Tasmota/issues/19616",
    definitionId: "orno-we-516",
    quantity: "currentL1",
    requestHex: null,
    responseHex: "0103043fd5c28ff71b",
    printed: 1.67,
    digits: 2,
  },
  {
    name: "ORNO WE-517 current of the second phase",
    source: "https://github.com/arendst/Tasmota/issues/19616",
    definitionId: "orno-we-516",
    quantity: "currentL2",
    requestHex: null,
    responseHex: "0103043fd70a3d816e",
    printed: 1.68,
    digits: 2,
  },
];

/** The mark of an absent value. */
export const ABB_ABSENT_POWER_FACTOR = {
  source: "https://github.com/gonium/gosdm630/pull/122",
  requestHex: "01035b3b0001e6e3",
  responseHex: "0103027fffd834",
  /** int16 in thousandths; the greatest value marks "not available". */
} as const;

/**
 * 80 input registers from 0 of an SDM230, captured on a line and cut off before its end; its log printed the values.
 */
export const SDM230_TRUNCATED_CAPTURE = {
  source: "https://github.com/esphome/issues/issues/3912",
  requestHex: "030400000050f1d4",
  responseHex:
    "0304a0436c7e6e00000000000000003dffa634000000000000000041a718c3000000000000000041b635ea0000000000000000c1114e2f00000000000000003f6ac3f9000000000000000043a83fa50000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000042480000452895",
  printed: {
    voltageL1: 236.494,
    currentL1: 0.125,
    activePower: 20.887,
    apparentPower: 22.776,
    reactivePower: -9.082,
    powerFactor: 0.917,
    frequency: 50,
  },
} as const;
