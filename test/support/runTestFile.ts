/** Runs one test file in a process group of its own, under a time limit, and judges it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { boundedText } from "./boundedText.ts";
import { type FileJudgement, judgeFile, type ProcessEnd } from "./judgeFile.ts";
import { killGroup, livingProcesses } from "./processGroup.ts";
import { readEvents } from "./testEvents.ts";
import { timeLimitSeconds } from "./timeLimit.ts";

/** One file's judgement, with what it printed. */
export type FileResult = FileJudgement & {
  readonly file: string;
  readonly durationMs: number;
  readonly output: string;
};

/** How to run a file; `limitSeconds` overrides what the file declares. */
export type RunOptions = { readonly limitSeconds?: number; readonly signal?: AbortSignal };

type LeftBehind = Pick<ProcessEnd, "leftRunning" | "isOutputHeld">;

const ENTRY = fileURLToPath(new URL("./runInChild.ts", import.meta.url));
const REPO = fileURLToPath(new URL("../..", import.meta.url));
/** Kept of the beginning and of the end of a file's output. */
const MAX_OUTPUT_CHARACTERS = 64 * 1024;
/** How long children of a test file may take to follow it. */
const FOLLOW_MS = 2_000;

/** @param file path of the test file @param options limit and abort @returns its judgement; never throws for its faults */
export async function runTestFile(file: string, options: RunOptions = {}): Promise<FileResult> {
  const startedAt = performance.now();
  const workDir = mkdtempSync(join(tmpdir(), "edso-test-"));
  const report = join(workDir, "events.jsonl");
  const output = boundedText(MAX_OUTPUT_CHARACTERS);
  try {
    writeFileSync(report, "");
    const limitSeconds = options.limitSeconds ?? timeLimitSeconds(readFileSync(file, "utf8"));
    const end = await runProcess(file, report, limitSeconds, output.append, options.signal);
    return {
      ...judgeFile(readEvents(report), end),
      file,
      durationMs: performance.now() - startedAt,
      output: output.read(),
    };
  } catch (error) {
    return { ...unrunnable(error), file, durationMs: performance.now() - startedAt, output: output.read() };
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function runProcess(
  file: string,
  report: string,
  limitSeconds: number,
  append: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<ProcessEnd> {
  const child = spawn(process.execPath, ["--import", "tsx", ENTRY, file, report], {
    cwd: REPO,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", append);
  let timeLimit: number | null = null;
  const timer = setTimeout(() => {
    timeLimit = limitSeconds;
    kill(child);
  }, limitSeconds * 1000);
  const abort = (): void => kill(child);
  signal?.addEventListener("abort", abort);
  try {
    const end = await exited(child);
    return { ...end, ...(await leftBehind(child, closed)), timeLimitSeconds: timeLimit };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    kill(child);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function exited(child: ChildProcess): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

/** Waits a while until the group is empty and the output closed. @returns what is left then */
async function leftBehind(child: ChildProcess, closed: Promise<void>): Promise<LeftBehind> {
  const groupId = child.pid ?? 0;
  let isOutputHeld = true;
  void closed.then(() => {
    isOutputHeld = false;
  });
  const deadlineMs = performance.now() + FOLLOW_MS;
  let leftRunning = livingProcesses(groupId);
  while ((leftRunning.length > 0 || isOutputHeld) && performance.now() < deadlineMs) {
    await sleep(20);
    leftRunning = livingProcesses(groupId);
  }
  return { leftRunning, isOutputHeld };
}

function kill(child: ChildProcess): void {
  if (child.pid !== undefined) killGroup(child.pid);
}

function unrunnable(error: unknown): FileJudgement {
  return { passed: 0, failed: 1, failedTests: [], problems: [String(error)], leftOut: [] };
}
