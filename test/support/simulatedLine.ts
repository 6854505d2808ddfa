/** A simulated line as most driver tests want it: three meters of two makes, without think time. */
import { type UnixMs, unixMs } from "../../agent/core/units.ts";
import { eastronSdm120 } from "../../drivers/definitions/eastronSdm120.ts";
import { eastronSdm630 } from "../../drivers/definitions/eastronSdm630.ts";
import type { BusTuning } from "../../drivers/modbus/bus.ts";
import type { LineSettings } from "../../drivers/modbus/timing.ts";
import { constantCurve } from "../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";

/** 9600 8N1. */
export const SETTINGS: LineSettings = { baudRate: 9600, parity: "none", dataBits: 8, stopBits: 1 };
/** Short pauses, so that a test does not wait for what it does not test. */
export const QUICK_TUNING: Partial<BusTuning> = {
  unitChangeGapMs: 5,
  quietAfterFailureMs: 20,
  reopenFirstMs: 20,
  reopenMostMs: 100,
};
/** An SDM630 that gives up sooner. */
export const QUICK_SDM630 = {
  ...eastronSdm630,
  timing: { ...eastronSdm630.timing, answerTimeoutMs: 150, gapMs: 5 },
};
/** An SDM120 that gives up sooner. */
export const QUICK_SDM120 = {
  ...eastronSdm120,
  timing: { ...eastronSdm120.timing, answerTimeoutMs: 150, gapMs: 5 },
};
/** Registers of unit 1, 2 and 3 at start, in Wh. */
export const INITIAL_WH = { 1: 5_000_000n, 2: 7_654_321n, 3: 1_000n } as const;

/** @returns the system's time */
export function systemNowMs(): UnixMs {
  return unixMs(Date.now());
}

/** @returns a line with an SDM630 (unit 1, import), an SDM120 (unit 2, export) and an SDM120 (unit 3, import) */
export function startThreeMeters(): Promise<SimulatedLine> {
  const none = { importWh: 0n, exportWh: 0n };
  return startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 0,
    timeLapse: 1,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: [
      {
        definition: eastronSdm630,
        unitId: 1,
        serial: 11_111_111,
        curve: constantCurve(0),
        initial: { ...none, importWh: INITIAL_WH[1] },
      },
      {
        definition: eastronSdm120,
        unitId: 2,
        serial: 22_222_222,
        curve: constantCurve(0),
        initial: { ...none, exportWh: INITIAL_WH[2] },
      },
      {
        definition: eastronSdm120,
        unitId: 3,
        serial: 33_333_333,
        curve: constantCurve(0),
        initial: { ...none, importWh: INITIAL_WH[3] },
      },
    ],
  });
}
