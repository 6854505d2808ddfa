/** One process of a gateway whose data directory is on the recorded disk; its log is elsewhere. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_WITH_PARENT } from "../../agent/cli/parentWatch.ts";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";

/** Variables that would override the gateway's file, or change the form of its log. */
const WITHHELD_VARIABLE = /^(EDSO_.*|JOURNAL_STREAM|NODE_OPTIONS)$/;
const TAIL_CHARACTERS = 1_500;

/** Owns one process. */
export class GatewayLife {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #logPath: string;

  /**
   * @param name of the gateway
   * @param command that runs the bundle
   * @param directory its data
   * @param logPath appended to
   */
  constructor(name: string, command: readonly string[], directory: string, logPath: string) {
    this.name = name;
    this.#logPath = logPath;
    const log = openSync(logPath, "a");
    const passed = Object.entries(process.env).filter(([key]) => !WITHHELD_VARIABLE.test(key));
    const config = join(directory, CONFIG_FILE_NAME);
    const [executable = process.execPath, ...args] = command;
    this.#child = spawn(executable, [...args, "start", "--config", config], {
      stdio: ["ignore", log, log, "ipc"],
      detached: true,
      env: { ...Object.fromEntries(passed), [EXIT_WITH_PARENT]: "1" },
    });
    closeSync(log);
  }

  /** How it ended without being asked; null while it runs. */
  get end(): string | null {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return null;
    return `${this.name} ended by itself (${exitCode ?? signalCode}): ${this.lastWords}`;
  }

  /** The end of its log. */
  get lastWords(): string {
    return readFileSync(this.#logPath, "utf8").slice(-TAIL_CHARACTERS);
  }

  /** `kill -9`. @returns once it is gone */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
