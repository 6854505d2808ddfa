// time limit: 180 s
/** A gateway set up as an installer would, on a meter that shares no code with it: what it reads and signs is what mbpoll reads. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBlock } from "../../agent/core/ledger/block.ts";
import { buildProgram, edso, PROGRAM } from "../support/demoProcess.ts";
import { freePorts } from "../support/freePorts.ts";
import { leaveOut } from "../support/leaveOut.ts";
import { lackingForLibmodbus, mbpoll, startLibmodbusMeter } from "../support/libmodbusMeter.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

const EXPORT_WH = 234_500;
const INTERVAL_SECONDS = "3";

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
      const data = await setUpGateway(directory, device.path);
      const before = await importWh(device.path);
      await runUntilHeight(data, 2);
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

async function setUpGateway(directory: string, line: string): Promise<string> {
  const data = join(directory, "solo");
  const [port] = await freePorts(1);
  const address = `/ip4/127.0.0.1/tcp/${port}`;
  const meter = "grid:eastron-sdm630:1:20239784";
  const place = ["--listen", address, "--address", address, "--line", line, "--meter", meter];
  const made = await edso("init", "--name", "solo", "--microgrid", "lab", "--data", data, ...place);
  assert.is(made.code, 0, made.stderr);
  const rules = ["--microgrid", "lab", "--interval-seconds", INTERVAL_SECONDS, "--mode", "grid-tied"];
  const files = ["--out", join(data, "genesis.cbor"), "--admin-keys", join(directory, "admin")];
  const signed = await edso("admin", "genesis", ...files, ...rules, join(data, "enrolment.cbor"));
  assert.is(signed.code, 0, signed.stderr);
  return data;
}

async function runUntilHeight(data: string, height: number): Promise<void> {
  const agent = spawn(process.execPath, [PROGRAM, "start", "--data", data], {
    env: { ...process.env, EDSO_CLOCK_TRUST: "assume" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(agent, "close");
  await committed(agent, height);
  agent.kill("SIGTERM");
  const [code] = await ended;
  assert.is(code, 0);
}

async function committed(agent: ChildProcess, height: number): Promise<void> {
  let output = "";
  for await (const chunk of agent.stdout ?? []) {
    output += chunk;
    if (output.includes(`"event":"block.committed","height":${height},`)) return void agent.stdout?.resume();
  }
  assert.unreachable(`the agent ended before height ${height}: ${output}`);
}

/** @returns registers of the last settled interval: import, export */
async function settledRegisters(data: string): Promise<{ start: readonly bigint[]; end: readonly bigint[] }> {
  const exported = await edso("ledger", "export", "--data", data, "--format", "json");
  assert.is(exported.code, 0, exported.stderr);
  const last = JSON.parse(exported.stdout.trim().split("\n").at(-1) ?? "{}");
  const block = readBlock(Buffer.from(last.block ?? "", "base64"));
  assert.is(block.kind, "accept", Object.keys(last).join());
  const readings = block.kind === "accept" ? (block.value.body.intervals.at(-1)?.readings ?? []) : [];
  const content = readings[0]?.reading.content;
  if (content?.kind !== "measured") throw new Error("the last interval is not measured");
  const [registers] = content.meters;
  return { start: registers?.start ?? [], end: registers?.end ?? [] };
}
