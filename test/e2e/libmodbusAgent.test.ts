// time limit: 180 s
/** A gateway set up as an installer would, on a meter that shares no code with it: what it reads and signs is what mbpoll reads. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agentClient } from "../../agent/adapters/http/client.ts";
import { readBlock } from "../../agent/core/ledger/blocks/block.ts";
import { height } from "../../agent/core/units.ts";
import { buildProgram, edso } from "../support/demoProcess.ts";
import { leaveOut } from "../support/leaveOut.ts";
import { lackingForLibmodbus, mbpoll, startLibmodbusMeter } from "../support/libmodbusMeter.ts";
import { SoloProcess, setUpSolo } from "../support/soloGateway.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

const EXPORT_WH = 234_500;
const INTERVAL_SECONDS = 3;
const COMMIT_LIMIT_MS = 60_000;

const lacking = await lackingForLibmodbus();

if (lacking !== null) {
  leaveOut("edso meter read and the agent on a libmodbus meter", lacking);
} else {
  const gateway = suite("a gateway on an independent meter");
  gateway.before(buildProgram);
  gateway("edso meter read prints what mbpoll reads", readByCommand);
  gateway("init, admin genesis and start sign and settle the registers that mbpoll reads", readByAgent);
  gateway.run();
}

async function readByCommand(): Promise<void> {
  const device = await startLibmodbusMeter();
  try {
    const currents = await mbpoll(device.path, { address: 0x06, count: 3, format: "float" });
    const frequency = await mbpoll(device.path, { address: 0x46, count: 1, format: "float" });
    const read = await edso(
      "meter",
      "read",
      "--port",
      device.path,
      "--definition",
      "eastron-sdm630",
      "--json",
    );
    assert.is(read.code, 0, read.stderr);
    const values = readValues(read.stdout);
    assert.equal(
      [values.get("currentL1"), values.get("currentL2"), values.get("currentL3")],
      [...currents.values()].map(Number),
    );
    assert.is(Number(values.get("frequency")?.toPrecision(6)), Number(frequency.get(0x46)));
    assert.is(values.get("activeEnergyExport"), EXPORT_WH);
  } finally {
    await device.stop();
  }
}

function readValues(json: string): ReadonlyMap<string, number> {
  const { meters } = JSON.parse(json);
  const values: readonly { quantity: string; value: number }[] = meters[0].values;
  return new Map(values.map(({ quantity, value }) => [quantity, value]));
}

async function readByAgent(): Promise<void> {
  const device = await startLibmodbusMeter();
  try {
    await withTemporaryDirectory(async (directory) => {
      const place = { directory, line: device.path, intervalSeconds: INTERVAL_SECONDS };
      const data = await setUpSolo({ ...place, meter: "grid:eastron-sdm630:1:20239784" });
      const before = await importWh(device.path);
      await runUntilMeasured(data);
      const after = await importWh(device.path);
      const { start, end } = await settledRegisters(data);
      assert.equal([start[1], end[1]], [BigInt(EXPORT_WH), BigInt(EXPORT_WH)]);
      for (const value of [start[0] ?? -1n, end[0] ?? -1n]) {
        assert.ok(value >= before && value <= after, `${before} ≤ ${value} ≤ ${after}`);
      }
      const verified = await edso("ledger", "verify", "--data", data);
      assert.is(verified.code, 0, verified.stdout + verified.stderr);
    });
  } finally {
    await device.stop();
  }
}

/** @returns the import register as mbpoll reads it: a float32 in kWh whose words are taken exactly, in Wh rounded down */
async function importWh(path: string): Promise<bigint> {
  const words = [...(await mbpoll(path, { address: 0x48, count: 2, format: "hex" })).values()];
  const view = new DataView(new ArrayBuffer(4));
  for (const [index, word] of words.entries()) view.setUint16(2 * index, Number.parseInt(word, 16));
  return BigInt(Math.floor(view.getFloat32(0) * 1000));
}

/** A machine that is busy may miss an interval or two. */
async function runUntilMeasured(data: string): Promise<void> {
  const agent = new SoloProcess(data);
  try {
    for (let heights = 1; ; heights += 1) {
      await agent.logged("block.committed", heights, COMMIT_LIMIT_MS);
      const intervals = await agentClient(join(data, "agent.sock")).intervals(height(heights));
      if (intervals?.some(({ members }) => members.every(({ missing }) => !missing))) break;
    }
    assert.is(await agent.stop(), 0);
  } finally {
    if (agent.isRunning) await agent.stop();
  }
}

/** @returns registers of the newest interval that was measured: import, export */
async function settledRegisters(data: string): Promise<{ start: readonly bigint[]; end: readonly bigint[] }> {
  const exported = await edso("ledger", "export", "--data", data, "--format", "json");
  assert.is(exported.code, 0, exported.stderr);
  const lines = exported.stdout.trim().split("\n");
  const [newest] = lines.flatMap((line) => measuredMeters(JSON.parse(line).block)).slice(-1);
  if (newest === undefined) throw new Error("no interval is measured");
  return newest;
}

function measuredMeters(base64: string) {
  const block = readBlock(Buffer.from(base64, "base64"));
  if (block.kind !== "accept") throw new Error(block.code);
  return block.value.body.intervals
    .flatMap(({ readings }) => readings)
    .flatMap(({ reading: { content } }) => (content.kind === "measured" ? content.meters : []));
}
