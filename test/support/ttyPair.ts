/** Two terminal devices back to back, made by socat: what goes in at one comes out at the other. */
import { type ChildProcess, spawn } from "node:child_process";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./freePorts.ts";

const START_LIMIT_MS = 10_000;
const POLL_MS = 20;

/** Both ends. */
export type TtyPair = {
  readonly directory: string;
  readonly near: string;
  readonly far: string;
  close(): Promise<void>;
};

/** @returns both ends, there @throws Error when socat makes none */
export async function openTtyPair(): Promise<TtyPair> {
  const directory = await mkdtemp(join(tmpdir(), "edso-ttys-"));
  const near = join(directory, "ttyA");
  const far = join(directory, "ttyB");
  const socat = spawn("socat", [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`]);
  await appears(near);
  await appears(far);
  const close = async (): Promise<void> => {
    await ended(socat);
    await rm(directory, { recursive: true, force: true });
  };
  return { directory, near, far, close };
}

/** A device passed through TCP, byte by byte, as serial servers do. */
export type PassedThrough = { readonly port: number; close(): Promise<void> };

/** @param device to pass through @returns the TCP port it is found at, listening */
export async function passThroughTcp(device: string): Promise<PassedThrough> {
  const [port = 0] = await freePorts(1);
  const socat = spawn(
    "socat",
    ["-d", "-d", `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork`, `${device},raw,echo=0`],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  await said(socat, "listening on");
  return { port, close: () => ended(socat) };
}

/** @param child that says something on stderr when it is ready @param text of it @throws Error when it ends before */
export function said(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = "";
    child.once("exit", (code) => reject(new Error(`${child.spawnfile} ended with ${code}: ${told}`)));
    child.stderr?.on("data", (bytes: Buffer) => {
      told += bytes.toString();
      if (told.includes(text)) resolve();
    });
  });
}

/** @param child to end */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

async function appears(path: string): Promise<void> {
  const deadlineMs = Date.now() + START_LIMIT_MS;
  for (;;) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    if (Date.now() > deadlineMs) throw new Error(`${path} did not appear`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
