/**
 * Each fault on one meter, and on one of three: what of the samples and intervals was accepted, compared with what the
 * simulated registers held at that moment, and what became of the readings once the fault was over.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type BoundarySample, stateInterval } from "../../agent/core/metering/delta.ts";
import { intervalIndex, type UnixMs, unixMs, wh } from "../../agent/core/units.ts";
import type { Meter, MeterSample } from "../../agent/ports/meter.ts";
import type { MeterDefinition } from "../../drivers/definition.ts";
import { type Line, openLine } from "../../drivers/meter.ts";
import type { BusTuning } from "../../drivers/modbus/bus.ts";
import { constantCurve } from "../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import type { FaultCase } from "./faultCases.ts";

/** How a matrix is run. */
export type MatrixOptions = {
  readonly definitions: readonly MeterDefinition[];
  readonly tuning: Partial<BusTuning>;
  readonly thinkTimeMs: number;
  readonly hasWireTime: boolean;
  /** Samples of each meter while the fault lasts. */
  readonly faultyRounds: number;
  readonly nowMs: () => UnixMs;
  /** What the drivers take a meter for; default: what it is. */
  readonly readAs?: (definition: MeterDefinition) => MeterDefinition;
};

/** What one fault did to one arrangement. */
export type MatrixRow = {
  readonly fault: string;
  readonly meters: number;
  /** Samples of the faulty meter while it was faulty. */
  readonly accepted: number;
  readonly refused: number;
  /** Accepted samples that the registers did not hold; of faulty registers: intervals with energy that never was. */
  readonly wrong: number;
  /** Failed samples of meters in order, beside a faulty one. */
  readonly othersFailed: number;
  /** From the end of the fault to the first sample. */
  readonly recoveryMs: number;
  /** Failed samples of any meter from the end of the fault on. */
  readonly lost: number;
  /** Intervals stated as missing, of faulty registers. */
  readonly missing: number;
};

type Taken = {
  readonly sample: MeterSample;
  /** What the counter held before and after the sample was taken, in a meter in order. */
  readonly beforeMilliWh: bigint;
  readonly afterMilliWh: bigint;
};
type Outcome = Taken | null;
type Rig = {
  readonly device: SimulatedLine;
  readonly line: Line;
  readonly meters: readonly Meter[];
  readonly options: MatrixOptions;
};

const BAUD_RATE = 9600;
const SOUND_ROUNDS = 3;
/** Enough to see a late consequence of the fault. */
const ROUNDS_AFTER = 6;
const PAUSE_MS = 20;
const RECOVERY_LIMIT_MS = 60_000;
/** An hour a second: a counter moves by several steps between two samples. */
const TIME_LAPSE = 3600;
/**
 * A port that was put back is opened again a moment later, and a meter that was late is still at the requests of
 * before; samples until then are lost.
 */
const COME_BACK_BY_THEMSELVES: readonly string[] = ["unplugged", "late"];
const FAULTY_UNIT_ID = 1;
const MILLI_PER_UNIT = 1000n;
const INTERVAL_MS = 1_000;
/** What passes a connection in one of these intervals, ten times over. */
const BOUND_WH = wh(50_000n);

/** @param fault to be set @param meters how many, the first of them faulty @param options of the rig @returns what it did */
export async function runCase(fault: FaultCase, meters: number, options: MatrixOptions): Promise<MatrixRow> {
  const rig = await startRig(meters, options);
  try {
    return await judged(fault, rig);
  } finally {
    await rig.line.close();
    await rig.device.stop();
  }
}

/** @param row of a matrix @returns true when nothing wrong was accepted and nothing lost once the fault was over */
export function isHarmless({ fault, wrong, lost, othersFailed }: MatrixRow): boolean {
  return wrong === 0 && othersFailed === 0 && (lost === 0 || COME_BACK_BY_THEMSELVES.includes(fault));
}

async function judged(fault: FaultCase, rig: Rig): Promise<MatrixRow> {
  const sound = await rounds(rig, SOUND_ROUNDS);
  await fault.begin(rig.device, FAULTY_UNIT_ID);
  const faulty = await rounds(rig, rig.options.faultyRounds);
  await fault.end(rig.device, FAULTY_UNIT_ID);
  const endedAtMs = performance.now();
  const recovering = await untilRecovered(rig);
  const recoveryMs = Math.round(performance.now() - endedAtMs);
  const after = await rounds(rig, ROUNDS_AFTER);
  const [ofFaulty = [], ...ofOthers] = columns(faulty);
  const all = columns([...sound, ...faulty, ...recovering, ...after]);
  const others = fault.isOfLine ? [] : [...ofOthers, ...columns(recovering).slice(1)];
  const intervals = fault.isOfRegisters ? statedIntervals(all[0] ?? []) : { wrong: 0, missing: 0 };
  const samples = fault.isOfRegisters ? all.slice(1) : all;
  return {
    fault: fault.name,
    meters: rig.meters.length,
    accepted: ofFaulty.filter((outcome) => outcome !== null).length,
    refused: ofFaulty.filter((outcome) => outcome === null).length,
    wrong: intervals.wrong + samples.flat().filter((outcome) => outcome !== null && !isTrue(outcome)).length,
    othersFailed: others.flat().filter((outcome) => outcome === null).length,
    recoveryMs,
    lost: [...recovering, ...after].flat().filter((outcome) => outcome === null).length,
    missing: intervals.missing,
  };
}

