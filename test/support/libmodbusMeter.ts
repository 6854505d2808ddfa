/**
 * An independent SDM630 on libmodbus, at the far end of a socat line, so that the drivers meter something that
 * shares no line of code with them. Its source stands beside the checkout and is built into a temporary directory.
 */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { ended, openTtyPair, said } from "./ttyPair.ts";

const run = promisify(execFile);

const SOURCE = resolve(import.meta.dirname, "../../../shared/lab/modbus/slave.c");
const APT_LINE =
  "apt-get install -y --no-install-recommends gcc libc6-dev socat libmodbus-dev mbpoll pkg-config";
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
  const ttys = await openTtyPair();
  const numbers = [BAUD_RATE, UNIT_ID, THINK_TIME_MS, 1, MAX_REGISTERS];
  const slave = spawn(program, [ttys.far, ...numbers.map(String)]);
  await said(slave, "slave unit");
  const stop = async (): Promise<void> => {
    await ended(slave);
    await ttys.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { path: ttys.near, unitId: UNIT_ID, stop };
}

/**
 * Reads with mbpoll, an independent client.
 *
 * @param path of the line; a number is a TCP port of this machine
 * @param options what to read: input registers from `address`, `count` values of `format`
 * @returns the values as printed, by address
 */
export async function mbpoll(
  path: string | number,
  options: {
    readonly address: number;
    readonly count: number;
    readonly format: "float" | "hex";
    readonly unitId?: number;
  },
): Promise<ReadonlyMap<number, string>> {
  const { address, count, format, unitId = UNIT_ID } = options;
  const line =
    typeof path === "number"
      ? ["-m", "tcp", "-a", unitId, "-p", path, "-o", "2"]
      : ["-m", "rtu", "-a", unitId, "-b", BAUD_RATE, "-P", "none", "-o", "2"];
  const what = ["-t", `3:${format}`, "-B", "-0", "-r", address, "-c", count, "-1", "-q"];
  const { stdout } = await run(
    "mbpoll",
    [...line, ...what, typeof path === "number" ? "127.0.0.1" : path].map(String),
  );
  const values = [...stdout.matchAll(/^\[(\d+)\]:\s+(\S+)/gm)];
  return new Map(values.map(([, at, value]) => [Number(at), value ?? ""]));
}
