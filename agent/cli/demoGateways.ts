/**
 * The gateways of the demo as child processes: each started once, watched, and stopped with the demo.
 * They lead their own process group, so that Ctrl-C reaches only the demo, which stops them in order.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { AgentError } from "../core/errors.ts";
import { EXIT_WITH_PARENT } from "./parentWatch.ts";

/** Lines of a gateway's output that are kept to explain its end. */
const TAIL_LINES = 20;
/** Longest kept line in characters. */
const TAIL_LINE_CHARACTERS = 2_000;
/** How long a gateway may take to stop in ms before it is killed. */
const STOP_LIMIT_MS = 8_000;
/** Variables that must not reach a gateway: settings would override its file, the other changes its log format. */
const WITHHELD_VARIABLE = /^(EDSO_.*|JOURNAL_STREAM)$/;

/** Codes of {@link DemoError}. */
export type DemoErrorCode =
  | "DEMO_DATA_NOT_EMPTY"
  | "DEMO_DATA_UNWRITABLE"
  | "DEMO_GATEWAY_FAILED"
  | "DEMO_GATEWAY_SILENT"
  | "DEMO_NO_GATEWAY_LEFT";

/** The demo cannot begin or go on. */
export class DemoError extends AgentError<DemoErrorCode> {}

/** How one gateway is started. */
export type GatewayLaunch = {
  readonly name: string;
  readonly executable: string;
  readonly args: readonly string[];
};

/** A gateway that ended although nobody stopped it. */
export type GatewayDeath = {
  readonly name: string;
  readonly pid: number | undefined;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote. */
  readonly tail: readonly string[];
};

/** Who hears of the gateways. */
export type GatewayEvents = {
  readonly onDeath: (death: GatewayDeath) => void;
  readonly onLine: (name: string, line: string) => void;
};

type Gateway = {
  readonly child: ChildProcess;
  readonly tail: string[];
  isRunning: boolean;
  isTold: boolean;
};

/** Owns the child processes. */
export class DemoGateways {
  readonly #gateways = new Map<string, Gateway>();
  readonly #events: GatewayEvents;
  #isStopping = false;

  constructor(events: GatewayEvents) {
    this.#events = events;
  }

  /** @param launch how to start it @param env the demo's own environment */
  start(launch: GatewayLaunch, env: Readonly<Record<string, string | undefined>>): void {
    if (this.#isStopping) return;
    const child = spawn(launch.executable, launch.args, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
      env: gatewayEnvironment(env),
    });
    const gateway: Gateway = { child, tail: [], isRunning: true, isTold: false };
    this.#gateways.set(launch.name, gateway);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) this.#keepTail(launch.name, gateway, stream);
    }
    child.once("error", (error) => {
      pushBounded(gateway.tail, error.message);
      if (child.pid === undefined) this.#end(launch.name, gateway, null, null);
    });
    child.once("exit", () => {
      gateway.isRunning = false;
    });
    child.once("close", (exitCode, signal) => this.#end(launch.name, gateway, exitCode, signal));
  }

  /** @returns the names of those that run, in the order they were started */
  living(): readonly string[] {
    return [...this.#gateways].filter(([, gateway]) => gateway.isRunning).map(([name]) => name);
  }

  /** @param name a gateway @returns the last lines it wrote */
  tailOf(name: string): readonly string[] {
    return this.#gateways.get(name)?.tail ?? [];
  }

  /** Stops all that run: SIGTERM, and SIGKILL for those that are still there after the limit. */
  async stop(limitMs: number = STOP_LIMIT_MS): Promise<void> {
    this.#isStopping = true;
    const running = [...this.#gateways.values()].filter((gateway) => gateway.isRunning);
    const ended = Promise.all(running.map(untilExit));
    for (const { child } of running) child.kill("SIGTERM");
    const killer = setTimeout(() => {
      for (const gateway of running) if (gateway.isRunning) gateway.child.kill("SIGKILL");
    }, limitMs);
    await ended;
    clearTimeout(killer);
  }

  #keepTail(name: string, gateway: Gateway, stream: Readable): void {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
      pushBounded(gateway.tail, line);
      this.#events.onLine(name, line);
    });
  }

  #end(name: string, gateway: Gateway, exitCode: number | null, signal: NodeJS.Signals | null): void {
    gateway.isRunning = false;
    if (this.#isStopping || gateway.isTold) return;
    gateway.isTold = true;
    const { tail, child } = gateway;
    this.#events.onDeath({ name, pid: child.pid, exitCode, signal, tail });
  }
}

function gatewayEnvironment(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const passed = Object.entries(env).filter(([key]) => !WITHHELD_VARIABLE.test(key));
  return { ...Object.fromEntries(passed), [EXIT_WITH_PARENT]: "1" };
}

function pushBounded(tail: string[], line: string): void {
  tail.push(line.slice(0, TAIL_LINE_CHARACTERS));
  if (tail.length > TAIL_LINES) tail.shift();
}

function untilExit({ child, isRunning }: Gateway): Promise<void> {
  if (!isRunning || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}
