/** The real program, bundled as it ships: `edso demo` as a process, and `edso` commands beside it. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { IntervalView } from "../../agent/ports/agentView.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");
/** The bundle. */
export const PROGRAM = resolve(ROOT, "dist/edso.js");
/** Longest run of one command. */
const COMMAND_LIMIT_MS = 60_000;

/** One line of `edso demo --json`. */
export type DemoLine = IntervalView & { readonly heads: Readonly<Record<string, string>> };

/** How a command ended. */
export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Bundles the program, as `npm start` does. */
export async function buildProgram(): Promise<void> {
  await run(process.execPath, ["build.js"], { cwd: ROOT });
}

/** @param args of `edso` @returns how it ended, whatever that was */
export async function edso(...args: readonly string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...args], { timeout: COMMAND_LIMIT_MS });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
    return { code: code ?? -1, stdout, stderr };
  }
}

/** A demo that runs. */
export class DemoProcess {
  readonly lines: DemoLine[] = [];
  readonly #child: ChildProcess;
  readonly #dataDir: string;
  readonly #ended: Promise<number | null>;
  #stderr = "";

  /** @param dataDir a directory of its own @param args of `edso demo`, besides --json and --data */
  constructor(dataDir: string, ...args: readonly string[]) {
    this.#dataDir = dataDir;
    const program = [PROGRAM, "demo", "--json", "--data", dataDir, ...args];
    this.#child = spawn(process.execPath, program, { stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = once(this.#child, "close").then(([code]) => code as number | null);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    if (this.#child.stdout === null) throw new Error("the demo has no stdout");
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.lines.push(JSON.parse(line)));
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** @param signal to the demo itself */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** @returns the exit code, once every output was read */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  /** @returns process ids of the gateways, by name; found by their configuration in the process table */
  async gateways(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const entry of await readdir("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
      const args = command.split("\0");
      const config = args.find((arg) => arg.startsWith(`${this.#dataDir}/`) && arg.endsWith("/edso.yaml"));
      if (config === undefined || !args.includes("start")) continue;
      found.set(config.slice(this.#dataDir.length + 1, -"/edso.yaml".length), Number(entry));
    }
    return found;
  }
}
