/**
 * `npm run bench:bus [-- --minutes 1 --only default]`: three meters of three makes and three units on one line at 9600 baud, polled
 * without a pause between cycles, and how that compares with what the wire must take.
 *
 * Planned is what the driver's own arithmetic says a cycle takes: wire, silent intervals, the meters' think time and
 * the pauses that are set. Efficiency is planned over measured: what is lost beside it is software.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Meter } from "../../agent/ports/meter.ts";
import { openLine } from "../../drivers/meter.ts";
import { answerMs, type LineSettings, requestMs, silentIntervalMs } from "../../drivers/modbus/timing.ts";
import { constantCurve } from "../../drivers/simulator/curve.ts";
import { startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import { closingLine } from "../support/runTests.ts";
import { systemNowMs } from "../support/simulatedLine.ts";
import { THREE_MAKES } from "./threeMakes.ts";

const SETTINGS: LineSettings = { baudRate: 9600, parity: "none", dataBits: 8, stopBits: 1 };
const THINK_TIME_MS = 20;
const LEAST_EFFICIENCY = 0.85;
const MS_PER_MINUTE = 60_000;
/** More than one cycle has. */
const MOST_REQUESTS = 64;
/** A frame is told once its line has been quiet. */
const FRAMES_SEEN_MS = 100;
/** Pauses as they come from the shop, and none but what the standard asks for. */
const ARRANGEMENTS = [
  { name: "default pauses", unitChangeGapMs: 200, hasOwnGap: true },
  { name: "unit change 50 ms", unitChangeGapMs: 50, hasOwnGap: true },
  { name: "silent intervals only", unitChangeGapMs: 0, hasOwnGap: false },
] as const;

type Arrangement = (typeof ARRANGEMENTS)[number];
type Result = {
  readonly name: string;
  readonly cycles: number;
  readonly minutes: number;
  readonly cycleMs: number;
  readonly plannedMs: number;
  readonly wireMs: number;
  readonly failures: number;
  readonly notOk: number;
};

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "1" }, only: { type: "string", default: "" } },
});
process.exitCode = (await main(Number(values.minutes), values.only)) ? 0 : 1;

async function main(minutes: number, only: string): Promise<boolean> {
  const arrangements = ARRANGEMENTS.filter(({ name }) => name.includes(only));
  console.log(THREE_MAKES.map(({ name }, index) => `unit ${index + 1}: ${name}`).join(", "));
  console.log("| pauses | minutes | cycles/min | cycle ms | planned ms | efficiency | wire ms | failures |");
  console.log("|---|---|---|---|---|---|---|---|");
  let failed = 0;
  for (const arrangement of arrangements) {
    const result = await measured(arrangement, minutes);
    const efficiency = result.plannedMs / result.cycleMs;
    const isFine = efficiency >= LEAST_EFFICIENCY && result.failures === 0 && result.notOk === 0;
    if (!isFine) failed++;
    console.log(rowText(result, efficiency));
  }
  console.log(closingLine({ passed: arrangements.length - failed, failed }));
  return failed === 0;
}

function rowText(
  { name, cycles, minutes, cycleMs, plannedMs, wireMs, failures }: Result,
  efficiency: number,
) {
  const cells = [
    name,
    minutes,
    (cycles / minutes).toFixed(1),
    cycleMs.toFixed(1),
    plannedMs.toFixed(1),
    efficiency.toFixed(3),
    wireMs.toFixed(1),
    failures,
  ];
  return `| ${cells.join(" | ")} |`;
}

async function measured(arrangement: Arrangement, minutes: number): Promise<Result> {
  const { name, unitChangeGapMs } = arrangement;
  const definitions = definitionsOf(arrangement);
  const device = await startDevice(definitions);
  const sent: Uint8Array[] = [];
  const line = await openLine({
    ...SETTINGS,
    path: device.path,
    nowMs: systemNowMs,
    tuning: { unitChangeGapMs },
    onEvent: () => {},
    onFrame: ({ direction, bytes }) => {
      if (direction === "sent" && sent.length < MOST_REQUESTS) sent.push(bytes);
    },
  });
  try {
    const meters = definitions.map((definition, index) => line.meter({ definition, unitId: index + 1 }));
    // One cycle beforehand, to see of which requests it is made.
    for (const meter of meters) await meter.sample();
    await sleep(FRAMES_SEEN_MS);
    const { plannedMs, wireMs } = computed(sent.splice(0), definitions, unitChangeGapMs);
    return { name, minutes, plannedMs, wireMs, ...(await poll(meters, minutes)) };
  } finally {
    await line.close();
    await device.stop();
  }
}

type Definitions = typeof THREE_MAKES;

function definitionsOf({ hasOwnGap }: Arrangement): Definitions {
  if (hasOwnGap) return THREE_MAKES;
  return THREE_MAKES.map((definition) => ({ ...definition, timing: { ...definition.timing, gapMs: 0 } }));
}

async function poll(meters: readonly Meter[], minutes: number) {
  let [cycles, failures] = [0, 0];
  const startMs = performance.now();
  while (performance.now() - startMs < minutes * MS_PER_MINUTE) {
    const outcomes = await Promise.allSettled(meters.map((meter) => meter.sample()));
    failures += outcomes.filter(({ status }) => status === "rejected").length;
    cycles++;
  }
  const cycleMs = (performance.now() - startMs) / cycles;
  const notOk = meters
    .map((meter) => meter.counters())
    .reduce((sum, { ok: _, ...others }) => sum + Object.values(others).reduce((a, b) => a + b, 0), 0);
  return { cycles, failures, notOk, cycleMs };
}

/** What the requests of a cycle must take: each on the wire, thought about, and the silence before it. */
function computed(requests: readonly Uint8Array[], definitions: Definitions, unitChangeGapMs: number) {
  const silentMs = silentIntervalMs(SETTINGS);
  let [plannedMs, wireMs, lastUnitId] = [0, 0, 0];
  for (const request of requests) {
    const [unitId = 0, , , , high = 0, low = 0] = request;
    const onWireMs = requestMs(SETTINGS) + answerMs(SETTINGS, (high << 8) | low) + silentMs;
    const gapMs = definitions[unitId - 1]?.timing.gapMs ?? 0;
    const pauseMs = unitId === lastUnitId ? gapMs : unitChangeGapMs;
    wireMs += onWireMs + silentMs;
    plannedMs += onWireMs + THINK_TIME_MS + Math.max(pauseMs, silentMs);
    lastUnitId = unitId;
  }
  return { plannedMs, wireMs };
}

function startDevice(definitions: Definitions) {
  return startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 0,
    timeLapse: 1,
    thinkTimeMs: THINK_TIME_MS,
    hasWireTime: true,
    meters: definitions.map((definition, index) => ({
      definition,
      unitId: index + 1,
      serial: 1000 + index,
      curve: constantCurve(1000),
      initial: { importWh: 5_000_000n, exportWh: 0n },
    })),
  });
}
