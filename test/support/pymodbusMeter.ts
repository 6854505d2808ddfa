/** A meter on pymodbus, and pymodbus as a client: a third implementation, in another language. */
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "./freePorts.ts";
import { ended, openTtyPair, said } from "./ttyPair.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

/** Debian's own interpreter: its packages are not those of another one on the path. */
const PYTHON = "/usr/bin/python3";
const PROGRAM = join(import.meta.dirname, "pymodbusMeter.py");
const APT_LINE =
  "apt-get install -y --no-install-recommends socat mbpoll python3-pymodbus python3-serial python3-serial-asyncio";
const BAUD_RATE = "9600";

/** As the program has them. */
export const PYMODBUS_UNIT_ID = 7;
export const PYMODBUS_SERIAL = "31415926";

/** A running meter. */
export type PymodbusMeter = {
  /** Device or address for the drivers, device or port for mbpoll. */
  readonly port: string;
  readonly mbpollAt: string | number;
  stop(): Promise<void>;
};

/** @returns what this machine lacks, with the line that installs it; null when nothing */
export async function lackingForPymodbus(): Promise<string | null> {
  const missing: string[] = [];
  for (const tool of ["socat", "mbpoll"]) await run("which", [tool]).catch(() => missing.push(tool));
  const imports = "import pymodbus.server.async_io, serial";
  await run(PYTHON, ["-c", imports]).catch(() => missing.push("python3-pymodbus"));
  return missing.length === 0 ? null : `missing ${missing.join(", ")}; install with: ${APT_LINE}`;
}

/** @returns a meter on a serial line, answering */
export async function startSerialPymodbus(): Promise<PymodbusMeter> {
  const ttys = await openTtyPair();
  const server = spawn(PYTHON, [PROGRAM, "serial", ttys.far, BAUD_RATE]);
  await said(server, "pymodbus unit");
  const stop = async (): Promise<void> => {
    await ended(server);
    await ttys.close();
  };
  return { port: ttys.near, mbpollAt: ttys.near, stop };
}

/** @returns a meter on Modbus TCP, answering */
export async function startTcpPymodbus(): Promise<PymodbusMeter> {
  const [port = 0] = await freePorts(1);
  const server = spawn(PYTHON, [PROGRAM, "tcp", String(port)]);
  await said(server, "pymodbus unit");
  let isListening = false;
  const listens = async (): Promise<void> => {
    const code = `import socket; socket.create_connection(("127.0.0.1", ${port}), 1).close()`;
    isListening = await run(PYTHON, ["-c", code]).then(
      () => true,
      () => false,
    );
  };
  while (!isListening && server.exitCode === null) await listens();
  await until("pymodbus listens", () => isListening);
  return { port: `tcp://127.0.0.1:${port}`, mbpollAt: port, stop: () => ended(server) };
}

/**
 * Reads input registers with pymodbus.
 *
 * @param device of the line
 * @param options unit, address, count
 * @returns the words
 */
export async function readByPymodbus(
  device: string,
  options: { readonly unitId: number; readonly address: number; readonly count: number },
): Promise<readonly number[]> {
  const { unitId, address, count } = options;
  const numbers = [BAUD_RATE, unitId, address, count].map(String);
  const { stdout } = await run(PYTHON, [PROGRAM, "client", device, ...numbers]);
  return stdout
    .trim()
    .split(" ")
    .map((word) => Number.parseInt(word, 16));
}
