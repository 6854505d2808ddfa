/** A street whose gateways keep their data on one recorded disk; the last of its roster is the onlooker's seat. */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { type GatewayPlace, gatewayConfig, layOutStreet } from "../../agent/cli/demoSetup.ts";
import { timeLapseOf, USUAL_STREET } from "../../agent/cli/demoStreet.ts";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";
import { renderConfig } from "../../agent/config/template.ts";
import { type LedgerContext, ledgerContext } from "../../agent/core/ledger/state/context.ts";
import { readGenesis } from "../../agent/core/membership/genesis.ts";
import type { Verify } from "../../agent/core/signature.ts";
import type { SimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import { DEPENDENCIES, startHouseholdLine } from "../chaos/simulatedMeters.ts";
import { GatewayLife } from "./gatewayLife.ts";

/** Three gateways and the onlooker: each block needs the votes of all three. */
const MEMBERS = 4;
/** As short as 9600 baud, gossip and three votes allow, so that the disk is seldom idle. */
const INTERVAL_SECONDS = 1;
/** Intervals that pass before a gateway is up are settled without it. */
const START_TAKES_MS = 4_000;

/** Where a street is, from which seed, and what runs each of its gateways. */
export type StreetPlan = {
  readonly dataDir: string;
  readonly logs: string;
  readonly seed: string;
  /** @param name of a gateway @returns the command that runs the bundle */
  readonly command: (name: string) => readonly string[];
  readonly intervalSeconds?: number;
};

/** Where a gateway is, and who. */
export type Seat = { readonly place: GatewayPlace; readonly member: string };

/** Owns the meters and the processes of one street. */
export class PowercutStreet {
  readonly context: LedgerContext;
  readonly gateways: readonly Seat[];
  readonly onlooker: Seat;
  readonly #lines: readonly SimulatedLine[];
  readonly #plan: StreetPlan;
  #lives: readonly GatewayLife[] = [];

  private constructor(
    context: LedgerContext,
    seats: readonly Seat[],
    lines: readonly SimulatedLine[],
    plan: StreetPlan,
  ) {
    this.context = context;
    this.gateways = seats.slice(0, -1);
    this.onlooker = seats.at(-1) as Seat;
    this.#lines = lines;
    this.#plan = plan;
  }

  /** @param plan of the street @returns it; nothing runs but its meters */
  static async layOut(plan: StreetPlan): Promise<PowercutStreet> {
    const { dataDir, logs, seed, intervalSeconds = INTERVAL_SECONDS } = plan;
    await mkdir(logs, { recursive: true });
    const wanted = {
      gateways: MEMBERS,
      intervalSeconds,
      seed,
      mode: "islanded",
      plan: USUAL_STREET,
      dataDir,
    } as const;
    const laidOut = await layOutStreet(wanted, DEPENDENCIES, START_TAKES_MS);
    const lines: SimulatedLine[] = [];
    for (const place of laidOut.places.slice(0, -1)) {
      const { household, directory } = place;
      const timeLapse = timeLapseOf(intervalSeconds);
      const line = await startHouseholdLine(household, laidOut.firstIntervalAtMs, timeLapse);
      lines.push(line);
      await writeFile(join(directory, CONFIG_FILE_NAME), renderConfig(gatewayConfig(place, line.path)));
    }
    // What an installer set up long ago is not at stake.
    await promisify(execFile)("sync", ["--file-system", dataDir]);
    const context = await contextOf(laidOut.places[0] as GatewayPlace);
    const seats = laidOut.places.map((place) => ({ place, member: memberOf(context, place.household.name) }));
    return new PowercutStreet(context, seats, lines, plan);
  }

  /** Starts every gateway at the same instant. */
  start(): void {
    const { command, logs } = this.#plan;
    this.#lives = this.gateways.map(
      ({
        place: {
          household: { name },
          directory,
        },
      }) => {
        return new GatewayLife(name, command(name), directory, join(logs, `${name}.log`));
      },
    );
  }

  /** @returns what ended without being asked */
  ends(): readonly string[] {
    return this.#lives.flatMap(({ end }) => end ?? []);
  }

  /** @returns the end of each gateway's log */
  lastWords(): readonly string[] {
    return this.#lives.map(({ name, lastWords }) => `${name}: ${lastWords}`);
  }

  /** `kill -9` to all. */
  async kill(): Promise<void> {
    await Promise.all(this.#lives.map((life) => life.kill()));
    this.#lives = [];
  }

  /** Ends the meters too. */
  async close(): Promise<void> {
    await this.kill();
    await Promise.allSettled(this.#lines.map((line) => line.stop()));
  }
}

/** @param place of any gateway @param verify judges signatures @returns the facts of its genesis */
export async function contextOf(
  place: Pick<GatewayPlace, "directory">,
  verify: Verify = nodeVerifier().verify,
): Promise<LedgerContext> {
  const genesis = readGenesis(await readFile(join(place.directory, "genesis.cbor")), verify);
  if (genesis.kind !== "accept") throw new Error(`the genesis is refused: ${genesis.code}`);
  return ledgerContext(genesis.value, verify);
}

function memberOf(context: LedgerContext, name: string): string {
  const found = context.roster.members.find((member) => member.name === name);
  if (found === undefined) throw new Error(`${name} is not in the roster`);
  return found.id;
}
