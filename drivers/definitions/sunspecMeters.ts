/**
 * Meters found by walking a SunSpec chain: models 201 to 204 with scale factors, 211 to 214 with floats.
 * Which sign of power means import is not agreed among makers; SolarEdge's is export.
 */
import { SUNSPEC_NEW_COUNTER } from "../cautions.ts";
import { defineSunspec, type SunspecDefinition, type SunspecModel } from "../sunspecDefinition.ts";

const MODELS = "https://github.com/sunspec/models, json/model_";
const SIGN =
  "Makers disagree on the sign of W: compare it with the counter that advances, and set invert only if both are wrong.";

type PowerSign = "import" | "export";

const integers = (id: number, phases: 1 | 3, positiveIs: PowerSign): SunspecModel => ({
  id,
  length: 105,
  source: `${MODELS}${id}.json`,
  points: [
    { point: "AphA", quantity: "currentL1", offset: 3, type: "int16", scaleFactor: 6 },
    { point: "PhVphA", quantity: "voltageL1", offset: 8, type: "int16", scaleFactor: 15 },
    ...(phases === 1
      ? []
      : ([
          { point: "AphB", quantity: "currentL2", offset: 4, type: "int16", scaleFactor: 6 },
          { point: "AphC", quantity: "currentL3", offset: 5, type: "int16", scaleFactor: 6 },
          { point: "PhVphB", quantity: "voltageL2", offset: 9, type: "int16", scaleFactor: 15 },
          { point: "PhVphC", quantity: "voltageL3", offset: 10, type: "int16", scaleFactor: 15 },
          {
            point: "WphB",
            quantity: "activePowerL2",
            offset: 20,
            type: "int16",
            scaleFactor: 22,
            positiveIs,
          },
          {
            point: "WphC",
            quantity: "activePowerL3",
            offset: 21,
            type: "int16",
            scaleFactor: 22,
            positiveIs,
          },
        ] as const)),
    { point: "Hz", quantity: "frequency", offset: 16, type: "int16", scaleFactor: 17 },
    { point: "W", quantity: "activePower", offset: 18, type: "int16", scaleFactor: 22, positiveIs },
    { point: "WphA", quantity: "activePowerL1", offset: 19, type: "int16", scaleFactor: 22, positiveIs },
    { point: "TotWhExp", quantity: "activeEnergyExport", offset: 38, type: "acc32", scaleFactor: 54 },
    { point: "TotWhImp", quantity: "activeEnergyImport", offset: 46, type: "acc32", scaleFactor: 54 },
  ],
});

const floats = (id: number, positiveIs: PowerSign): SunspecModel => ({
  id,
  length: 124,
  source: `${MODELS}${id}.json`,
  points: [
    { point: "PhVphA", quantity: "voltageL1", offset: 12, type: "float32" },
    { point: "Hz", quantity: "frequency", offset: 26, type: "float32" },
    { point: "W", quantity: "activePower", offset: 28, type: "float32", positiveIs },
    { point: "WphA", quantity: "activePowerL1", offset: 30, type: "float32", positiveIs },
    { point: "TotWhExp", quantity: "activeEnergyExport", offset: 60, type: "float32" },
    { point: "TotWhImp", quantity: "activeEnergyImport", offset: 68, type: "float32" },
  ],
});

const modelsWith = (positiveIs: PowerSign): readonly SunspecModel[] => [
  integers(201, 1, positiveIs),
  integers(202, 3, positiveIs),
  integers(203, 3, positiveIs),
  integers(204, 3, positiveIs),
  floats(211, positiveIs),
  floats(212, positiveIs),
  floats(213, positiveIs),
  floats(214, positiveIs),
];

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
  extraModels: [],
} as const;

const solarEdgeMeter = (occurrence: 1 | 2 | 3): SunspecDefinition =>
  defineSunspec({
    ...ACCESS,
    id: occurrence === 1 ? "solaredge-meter" : `solaredge-meter-${occurrence}`,
    maker: "SolarEdge",
    model: `SunSpec meter ${occurrence} behind an inverter`,
    name: `SolarEdge SunSpec meter ${occurrence}`,
    status: "confirmed",
    cautions: [
      SUNSPEC_NEW_COUNTER,
      "One Modbus client at a time.",
      "Its counters are known to jump to 0 and back; such an interval is register-reset.",
    ],
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
    occurrence,
    models: modelsWith("export"),
  });

/** Any maker's meter, and SolarEdge's up to three behind an inverter. */
export const sunspecMeters: readonly SunspecDefinition[] = [
  solarEdgeMeter(1),
  solarEdgeMeter(2),
  solarEdgeMeter(3),
  defineSunspec({
    ...ACCESS,
    id: "sunspec-meter",
    maker: "SunSpec",
    model: "meter, models 201 to 204 and 211 to 214",
    name: "SunSpec meter",
    status: "confirmed",
    cautions: [SIGN, SUNSPEC_NEW_COUNTER],
    makerInChain: null,
    occurrence: 1,
    models: modelsWith("import"),
  }),
];
