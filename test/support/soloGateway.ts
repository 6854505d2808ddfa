/** One gateway as an installer sets it up, alone in its microgrid, running as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as assert from "uvu/assert";
import { edso, PROGRAM } from "./demoProcess.ts";
import { freePorts } from "./freePorts.ts";
import { until } from "./until.ts";

/** One line of its log. */
export type LogEvent = { readonly event: string; readonly level: string } & Readonly<Record<string, unknown>>;

/** How it is set up. */
export type SoloOptions = {
  readonly directory: string;
  readonly line: string;
  /** As on the command line. */
  readonly meter: string;
  readonly intervalSeconds: number;
};

/** @param options line, meter and interval @returns its data directory; the program must be bundled */
export async function setUpSolo({ directory, line, meter, intervalSeconds }: SoloOptions): Promise<string> {
  const data = join(directory, "solo");
  const [port] = await freePorts(1);
  const address = `/ip4/127.0.0.1/tcp/${port}`;
  const place = ["--listen", address, "--address", address, "--line", line, "--meter", meter];
  const made = await edso("init", "--name", "solo", "--microgrid", "lab", "--data", data, ...place);
  assert.is(made.code, 0, made.stderr);
  const rules = ["--microgrid", "lab", "--interval-seconds", String(intervalSeconds), "--mode", "grid-tied"];
  const files = ["--out", join(data, "genesis.cbor"), "--admin-keys", join(directory, "admin")];
  const signed = await edso("admin", "genesis", ...files, ...rules, join(data, "enrolment.cbor"));
  assert.is(signed.code, 0, signed.stderr);
  return data;
}

/** A gateway that runs. */
export class SoloProcess {
  readonly events: LogEvent[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;

  /** @param data directory of a gateway that was set up */
  constructor(data: string) {
    this.#child = spawn(process.execPath, [PROGRAM, "start", "--data", data], {
      env: { ...process.env, EDSO_CLOCK_TRUST: "assume" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#ended = once(this.#child, "close");
    if (this.#child.stdout === null) throw new Error("the agent has no stdout");
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.events.push(JSON.parse(line)));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** True until the process has ended. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** @param event name @returns those logged so far */
  named(event: string): readonly LogEvent[] {
    return this.events.filter((logged) => logged.event === event);
  }

  /** @param event name @param count of them in all @param limitMs when to give up */
  async logged(event: string, count: number, limitMs: number): Promise<void> {
    await until(`${count} × ${event}`, () => this.named(event).length >= count || !this.isRunning, limitMs);
    assert.ok(this.isRunning, "the agent has ended");
  }

  /** Ends it in order. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    const [code] = await this.#ended;
    return code as number | null;
  }
}
