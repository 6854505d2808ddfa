/**
 * Lays the demo's street out on disk: a directory per gateway with keys, genesis and configuration,
 * a GridAdmin and a Regulator of its own, free loopback ports, and sockets whose paths the kernel accepts.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { MAX_SOCKET_PATH_BYTES } from "../config/load.ts";
import type { ConfigInput } from "../config/schema.ts";
import { fromHex } from "../core/bytes.ts";
import { CONTRACTS } from "../core/membership/contracts.ts";
import { type Enrolment, type EnrolmentBody, enrolmentSignBytes } from "../core/membership/enrolment.ts";
import {
  encodeGenesis,
  type GenesisBody,
  type GridMode,
  genesisSignBytes,
} from "../core/membership/genesis.ts";
import { policySignBytes, type SignedPolicy } from "../core/membership/policy.ts";
import { intervalAt, intervalStartMs, laterInterval } from "../core/metering/interval.ts";
import { type IntervalIndex, type UnixMs, unixMs } from "../core/units.ts";
import type { DemoDependencies, DemoIdentity } from "./demoDependencies.ts";
import { DemoError } from "./demoGateways.ts";
import { demoPolicy } from "./demoPolicy.ts";
import {
  CONNECTION_RATING_W,
  DEMO_MICROGRID_ID,
  drawHash,
  type HouseholdPlan,
  METERED_SECONDS_PER_INTERVAL,
  planStreet,
  type StreetPlanOptions,
  timeLapseOf,
} from "./demoStreet.ts";

/** Speed of the demo's lines in baud. */
export const LINE_BAUD = 9600;

const GENESIS_FILE = "genesis.cbor";
/** Where a gateway has its socket unless its configuration says otherwise. */
const SOCKET_FILE = "agent.sock";
/** Silence in ms before the other meter of a line is asked; the simulated ones need no more. */
const UNIT_CHANGE_GAP_MS = 60;
/** Intervals of a term: one simulated day. */
const TERM_INTERVALS = (24 * 3600) / METERED_SECONDS_PER_INTERVAL;
/** How long the street takes until every gateway reads its meters, in ms: at least, and at most waited for. */
const START_UP_MS = { base: 3_000, perGateway: 800, most: 90_000 } as const;

/** What the demo was asked for. */
export type StreetOptions = {
  readonly gateways: number;
  readonly intervalSeconds: number;
  readonly seed: string;
  readonly mode: GridMode;
  readonly plan: StreetPlanOptions;
  /** Null for a fresh temporary directory. */
  readonly dataDir: string | null;
};

/** One gateway's place. */
export type GatewayPlace = {
  readonly household: HouseholdPlan;
  readonly directory: string;
  readonly socketPath: string;
  readonly port: number;
};

/** The street as laid out. */
export type Street = {
  readonly dataDir: string;
  readonly places: readonly GatewayPlace[];
  readonly firstInterval: IntervalIndex;
  readonly firstIntervalAtMs: UnixMs;
  /** Removes the sockets; the data stays. */
  readonly removeSockets: () => Promise<void>;
};

/**
 * @param options what the demo was asked for
 * @param dependencies makes and uses keys
 * @param startTakesMs ms until every gateway may be expected to read its meters; by default guessed from how long
 *   this process took to come this far
 * @returns the street, with keys and genesis written
 * @throws DemoError `DEMO_DATA_NOT_EMPTY`, `DEMO_DATA_UNWRITABLE`; whatever making keys throws
 */
export async function layOutStreet(
  options: StreetOptions,
  dependencies: DemoDependencies,
  startTakesMs: number = startUpMs(options.gateways, performance.now(), availableParallelism()),
): Promise<Street> {
  const plan = planStreet(options.gateways, options.seed, options.plan);
  const dataDir = await prepareDataDirectory(options.dataDir);
  const sockets = await prepareSockets(dataDir, plan);
  const ports = await freePorts(plan.length);
  const places = plan.map((household, index): GatewayPlace => {
    const directory = join(dataDir, household.name);
    const port = ports[index] ?? 0;
    return { household, directory, socketPath: sockets.pathOf(household.name), port };
  });
  const gridAdmin = await makeIdentity(join(dataDir, "grid-admin"), dependencies);
  const regulator = await makeIdentity(join(dataDir, "regulator"), dependencies);
  const members = await Promise.all(places.map((place) => enrol(place, dependencies)));
  const intervalMs = options.intervalSeconds * 1000;
  // The boundary sample that opens the first interval must not come before the gateways.
  const firstInterval = laterInterval(intervalAt(unixMs(Date.now() + startTakesMs), intervalMs), 1);
  const genesis = await signGenesis(options, members, firstInterval, { gridAdmin, regulator });
  await Promise.all(places.map(({ directory }) => writeFile(join(directory, GENESIS_FILE), genesis)));
  const firstIntervalAtMs = intervalStartMs(firstInterval, intervalMs);
  return { dataDir, places, firstInterval, firstIntervalAtMs, removeSockets: sockets.remove };
}

/**
 * A gateway is this same program: what its start took here, it takes for each of them, as many at once as
 * the machine has cores.
 *
 * @param gateways how many will be started together
 * @param ownStartMs how long this process took to come this far
 * @param cores of the machine
 * @returns ms until all of them may be expected to read their meters
 */
export function startUpMs(gateways: number, ownStartMs: number, cores: number): number {
  const least = START_UP_MS.base + gateways * START_UP_MS.perGateway;
  const measured = START_UP_MS.base + (ownStartMs * gateways) / cores;
  return Math.ceil(Math.min(Math.max(least, measured), START_UP_MS.most));
}

