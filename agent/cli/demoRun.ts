/** One run of the demo: lays the street out, starts it, tells every interval, and leaves nothing running. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configJsonSchema } from "../config/schema.ts";
import { renderConfig, SCHEMA_FILE_NAME } from "../config/template.ts";
import type { DemoDependencies, SimulatedLine } from "./demoDependencies.ts";
import { DemoFollower, type FollowedGateway, type FollowedInterval, silentGateways } from "./demoFollow.ts";
import { DemoError, DemoGateways, type GatewayDeath } from "./demoGateways.ts";
import { addInterval, header, intervalLine, intervalTable, type RunTotals, summary } from "./demoReport.ts";
import {
  type GatewayPlace,
  gatewayConfig,
  LINE_BAUD,
  layOutStreet,
  type Street,
  type StreetOptions,
} from "./demoSetup.ts";
import { FIRST_HOUR, timeLapseOf } from "./demoStreet.ts";
import { CONFIG_FILE_NAME } from "./place.ts";

/** How long the gateways may take to answer after they were started, in ms. */
const START_LIMIT_MS = { base: 20_000, perGateway: 2_000 } as const;
/** How long the others may take to reach a height, in intervals and within limits in ms. */
const AGREEMENT_WAIT = { intervals: 2, minMs: 4_000, maxMs: 20_000 } as const;
/** How long no commit is no surprise: a slow start and some intervals. */
const STALL_AFTER = { baseMs: 30_000, perGatewayMs: 800, intervals: 3 } as const;

/** What the demo was asked for. */
export type DemoOptions = StreetOptions & {
  /** Null: until it is stopped. */
  readonly intervals: number | null;
  readonly isJson: boolean;
  readonly isVerbose: boolean;
};

/** How the run starts a gateway, and what ends it. */
export type DemoProgram = {
  /** This program, so that each gateway is the very same. */
  readonly executable: string;
  readonly args: readonly string[];
  /** How a person calls it. */
  readonly calledAs: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
};

/**
 * Runs a street until its intervals are over, it is stopped or it fails; whatever happens, nothing of it
 * still runs afterwards.
 *
 * @throws DemoError; whatever a dependency throws
 */
export async function runDemo(
  options: DemoOptions,
  program: DemoProgram,
  dependencies: DemoDependencies,
): Promise<void> {
  const run = new DemoRun(options, program, dependencies);
  try {
    await run.start();
    await run.tell();
  } finally {
    await run.stop();
  }
  run.sumUp();
}

/** Owns the processes, the lines and the streams of one run. */
class DemoRun {
  readonly #options: DemoOptions;
  readonly #program: DemoProgram;
  readonly #dependencies: DemoDependencies;
  readonly #gateways: DemoGateways;
  readonly #lines = new Map<string, SimulatedLine>();
  readonly #failed = new AbortController();
  #street: Street | undefined;
  #follower: DemoFollower | undefined;
  #totals: RunTotals = { intervals: 0, tradedWh: 0, offices: [] };

