/**
 * `npm run bench:late [-- --rounds 1000 --seed 1]`: answers that come after their time limit, by every lateness, and
 * reads of the same shape after them. Each accepted answer is compared with what the registers held while it was asked.
 */
import { parseArgs } from "node:util";
import { Bus, DEFAULT_BUS_TUNING } from "../../drivers/modbus/bus.ts";
import type { RegisterRead } from "../../drivers/plan.ts";
import { constantCurve } from "../../drivers/simulator/curve.ts";
import { between, seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { type SimulatedLine, startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import { closingLine } from "../support/runTests.ts";
import { QUICK_SDM630, QUICK_TUNING, SETTINGS, systemNowMs } from "../support/simulatedLine.ts";

/** One shape, so that each answer would fit each request: a constant and a counter that moves a step each millisecond. */
const VOLTAGE: RegisterRead = { table: "input", address: 0x0000, count: 2 };
const IMPORT: RegisterRead = { table: "input", address: 0x0048, count: 2 };
const TIME_LIMIT_MS = 20;
const MOST_LATE_MS = 150;
/** 3 kW at two hours a second are 6 Wh each millisecond; a float32 at 1 000 kWh steps by 0.06 Wh. */
const TIME_LAPSE = 7_200;
const START_WH = 1_000_000n;
const WH_PER_KWH = 1_000;
const STEP_WH = 1.1;

type Figures = { accepted: number; refused: number; wrong: number };

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "1000" }, seed: { type: "string", default: "1" } },
});
process.exitCode = (await main(Number(values.rounds), Number(values.seed))) ? 0 : 1;

async function main(rounds: number, seed: number): Promise<boolean> {
  const device = await startMeter();
  const bus = new Bus({
    path: device.path,
    settings: SETTINGS,
    tuning: { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING, quietAfterFailureMs: 2 },
    nowMs: systemNowMs,
    onEvent: () => {},
  });
  await bus.open(false);
  const random = seededRandom(seed);
  const figures: Figures = { accepted: 0, refused: 0, wrong: 0 };
  for (let round = 0; round < rounds; round++) {
    const byMs = TIME_LIMIT_MS + Math.floor(between(random, 1, MOST_LATE_MS));
    device.setFault(1, { kind: "late", byMs }, 1 + (round % 3));
    for (const read of [VOLTAGE, IMPORT, VOLTAGE]) await readAndJudge(bus, device, read, figures);
  }
  const { late, timeout } = bus.counters(1);
  await bus.close();
  await device.stop();
  const { accepted, refused, wrong } = figures;
  console.log(`seed ${seed}: ${rounds} rounds, ${timeout} time limits passed, ${late} late answers seen`);
  console.log(`${accepted} answers accepted, ${refused} reads refused, ${wrong} wrong`);
  const failed = wrong > 0 || late === 0 ? 1 : 0;
  console.log(closingLine({ passed: 1 - failed, failed }));
  return failed === 0;
}

async function readAndJudge(
  bus: Bus,
  device: SimulatedLine,
  read: RegisterRead,
  figures: Figures,
): Promise<void> {
  const timing = { ...QUICK_SDM630.timing, answerTimeoutMs: TIME_LIMIT_MS, gapMs: 1 };
  const beforeMilliWh = device.stateOf(1).importMilliWh;
  const answers = await bus
    .read({ unitId: 1, definition: { ...QUICK_SDM630, timing }, reads: [read] })
    .catch(() => null);
  const words = answers?.[0]?.words;
  if (words === undefined) {
    figures.refused++;
    return;
  }
  figures.accepted++;
  const value = floatOf(words);
  const [leastWh, mostWh] = [beforeMilliWh, device.stateOf(1).importMilliWh].map((at) => Number(at) / 1_000);
  const isRight =
    read === VOLTAGE
      ? value >= 230 && value < 234
      : value * WH_PER_KWH >= (leastWh ?? 0) - STEP_WH && value * WH_PER_KWH <= (mostWh ?? 0) + STEP_WH;
  if (!isRight) figures.wrong++;
}

function startMeter(): Promise<SimulatedLine> {
  return startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 0,
    timeLapse: TIME_LAPSE,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: [
      {
        definition: QUICK_SDM630,
        unitId: 1,
        serial: 1,
        curve: constantCurve(3_000),
        initial: { importWh: START_WH, exportWh: 0n },
      },
    ],
  });
}

function floatOf([high = 0, low = 0]: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, high);
  view.setUint16(2, low);
  return view.getFloat32(0);
}
