/** One gateway's process: started, killed without warning, started again; what it writes goes to one file. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GatewayPlace } from "../../agent/cli/demoSetup.ts";
import { EXIT_WITH_PARENT } from "../../agent/cli/parentWatch.ts";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";
import { PROGRAM } from "./program.ts";

/** Where a gateway's lines go, in its directory. */
export const LOG_FILE = "log.jsonl";
/** Lines that explain an end nobody asked for. */
const TAIL_LINES = 12;
/** Variables that would override the gateway's file, or change the form of its log. */
const WITHHELD_VARIABLE = /^(EDSO_.*|JOURNAL_STREAM|NODE_OPTIONS)$/;

/** How a process ended. */
export type ProcessEnd = { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null };

/** An end that nobody asked for. */
export type UnaskedEnd = ProcessEnd & {
  readonly name: string;
  readonly livedMs: number;
  readonly tail: readonly string[];
};

/** Owns at most one child process at a time. */
export class GatewayProcess {
  readonly name: string;
  readonly place: GatewayPlace;
  readonly #onUnaskedEnd: (end: UnaskedEnd) => void;
  #child: ChildProcess | null = null;
  #ended: Promise<ProcessEnd> = Promise.resolve({ exitCode: null, signal: null });
  #startedAtMs = 0;
  #logFromByte = 0;
  #isEndAsked = false;
  #starts = 0;

  constructor(place: GatewayPlace, onUnaskedEnd: (end: UnaskedEnd) => void) {
    this.name = place.household.name;
    this.place = place;
    this.#onUnaskedEnd = onUnaskedEnd;
  }

  /** Process id; null while it is down. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get starts(): number {
    return this.#starts;
  }

  /** Since when this life runs, Unix ms. */
  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  /** Starts it; nothing happens when it runs. */
  start(): void {
    if (this.#child !== null) return;
    const { directory } = this.place;
    const log = openSync(join(directory, LOG_FILE), "a");
    this.#logFromByte = fstatSync(log).size;
    const child = spawn(process.execPath, [PROGRAM, "start", "--config", join(directory, CONFIG_FILE_NAME)], {
      stdio: ["ignore", log, log, "ipc"],
      detached: true,
      env: environment(),
    });
    closeSync(log);
    this.#child = child;
    this.#isEndAsked = false;
    this.#starts += 1;
    this.#startedAtMs = Date.now();
    this.#ended = new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        this.#noteEnd({ exitCode, signal });
        resolve({ exitCode, signal });
      };
      child.once("exit", end);
      child.once("error", () => end(null, null));
    });
  }

  /** `kill -9`. @returns once the process is gone */
  async kill(): Promise<void> {
    await this.#endBy("SIGKILL");
  }

  /** @param limitMs until it is killed instead @returns how it ended; null when it did not run */
  async stop(limitMs: number): Promise<ProcessEnd | null> {
    if (this.#child === null) return null;
    const killer = setTimeout(() => this.#child?.kill("SIGKILL"), limitMs);
    const end = await this.#endBy("SIGTERM");
    clearTimeout(killer);
    return end;
  }

  #endBy(signal: NodeJS.Signals): Promise<ProcessEnd> {
    this.#isEndAsked = true;
    this.#child?.kill(signal);
    return this.#ended;
  }

  #noteEnd(end: ProcessEnd): void {
    this.#child = null;
    if (this.#isEndAsked) return;
    const livedMs = Date.now() - this.#startedAtMs;
    this.#onUnaskedEnd({ ...end, name: this.name, livedMs, tail: this.#tail() });
  }

  #tail(): readonly string[] {
    const written = readFileSync(join(this.place.directory, LOG_FILE)).subarray(this.#logFromByte);
    return written.toString("utf8").trimEnd().split("\n").slice(-TAIL_LINES);
  }
}

function environment(): NodeJS.ProcessEnv {
  const passed = Object.entries(process.env).filter(([key]) => !WITHHELD_VARIABLE.test(key));
  return { ...Object.fromEntries(passed), [EXIT_WITH_PARENT]: "1" };
}
