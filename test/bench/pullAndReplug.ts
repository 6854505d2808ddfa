/** Pulls the adapter of a running agent for a while and puts it back under another name. */
import { setTimeout as sleep } from "node:timers/promises";
import { readBlock } from "../../agent/core/ledger/blocks/block.ts";
import { eastronSdm630 } from "../../drivers/definitions/eastronSdm630.ts";
import { constantCurve } from "../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import { edso } from "../support/demoProcess.ts";
import { SETTINGS, systemNowMs } from "../support/simulatedLine.ts";
import { type LogEvent, SoloProcess, setUpSolo } from "../support/soloGateway.ts";

/** How it is done. */
export type ReplugOptions = {
  readonly directory: string;
  readonly outageMs: number;
  readonly intervalSeconds: number;
};

/** What was seen. */
export type ReplugFigures = {
  /** Everything the agent logged between the pull and a moment after it was back. */
  readonly lines: readonly LogEvent[];
  /** From putting the adapter back to the log line. */
  readonly backAfterMs: number;
  readonly deviceName: string;
  readonly isSameProcess: boolean;
  /** What was settled about the interval in which it happened. */
  readonly interval: "measured" | "missing" | "spanning" | "none";
};

const MS_PER_SECOND = 1_000;
const MARGIN_MS = 60_000;
/** For a line that would be one too many. */
const AFTERWARDS_MS = 2_000;
/** A block takes some moments; what it logs is not about the line. */
const ABOUT_BLOCKS = /^(block|consensus|round|office|metering|agreement)\./;

/** @param options where, how long, and how long an interval is @returns what was seen */
export async function pullAndReplug(options: ReplugOptions): Promise<ReplugFigures> {
  const { directory, outageMs, intervalSeconds } = options;
  const device = await startDevice();
  const meter = "grid:eastron-sdm630:1:20239784";
  const data = await setUpSolo({ directory, line: device.path, meter, intervalSeconds });
  // A process inherits the terminals that are open when it starts, and one that it holds would never vanish.
  await device.unplug();
  const agent = new SoloProcess(data);
  await device.replug();
  try {
    // The first boundary is read: from here the interval counts.
    const limitMs = intervalSeconds * MS_PER_SECOND + MARGIN_MS;
    await agent.logged("metering.began", 1, limitMs);
    const pid = agent.pid;
    const before = agent.events.length;
    await device.unplug();
    await sleep(outageMs);
    await device.replug("ttyUSB1");
    const replugAtMs = performance.now();
    await agent.logged("line.port-back", 1, MARGIN_MS);
    const backAfterMs = Math.round(performance.now() - replugAtMs);
    await sleep(AFTERWARDS_MS);
    const lines = agent.events.slice(before).filter(({ event }) => !ABOUT_BLOCKS.test(event));
    // One more than there are: the first may be of the interval before the first boundary, in which nothing was measured.
    await agent.logged("block.committed", agent.named("block.committed").length + 1, limitMs);
    const isSameProcess = agent.isRunning && agent.pid === pid;
    await agent.stop();
    return {
      lines,
      backAfterMs,
      deviceName: device.deviceName,
      isSameProcess,
      interval: await settled(data),
    };
  } finally {
    if (agent.isRunning) await agent.stop();
    await device.stop();
  }
}

function startDevice(): Promise<SimulatedLine> {
  return startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 720,
    timeLapse: 1,
    thinkTimeMs: 20,
    hasWireTime: true,
    meters: [
      {
        definition: eastronSdm630,
        unitId: 1,
        serial: 20_239_784,
        curve: constantCurve(3_600),
        initial: { importWh: 5_000_000n, exportWh: 0n },
      },
    ],
  });
}

/** @returns what the first statement in the ledger says */
async function settled(data: string): Promise<ReplugFigures["interval"]> {
  const exported = await edso("ledger", "export", "--data", data, "--format", "json");
  for (const line of exported.stdout.trim().split("\n")) {
    const block = readBlock(Buffer.from(JSON.parse(line).block ?? "", "base64"));
    const intervals = block.kind === "accept" ? block.value.body.intervals : [];
    const [stated] = intervals.flatMap(({ readings }) => readings);
    if (stated !== undefined) return stated.reading.content.kind;
  }
  return "none";
}
