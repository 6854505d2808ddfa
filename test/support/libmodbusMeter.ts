/**
 * An independent SDM630 on libmodbus, at the far end of a socat line, so that the drivers meter something that
 * shares no line of code with them. Its source stands beside the checkout and is built into a temporary directory.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const SOURCE = resolve(import.meta.dirname, "../../../shared/lab/modbus/slave.c");
const APT_LINE =
  "apt-get install -y --no-install-recommends gcc libc6-dev socat libmodbus-dev mbpoll pkg-config";
const START_LIMIT_MS = 10_000;
const BAUD_RATE = 9600;
const UNIT_ID = 1;
const THINK_TIME_MS = 20;
const MAX_REGISTERS = 60;

/** A running independent meter. */
export type LibmodbusMeter = {
  readonly path: string;
  readonly unitId: number;
  stop(): Promise<void>;
};

/** @returns what this machine lacks for the independent meter, with the line that installs it; null when nothing */
export async function lackingForLibmodbus(): Promise<string | null> {
  const missing: string[] = existsSync(SOURCE) ? [] : ["shared/lab/modbus/slave.c beside the checkout"];
  for (const tool of ["gcc", "socat", "mbpoll", "pkg-config"])
    await run("which", [tool]).catch(() => missing.push(tool));
  await run("pkg-config", ["--exists", "libmodbus"]).catch(() => missing.push("libmodbus-dev"));
  return missing.length === 0 ? null : `missing ${missing.join(", ")}; install with: ${APT_LINE}`;
}

/** Builds and starts the meter. @returns it, answering @throws Error when a tool is missing */
export async function startLibmodbusMeter(): Promise<LibmodbusMeter> {
  const directory = await mkdtemp(join(tmpdir(), "edso-libmodbus-"));
  const program = join(directory, "slave");
  const flags = (await run("pkg-config", ["--cflags", "--libs", "libmodbus"])).stdout.trim().split(/\s+/);
  await run("gcc", ["-O2", "-o", program, SOURCE, ...flags, "-lm"]);
  const path = join(directory, "ttyA");
  const farEnd = join(directory, "ttyB");
  const socat = spawn("socat", [`pty,raw,echo=0,link=${path}`, `pty,raw,echo=0,link=${farEnd}`]);
  await appears(path);
  await appears(farEnd);
  const numbers = [BAUD_RATE, UNIT_ID, THINK_TIME_MS, 1, MAX_REGISTERS];
  const slave = spawn(program, [farEnd, ...numbers.map(String)]);
  await said(slave, "slave unit");
  const stop = async (): Promise<void> => {
    await ended(slave);
    await ended(socat);
    await rm(directory, { recursive: true, force: true });
  };
  return { path, unitId: UNIT_ID, stop };
}

/**
 * Reads with mbpoll, an independent client.
 *
 * @param path of the line
 * @param options what to read: input registers from `address`, `count` values of `format`
 * @returns the values as printed, by address
 */
export async function mbpoll(
  path: string,
  options: {
    readonly address: number;
    readonly count: number;
    readonly format: "float" | "hex";
    readonly unitId?: number;
  },
): Promise<ReadonlyMap<number, string>> {
  const { address, count, format, unitId = UNIT_ID } = options;
  const line = ["-m", "rtu", "-a", unitId, "-b", BAUD_RATE, "-P", "none", "-o", "2"];
  const what = ["-t", `3:${format}`, "-B", "-0", "-r", address, "-c", count, "-1", "-q"];
  const { stdout } = await run("mbpoll", [...line, ...what, path].map(String));
  const values = [...stdout.matchAll(/^\[(\d+)\]:\s+(\S+)/gm)];
  return new Map(values.map(([, at, value]) => [Number(at), value ?? ""]));
}

async function appears(path: string): Promise<void> {
  const deadlineMs = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return;
    if (Date.now() > deadlineMs) throw new Error(`${path} did not appear`);
    await new Promise((resolveSoon) => setTimeout(resolveSoon, 20));
  }
}

function said(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolveSaid, reject) => {
    child.once("exit", (code) => reject(new Error(`the meter ended with ${code}`)));
    child.stderr?.on("data", (bytes: Buffer) => {
      if (bytes.toString().includes(text)) resolveSaid();
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolveEnded) => {
    child.once("exit", () => resolveEnded());
    child.kill("SIGTERM");
  });
}