  constructor(options: DemoOptions, program: DemoProgram, dependencies: DemoDependencies) {
    this.#options = options;
    this.#program = program;
    this.#dependencies = dependencies;
    this.#gateways = new DemoGateways({
      onDeath: (death) => this.#onDeath(death),
      onLine: (name, line) => this.#onLine(name, line),
    });
  }

  async start(): Promise<void> {
    const { signal } = this.#program;
    const street = await layOutStreet(this.#options, this.#dependencies);
    this.#street = street;
    for (const place of street.places) {
      if (signal.aborted) return;
      await this.#installLine(place, street);
    }
    this.#tellHeader(street);
    for (const place of street.places) this.#startGateway(place);
    const clients = this.#clients(street);
    const limitMs = START_LIMIT_MS.base + street.places.length * START_LIMIT_MS.perGateway;
    const ends = AbortSignal.any([signal, this.#failed.signal]);
    const [silent] = await silentGateways(clients, limitMs, ends);
    this.#failed.signal.throwIfAborted();
    if (silent !== undefined && !signal.aborted) throw this.#silence(silent, limitMs);
    this.#follower = this.#follow(clients);
  }

  async tell(): Promise<void> {
    const follower = this.#follower;
    if (follower === undefined) return;
    const { signal } = this.#program;
    const stop = () => follower.stop();
    signal.addEventListener("abort", stop);
    if (signal.aborted) return;
    follower.start();
    for await (const interval of follower.intervals()) {
      this.#tellInterval(interval);
      if (this.#totals.intervals === this.#options.intervals) return;
    }
    this.#failed.signal.throwIfAborted();
  }

  async stop(): Promise<void> {
    this.#follower?.stop();
    await this.#gateways.stop();
    const closed = await Promise.allSettled([...this.#lines.values()].map((line) => line.stop()));
    for (const end of closed)
      if (end.status === "rejected") this.#warn(`a line did not close: ${end.reason}`);
    await this.#street?.removeSockets();
  }

  sumUp(): void {
    const first = this.#street?.places[0];
    if (first !== undefined) this.#remark(summary(this.#totals, first.directory, this.#program.calledAs));
  }

  async #installLine(place: GatewayPlace, street: Street): Promise<void> {
    const { name, meters } = place.household;
    const line = await this.#dependencies.startSimulatedLine({
      baudRate: LINE_BAUD,
      meters,
      timeLapse: timeLapseOf(this.#options.intervalSeconds),
      startedAtMs: street.firstIntervalAtMs,
      startMinute: FIRST_HOUR * 60,
    });
    this.#lines.set(name, line);
    const { directory } = place;
    await writeFile(join(directory, CONFIG_FILE_NAME), renderConfig(gatewayConfig(place, line.path)));
    await writeFile(join(directory, SCHEMA_FILE_NAME), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  }

  #startGateway({ household, directory }: GatewayPlace): void {
    const { executable } = this.#program;
    const args = [...this.#program.args, "start", "--config", join(directory, CONFIG_FILE_NAME)];
    this.#gateways.start({ name: household.name, executable, args }, this.#dependencies.env);
  }

  #clients(street: Street): ReadonlyMap<string, FollowedGateway> {
    const { places } = street;
    return new Map(
      places.map(({ household, socketPath }) => [household.name, this.#dependencies.agentClient(socketPath)]),
    );
  }

  #follow(clients: ReadonlyMap<string, FollowedGateway>): DemoFollower {
    const intervalMs = this.#options.intervalSeconds * 1000;
    const { intervals, minMs, maxMs } = AGREEMENT_WAIT;
    return new DemoFollower(clients, {
      agreementWaitMs: Math.min(Math.max(intervals * intervalMs, minMs), maxMs),
      stallAfterMs:
        STALL_AFTER.baseMs + clients.size * STALL_AFTER.perGatewayMs + STALL_AFTER.intervals * intervalMs,
      onStall: (silentMs) => {
        const running = this.#gateways.living().length;
        this.#warn(
          `no block for ${Math.round(silentMs / 1000)} s; ${running} of ${clients.size} gateways run. ` +
            "A street needs a quorum of its gateways; see why with `edso status`, or start again with --verbose.",
        );
      },
    });
  }

  #tellHeader(street: Street): void {
    const { mode, seed, intervalSeconds } = this.#options;
    const facts = {
      gateways: street.places.length,
      consumerOnly: street.places.filter(({ household }) => household.isConsumerOnly).length,
      mode,
      seed,
      intervalSeconds,
      timeLapse: timeLapseOf(intervalSeconds),
      dataDir: street.dataDir,
      firstIntervalAt: new Date(street.firstIntervalAtMs).toISOString(),
    };
    this.#remark(`${header(facts)}\n`);
  }

  #tellInterval({ view, heads }: FollowedInterval): void {
    this.#totals = addInterval(this.#totals, view);
    const sinceFirst = view.interval - (this.#street?.firstInterval ?? view.interval);
    const reported = { view, heads, living: this.#gateways.living().length, sinceFirst };
    const { terminal } = this.#dependencies;
    const text = this.#options.isJson ? intervalLine(reported) : intervalTable(reported, terminal.hasColour);
    terminal.out(`${text}\n`);
  }

  #onDeath({ name, pid, exitCode, signal, tail }: GatewayDeath): void {
    const how = signal === null ? `ended with exit code ${exitCode ?? "unknown"}` : `was ended by ${signal}`;
    if (this.#follower === undefined) {
      this.#warn(`${name} (pid ${pid ?? "none"}) ${how} before the street was up.${quoted(tail)}`);
      this.#failed.abort(new DemoError("DEMO_GATEWAY_FAILED", { gateway: name, exitCode, signal }));
      return;
    }
    this.#warn(`${name} (pid ${pid ?? "none"}) ${how}; it stays down, and the street goes on without it.`);
    if (exitCode !== null && exitCode !== 0) this.#warn(`what ${name} wrote last:${quoted(tail)}`);
    if (this.#gateways.living().length === 0) this.#failed.abort(new DemoError("DEMO_NO_GATEWAY_LEFT"));
    this.#follower.drop(name);
    this.#closeLine(name);
  }

  /** Who failed to close is told when all are closed, at the end. */
  #closeLine(name: string): void {
    this.#lines
      .get(name)
      ?.stop()
      .catch(() => {});
  }

  #onLine(name: string, line: string): void {
    if (this.#options.isVerbose && isWarning(line)) this.#dependencies.terminal.error(`${name}: ${line}\n`);
  }

  #silence(name: string, limitMs: number): DemoError {
    this.#warn(`${name} runs, but does not answer.${quoted(this.#gateways.tailOf(name))}`);
    return new DemoError("DEMO_GATEWAY_SILENT", { gateway: name, limitMs });
  }

  /** With `--json`, stdout carries intervals and nothing else. */
  #remark(text: string): void {
    const { terminal } = this.#dependencies;
    if (this.#options.isJson) terminal.error(text);
    else terminal.out(text);
  }

  #warn(text: string): void {
    this.#dependencies.terminal.error(`edso demo: ${text}\n`);
  }
}

function quoted(tail: readonly string[]): string {
  if (tail.length === 0) return " It wrote nothing.";
  return ` Its last lines:\n${tail.map((line) => `  | ${line}`).join("\n")}`;
}

/** An event of level warn or above; what is no event comes from below the agent and is always worth a look. */
function isWarning(line: string): boolean {
  try {
    const { level } = JSON.parse(line) as { level?: unknown };
    return level === "warn" || level === "error" || (typeof level === "number" && level >= 40);
  } catch {
    return true;
  }
}
