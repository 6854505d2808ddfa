/**
 * `npm run bench:bus [-- --minutes 1 --only default]`: three meters of three makes and three units on one line at 9600 baud, polled
 * without a pause between cycles, and how that compares with what the wire must take.
 *
 * Planned is what the driver's own arithmetic says a cycle takes: wire, silent intervals, the meters' think time and
 * the pauses that are set. Efficiency is planned over measured: what is lost beside it is software.
 */
import { parseArgs } from "node:util";
import { type Line, openLine } from "../../drivers/meter.ts";
import { answerMs, type LineSettings, requestMs, silentIntervalMs } from "../../drivers/modbus/timing.ts";
import { planReads } from "../../drivers/plan.ts";
import { SETTLED_QUANTITIES } from "../../drivers/quantity.ts";
import { constantCurve } from "../../drivers/simulator/curve.ts";
import { startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import { closingLine } from "../support/runTests.ts";
import { systemNowMs } from "../support/simulatedLine.ts";
import { THREE_MAKES } from "./threeMakes.ts";

const SETTINGS: LineSettings = { baudRate: 9600, parity: "none", dataBits: 8, stopBits: 1 };
const THINK_TIME_MS = 20;
const LEAST_EFFICIENCY = 0.85;
const MS_PER_MINUTE = 60_000;
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
  const options = { ...SETTINGS, path: device.path, nowMs: systemNowMs, onEvent: () => {} };
  const line = await openLine({ ...options, tuning: { unitChangeGapMs } });
  try {
    const run = await poll(line, definitions, minutes);
    const { plannedMs, wireMs } = computed(definitions, unitChangeGapMs);
    return { name, minutes, plannedMs, wireMs, ...run };
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

async function poll(line: Line, definitions: Definitions, minutes: number) {
  const meters = definitions.map((definition, index) => line.meter({ definition, unitId: index + 1 }));
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

/** What a cycle must take: each read on the wire, thought about, and the silence before it. */
function computed(definitions: Definitions, unitChangeGapMs: number) {
  const silentMs = silentIntervalMs(SETTINGS);
  let [plannedMs, wireMs] = [0, 0];
  for (const definition of definitions) {
    const settled = definition.registers.filter(({ quantity }) => SETTLED_QUANTITIES.includes(quantity));
    for (const [index, { count }] of planReads(definition, settled).entries()) {
      const onWireMs = requestMs(SETTINGS) + answerMs(SETTINGS, count) + silentMs;
      const pauseMs = index === 0 ? unitChangeGapMs : definition.timing.gapMs;
      wireMs += onWireMs + silentMs;
      plannedMs += onWireMs + THINK_TIME_MS + Math.max(pauseMs, silentMs);
    }
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
