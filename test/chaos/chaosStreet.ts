/** A street of real processes on simulated meters, whose gateways may be killed and started at will. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gatewayConfig, layOutStreet, type Street } from "../../agent/cli/demoSetup.ts";
import { timeLapseOf, USUAL_STREET } from "../../agent/cli/demoStreet.ts";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";
import { renderConfig } from "../../agent/config/template.ts";
import type { SimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import { GatewayProcess, type UnaskedEnd } from "./gatewayProcess.ts";
import { type History, writeHistory } from "./history.ts";
import type { ChaosOptions } from "./options.ts";
import { DEPENDENCIES, startHouseholdLine } from "./simulatedMeters.ts";

/** How long an orderly stop may take in ms. */
const STOP_LIMIT_MS = 10_000;

/** Owns the lines and the processes. */
export class ChaosStreet {
  readonly laidOut: Street;
  readonly gateways: readonly GatewayProcess[];
  /** What its ledgers hold before the first start; null for nothing. */
  readonly history: History | null;
  readonly #lines: readonly SimulatedLine[];

  /** Hears of ends that nobody asked for. */
  onUnaskedEnd: (end: UnaskedEnd) => void = () => {};

  private constructor(laidOut: Street, lines: readonly SimulatedLine[], history: History | null) {
    this.laidOut = laidOut;
    this.history = history;
    this.#lines = lines;
    this.gateways = laidOut.places.map((place) => new GatewayProcess(place, (end) => this.onUnaskedEnd(end)));
  }

  /**
   * @param options of the run
   * @param signal ends it early
   * @param note takes a line of progress
   * @returns the street; nothing runs but its meters
   */
  static async layOut(
    options: ChaosOptions,
    signal: AbortSignal,
    note: (text: string) => void,
  ): Promise<ChaosStreet> {
    const { gateways, intervalSeconds, seed, dataDir, blocksPrepared } = options;
    const wanted = {
      gateways,
      intervalSeconds,
      seed,
      mode: "islanded",
      plan: USUAL_STREET,
      dataDir,
    } as const;
    // With a history the first interval lies that many intervals back, without one just ahead of the first start.
    const ahead = blocksPrepared === 0 ? [] : [-blocksPrepared * intervalSeconds * 1000];
    const laidOut = await layOutStreet(wanted, DEPENDENCIES, ...ahead);
    const history =
      blocksPrepared === 0
        ? null
        : await writeHistory(laidOut, { blocks: blocksPrepared, intervalSeconds }, note, signal);
    const lines: SimulatedLine[] = [];
    for (const place of laidOut.places) {
      const { household, directory } = place;
      const timeLapse = timeLapseOf(intervalSeconds);
      const line = await startHouseholdLine(household, laidOut.firstIntervalAtMs, timeLapse);
      lines.push(line);
      await writeFile(join(directory, CONFIG_FILE_NAME), renderConfig(gatewayConfig(place, line.path)));
    }
    return new ChaosStreet(laidOut, lines, history);
  }

  /** Starts all that are down, at the same instant. */
  startAll(): void {
    for (const gateway of this.gateways) gateway.start();
  }

  /** `kill -9` to all that run, at the same instant. */
  async killAll(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.kill()));
  }

  /** @returns the names of those that did not stop in order */
  async stopAll(): Promise<readonly string[]> {
    const ends = await Promise.all(
      this.gateways.map(async (gateway) => ({
        name: gateway.name,
        end: await gateway.stop(STOP_LIMIT_MS),
      })),
    );
    return ends.filter(({ end }) => end !== null && end.exitCode !== 0).map(({ name }) => name);
  }

  /** Ends the meters, and whatever still runs. */
  async close(): Promise<void> {
    await this.killAll();
    await Promise.allSettled(this.#lines.map((line) => line.stop()));
    await this.laidOut.removeSockets();
  }
}
