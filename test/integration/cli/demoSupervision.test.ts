/** The demo leaves nothing behind, whichever way it ends: on a stub in place of the gateway program. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DemoGateways } from "../../../agent/cli/demoGateways.ts";
import { isLiving } from "../../support/processGroup.ts";
import { until } from "../../support/until.ts";

const PROGRAM = fileURLToPath(new URL("../../support/stubProgram.ts", import.meta.url));
const NAMES = ["dep1", "dep2", "dep3"];

type Run = {
  readonly child: ChildProcess;
  readonly root: string;
  readonly data: string;
  readonly out: () => readonly string[];
  readonly errors: () => string;
  readonly exit: Promise<number | null>;
};

const demo = suite("demo supervision");
const runs: Run[] = [];

demo.after.each(() => {
  for (const run of runs.splice(0)) {
    run.child.kill("SIGKILL");
    for (const pid of gatewaysUp(run)) if (isLiving(pid)) process.kill(pid, "SIGKILL");
    rmSync(run.root, { recursive: true, force: true });
  }
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const root = mkdtempSync(join(tmpdir(), "edso-test-"));
  const data = join(root, "street");
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, "demo", "--data", data, ...args], {
    env: { ...process.env, STUB_NOTES: root, STUB_START_MS: String(Date.now()), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let errors = "";
  child.stdout?.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = () => out.split("\n").slice(0, -1);
  const run = { child, root, data, out: lines, errors: () => errors, exit };
  runs.push(run);
  return run;
}

function gatewayOf({ data }: Run, name: string): { readonly pid: number; readonly port: number } {
  const [pid, port] = readFileSync(join(data, name, "pid"), "utf8")
    .split(" ")
    .map(Number);
  return { pid: pid!, port: port! };
}

function gatewaysUp(run: Run): readonly number[] {
  const up = NAMES.filter((name) => existsSync(join(run.data, name, "pid")));
  return up.map((name) => gatewayOf(run, name).pid);
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function stoppedLines({ root }: Run): readonly string[] {
  const notes = join(root, "stopped-lines");
  return existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : [];
}

async function assertNothingLeft(run: Run): Promise<void> {
  for (const name of NAMES) {
    const { pid, port } = gatewayOf(run, name);
    assert.not.ok(isLiving(pid), `${name} still lives`);
    assert.ok(await isPortFree(port), `port of ${name} still taken`);
    assert.not.ok(readdirSync(join(run.data, name)).includes("agent.sock"), `socket of ${name} left`);
  }
}

demo("ends with exit 0 after its intervals, and leaves no process, port, socket or line", async () => {
  const run = start(["--gateways", "3", "--intervals", "3", "--seed", "42", "--json"]);
  assert.is(await run.exit, 0, run.errors());
  const lines = run.out().map((line) => JSON.parse(line));
  assert.equal(
    lines.map(({ height }) => height),
    [1, 2, 3],
  );
  for (const { heads } of lines) {
    assert.equal(Object.keys(heads), NAMES);
    assert.is(new Set(Object.values(heads)).size, 1);
  }
  assert.match(run.errors(), "Time-lapse");
  assert.match(run.errors(), `stubProgram.ts ledger verify --data ${run.data}/dep1`);
  await assertNothingLeft(run);
  assert.is(new Set(stoppedLines(run)).size, 3);
});

demo("ends with exit 0 on Ctrl-C, and leaves nothing", async () => {
  const run = start(["--gateways", "3"]);
  await until("intervals are told", () => run.out().some((line) => line.includes("height 2 ")));
  run.child.kill("SIGINT");
  assert.is(await run.exit, 0, run.errors());
  assert.match(run.out().join("\n"), "intervals committed");
  await assertNothingLeft(run);
  assert.is(new Set(stoppedLines(run)).size, 3);
});

demo("stops its gateways when Ctrl-C comes before the street is up", async () => {
  const run = start(["--gateways", "3"]);
  await until("the header is told", () => run.out().some((line) => line.includes("Time-lapse")));
  run.child.kill("SIGINT");
  assert.is(await run.exit, 0, run.errors());
  assert.equal(gatewaysUp(run).filter(isLiving), []);
});

demo("takes its gateways along when it is killed itself", async () => {
  const run = start(["--gateways", "3", "--json"]);
  await until("intervals are told", () => run.out().length >= 2);
  run.child.kill("SIGKILL");
  const pids = NAMES.map((name) => gatewayOf(run, name).pid);
  await until("the gateways have ended", () => !pids.some(isLiving));
});

demo("goes on when a gateway is killed, tells of it, and asks nothing more of it", async () => {
  const run = start(["--gateways", "3", "--json"]);
  await until("intervals are told", () => run.out().length >= 2);
  const { pid } = gatewayOf(run, "dep1");
  process.kill(pid, "SIGKILL");
  await until("its death is told", () => run.errors().includes("stays down"));
  assert.match(run.errors(), `dep1 (pid ${pid}) was ended by SIGKILL`);
  const told = run.out().length;
  await until("later intervals are told", () => run.out().length >= told + 3);
  const { heads } = JSON.parse(run.out().at(-1)!);
  assert.equal(Object.keys(heads), ["dep2", "dep3"]);
  await until("its line is closed", () => stoppedLines(run).length === 1);
  run.child.kill("SIGTERM");
  assert.is(await run.exit, 0, run.errors());
});

demo("tells every height once and in order across the death of a gateway", async () => {
  const run = start(["--gateways", "3", "--intervals", "120", "--json"]);
  await until("intervals are told", () => run.out().length >= 2);
  process.kill(gatewayOf(run, "dep2").pid, "SIGKILL");
  assert.is(await run.exit, 0, run.errors());
  assert.equal(
    run.out().map((line) => JSON.parse(line).height),
    Array.from({ length: 120 }, (_, index) => index + 1),
  );
});

demo("ends when nobody reads it any more", async () => {
  const run = start(["--gateways", "3", "--json"]);
  await until("intervals are told", () => run.out().length >= 2);
  run.child.stdout?.destroy();
  assert.is(await run.exit, 0, run.errors());
  await assertNothingLeft(run);
});

demo("ends with exit 70 and the gateway's last words when one does not start", async () => {
  const run = start(["--gateways", "3"], { STUB_FAILS: "dep2" });
  assert.is(await run.exit, 70);
  assert.match(run.errors(), "dep2");
  assert.match(run.errors(), "exit code 78");
  assert.match(run.errors(), "config: the meter does not answer");
  assert.equal(gatewaysUp(run).filter(isLiving), []);
});

demo("refuses a directory that holds something, with exit 73, and touches nothing in it", async () => {
  const first = start(["--gateways", "1", "--intervals", "1"]);
  assert.is(await first.exit, 0, first.errors());
  const before = readdirSync(first.data);
  const second = start(["--data", first.data]);
  assert.is(await second.exit, 73);
  assert.match(second.errors(), "DEMO_DATA_NOT_EMPTY");
  assert.equal(readdirSync(first.data), before);
});

demo("kills a gateway that does not stop in time", async () => {
  const lines: string[] = [];
  const gateways = new DemoGateways({ onDeath: () => {}, onLine: (_, line) => lines.push(line) });
  const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log(process.pid)";
  gateways.start({ name: "deaf", executable: process.execPath, args: ["-e", deaf] }, process.env);
  await until("it is up", () => lines.length === 1);
  await gateways.stop(50);
  assert.equal(gateways.living(), []);
  assert.not.ok(isLiving(Number(lines[0])));
});

demo("tells of a program that cannot be started", async () => {
  const deaths: string[] = [];
  const gateways = new DemoGateways({ onDeath: ({ tail }) => deaths.push(tail.join()), onLine: () => {} });
  gateways.start({ name: "none", executable: "/nonexistent/edso", args: [] }, process.env);
  await until("its death is told", () => deaths.length > 0);
  assert.match(deaths[0]!, "ENOENT");
  await gateways.stop(50);
  assert.is(deaths.length, 1);
});

demo.run();
