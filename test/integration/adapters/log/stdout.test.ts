/** The logger on a real stdout: pipe, file, journald's stream, terminal. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fstatSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { spawn as spawnOnTerminal } from "@lydell/node-pty";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const CHILD = fileURLToPath(new URL("../../../support/logChild.ts", import.meta.url));
const LINES = 2_000;
const { NO_COLOR: _, JOURNAL_STREAM: __, ...environment } = process.env;
const command = (lines: number) => ["--import", "tsx", CHILD, String(lines)];

/** What the child writes to a file, with JOURNAL_STREAM made from that file's device and inode. */
async function writtenToFile(journalStream: (device: bigint, inode: bigint) => string): Promise<string> {
  return withTemporaryDirectory(async (directory) => {
    const path = join(directory, "out");
    const file = await open(path, "w");
    const { dev, ino } = fstatSync(file.fd, { bigint: true });
    const env = { ...environment, JOURNAL_STREAM: journalStream(dev, ino) };
    const child = spawn(process.execPath, command(1), { stdio: ["ignore", file.fd, "inherit"], env });
    await once(child, "exit");
    await file.close();
    return readFile(path, "utf8");
  });
}

async function writtenToTerminal(env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawnOnTerminal(process.execPath, command(1), { env, cols: 500 });
  let output = "";
  child.onData((data) => {
    output += data;
  });
  await new Promise((resolve) => child.onExit(resolve));
  return output;
}

const test = suite("logger on stdout");

test("a pipe gets every JSON line up to the exit, the last one too", async () => {
  const child = spawn(process.execPath, command(LINES), {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment,
  });
  const exited = once(child, "exit");
  const events = (await text(child.stdout))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(await exited, [3, null]);
  assert.is(events.length, LINES + 1);
  assert.ok(events.slice(0, -1).every((event, index) => event.line === index + 1));
  const { event, code, message } = events.at(-1);
  assert.equal([event, code, message], ["last", "UNEXPECTED", "the end"]);
});

test("a reader that goes away does not bring the process down", async () => {
  const child = spawn(process.execPath, command(LINES), {
    stdio: ["ignore", "pipe", "pipe"],
    env: environment,
  });
  const complaints = text(child.stderr);
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = await once(child, "exit");
  assert.equal([code, await complaints], [3, ""]);
});

test("a full disk under stdout does not bring the process down", async () => {
  const full = await open("/dev/full", "w");
  const child = spawn(process.execPath, command(10), {
    stdio: ["ignore", full.fd, "pipe"],
    env: environment,
  });
  const complaints = text(child.stderr!);
  const [code] = await once(child, "exit");
  await full.close();
  assert.equal([code, await complaints], [3, ""]);
});

test("journald's own stream gets priorities", async () => {
  const lines = (await writtenToFile((device, inode) => `${device}:${inode}`)).trimEnd().split("\n");
  assert.equal(
    lines.map((line) => line.slice(0, 4)),
    ["<6>{", "<3>{"],
  );
});

test("a stream that is not the one JOURNAL_STREAM names gets none", async () => {
  for (const other of [
    await writtenToFile((device, inode) => `${device}:${inode + 1n}`),
    await writtenToFile((device, inode) => `${device + 1n}:${inode}`),
    await writtenToFile(() => ""),
  ])
    assert.ok(other.startsWith("{"), other.slice(0, 10));
});

test("a terminal gets lines for a person, in colour unless NO_COLOR", async () => {
  const coloured = await writtenToTerminal({ ...environment, TERM: "xterm" });
  const plain = await writtenToTerminal({ ...environment, TERM: "xterm", NO_COLOR: "1" });
  assert.match(coloured, "\u001b[36minfo");
  assert.not.match(plain, "\u001b[36m");
  assert.match(plain, /info {2}line line=1/);
  assert.not.match(plain, "{");
});

test.run();