/**
 * Paths are relative where they can be, so that the street may be moved once it stands still.
 *
 * @param place one gateway's
 * @param linePath the tty of its meters
 * @returns what its configuration says
 */
export function gatewayConfig(place: GatewayPlace, linePath: string): ConfigInput {
  const { household } = place;
  return {
    name: household.name,
    dataDirectory: ".",
    genesisFile: GENESIS_FILE,
    listen: [multiaddressOf(place.port)],
    ...(hasOwnSocket(place) ? {} : { api: { socket: place.socketPath } }),
    clock: { trust: "assume" },
    // An interval of the demo is a few seconds: its boundaries are as fine as a profile.
    profile: { everySeconds: 0 },
    lines: [
      {
        port: linePath,
        baudRate: LINE_BAUD,
        parity: "none",
        stopBits: 1,
        unitChangeGapMs: UNIT_CHANGE_GAP_MS,
        meters: household.meters.map(({ role, definition, unitId, serial }) => ({
          role,
          definition,
          unitId,
          serial,
        })),
        actuators: household.meters.flatMap(({ role, unitId, limiter }) =>
          limiter === null
            ? []
            : [{ definition: "sunspec-model-123", unitId, limits: role, ratedW: limiter.ratedW }],
        ),
      },
    ],
  };
}

function hasOwnSocket({ directory, socketPath }: GatewayPlace): boolean {
  return socketPath === join(directory, SOCKET_FILE);
}

async function prepareDataDirectory(wanted: string | null): Promise<string> {
  try {
    if (wanted === null) return await mkdtemp(join(tmpdir(), "edso-demo-"));
    const dataDir = resolve(wanted);
    await mkdir(dataDir, { recursive: true });
    if ((await readdir(dataDir)).length === 0) return dataDir;
  } catch (cause) {
    const fix = "name a directory that you may write to, or leave --data out";
    throw new DemoError("DEMO_DATA_UNWRITABLE", { path: wanted ?? tmpdir(), fix }, cause);
  }
  const fix = "a demo starts a new street: name an empty directory, or leave --data out for a temporary one";
  throw new DemoError("DEMO_DATA_NOT_EMPTY", { path: wanted, fix });
}

async function prepareSockets(
  dataDir: string,
  plan: readonly HouseholdPlan[],
): Promise<{ pathOf: (name: string) => string; remove: () => Promise<void> }> {
  const inData = (name: string) => join(dataDir, name, SOCKET_FILE);
  const longestBytes = Math.max(...plan.map(({ name }) => Buffer.byteLength(inData(name))));
  if (longestBytes <= MAX_SOCKET_PATH_BYTES) {
    const remove = async () => {
      await Promise.all(plan.map(({ name }) => rm(inData(name), { force: true })));
    };
    return { pathOf: inData, remove };
  }
  const parent = Buffer.byteLength(tmpdir()) < MAX_SOCKET_PATH_BYTES / 2 ? tmpdir() : "/tmp";
  const socketDir = await mkdtemp(join(parent, "edso-"));
  return {
    pathOf: (name) => join(socketDir, `${name}.sock`),
    remove: () => rm(socketDir, { recursive: true, force: true }),
  };
}

/** All are held at once, so that they differ, and released together. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenOnFreePort));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

function listenOnFreePort(): Promise<Server> {
  return new Promise((listening, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen({ host: "127.0.0.1", port: 0 }, () => listening(server));
  });
}

async function makeIdentity(directory: string, dependencies: DemoDependencies): Promise<DemoIdentity> {
  const keys = join(directory, "keys");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await dependencies.createKeys(keys);
  return dependencies.loadIdentity(keys);
}

async function enrol(place: GatewayPlace, dependencies: DemoDependencies): Promise<Enrolment> {
  const identity = await makeIdentity(place.directory, dependencies);
  await dependencies.createVoteJournal(place.directory);
  const body: EnrolmentBody = {
    microgridId: DEMO_MICROGRID_ID,
    name: place.household.name,
    publicKey: identity.publicKey,
    peerId: identity.peerId,
    recordsKey: identity.recordsKey,
    addresses: [multiaddressOf(place.port)],
    meters: place.household.meters.map(({ serial, role, fuel }) => ({ serial, role, fuel })),
    connectionRatingW: CONNECTION_RATING_W,
    area: place.household.area,
  };
  return { body, signature: await identity.sign(enrolmentSignBytes(body)) };
}

async function signGenesis(
  options: StreetOptions,
  members: readonly Enrolment[],
  firstInterval: IntervalIndex,
  { gridAdmin, regulator }: Readonly<Record<"gridAdmin" | "regulator", DemoIdentity>>,
): Promise<Uint8Array> {
  const policy = demoPolicy(firstInterval);
  const signed: SignedPolicy = { policy, signature: await regulator.sign(policySignBytes(policy)) };
  const body: GenesisBody = {
    microgridId: DEMO_MICROGRID_ID,
    gridAdminKey: gridAdmin.publicKey,
    regulatorKey: regulator.publicKey,
    seed: fromHex(drawHash(options.seed, "genesis")),
    intervalMs: options.intervalSeconds * 1000,
    timeLapse: timeLapseOf(options.intervalSeconds),
    firstInterval,
    mode: options.mode,
    termMax: TERM_INTERVALS,
    members,
    contracts: CONTRACTS,
    policies: [signed],
  };
  return encodeGenesis({ body, signature: await gridAdmin.sign(genesisSignBytes(body)) });
}

function multiaddressOf(port: number): string {
  return `/ip4/127.0.0.1/tcp/${port}`;
}