/** The step of the register and one Wh are as near as a whole number of Wh can come. */
function isTrue({ sample, beforeMilliWh, afterMilliWh }: Taken): boolean {
  const importMilliWh = (sample.activeEnergyImport ?? -1n) * MILLI_PER_UNIT;
  const slackMilliWh = slackOf({ sample, beforeMilliWh, afterMilliWh });
  return importMilliWh >= beforeMilliWh - slackMilliWh && importMilliWh <= afterMilliWh + slackMilliWh;
}

/**
 * States the interval between any two samples that follow each other, as the metering would. Wrong is one after which
 * more energy has been stated than has flowed by then; a counter that stood still and catches up invents none.
 */
function statedIntervals(outcomes: readonly Outcome[]): { readonly wrong: number; readonly missing: number } {
  let [wrong, missing, statedWh] = [0, 0, 0n];
  const taken = outcomes.filter((outcome) => outcome !== null);
  const [first] = taken;
  for (const [index, end] of taken.entries()) {
    const start = taken[index - 1];
    if (first === undefined || start === undefined) continue;
    const consumed = consumedBetween(start, end);
    if (consumed === null) missing++;
    else statedWh += consumed;
    const slackMilliWh = slackOf(first) + slackOf(end) + BigInt(missing) * slackOf(start);
    const flowedMilliWh = end.afterMilliWh - first.beforeMilliWh + slackMilliWh;
    if (consumed !== null && statedWh * MILLI_PER_UNIT > flowedMilliWh) wrong++;
  }
  return { wrong, missing };
}

/** @returns what is stated about the interval; null for a missing one, or one that the other gateways would refuse */
function consumedBetween(start: Taken, end: Taken): bigint | null {
  const limits = { intervalMs: INTERVAL_MS, boundWh: BOUND_WH, timeLapse: 1 };
  const sampleAt = ({ sample }: Taken, atMs: number): BoundarySample => [
    {
      kind: "sampled",
      role: "consumption",
      takenAtMs: unixMs(atMs),
      activePowerW: null,
      registers: [sample.activeEnergyImport ?? wh(0n)],
      resolutionMilliWh: sample.resolutionMilliWh,
      frames: [],
    },
  ];
  const [before, after] = [sampleAt(start, 0), sampleAt(end, INTERVAL_MS)];
  const { content } = stateInterval(intervalIndex(0), limits, before, after, wh(0n));
  return content.kind === "missing" || content.consumed > BOUND_WH ? null : content.consumed;
}

function slackOf({ sample }: Taken): bigint {
  return BigInt(sample.resolutionMilliWh) + MILLI_PER_UNIT;
}

async function untilRecovered(rig: Rig): Promise<readonly (readonly Outcome[])[]> {
  const done: (readonly Outcome[])[] = [];
  const deadlineMs = performance.now() + RECOVERY_LIMIT_MS;
  while (performance.now() < deadlineMs) {
    const [round = []] = await rounds(rig, 1);
    done.push(round);
    if (round.every((outcome) => outcome !== null)) return done;
  }
  throw new Error(`not recovered after ${RECOVERY_LIMIT_MS} ms`);
}

async function rounds(rig: Rig, count: number): Promise<readonly (readonly Outcome[])[]> {
  const done: (readonly Outcome[])[] = [];
  while (done.length < count) {
    done.push(await Promise.all(rig.meters.map((meter, index) => sampled(rig, meter, index + 1))));
    await sleep(PAUSE_MS);
  }
  return done;
}

async function sampled({ device }: Rig, meter: Meter, unitId: number): Promise<Outcome> {
  const beforeMilliWh = device.stateOf(unitId).importMilliWh;
  const sample = await meter.sample().catch(() => null);
  return sample && { sample, beforeMilliWh, afterMilliWh: device.stateOf(unitId).importMilliWh };
}

function columns(rows: readonly (readonly Outcome[])[]): readonly (readonly Outcome[])[] {
  return (rows[0] ?? []).map((_, index) => rows.map((row) => row[index] ?? null));
}

async function startRig(count: number, options: MatrixOptions): Promise<Rig> {
  const settings = { baudRate: BAUD_RATE, parity: "none", dataBits: 8, stopBits: 1 } as const;
  const { thinkTimeMs, hasWireTime, nowMs, tuning, readAs = (definition) => definition } = options;
  const definitions = options.definitions.slice(0, count);
  const device = await startSimulatedLine({
    settings,
    nowMs,
    startedAtMs: nowMs(),
    startMinute: 0,
    timeLapse: TIME_LAPSE,
    thinkTimeMs,
    hasWireTime,
    meters: definitions.map((definition, index) => ({
      definition,
      unitId: index + 1,
      serial: 1000 + index,
      curve: constantCurve(3000 + 500 * index),
      initial: { importWh: 5_000_000n + 1_000_000n * BigInt(index), exportWh: 0n },
    })),
  });
  const { path } = device;
  const line = await openLine({ ...settings, path, nowMs, tuning, onEvent: () => {} });
  const meters = definitions.map((definition, index) =>
    line.meter({ definition: readAs(definition), unitId: index + 1 }),
  );
  return { device, line, meters, options };
}
