/** Starts the product on a damaged data directory beside gateways that hold the chain, and looks at what it does. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openSigner } from "../../agent/adapters/signer/fileSigner.ts";
import { type GatewayKeys, loadKeys, recordsPublicKey } from "../../agent/adapters/signer/keyFiles.ts";
import { setAside } from "../../agent/adapters/store/quarantine.ts";
import { peerIdOf } from "../../agent/adapters/transport/peerId.ts";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";
import { loadConfig } from "../../agent/config/load.ts";
import type { Config } from "../../agent/config/schema.ts";
import { type LedgerContext, ledgerContext } from "../../agent/core/ledger/state/context.ts";
import { readGenesis } from "../../agent/core/membership/genesis.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import type { StatusView } from "../../agent/ports/agentView.ts";
import type { StoredBlock } from "../../agent/ports/ledgerStore.ts";
import { Agent } from "../../agent/services/agent.ts";
import { ServiceError } from "../../agent/services/base/serviceError.ts";
import { enrolledAs, memberOfKey } from "../../agent/services/enrolledAs.ts";
import { type LifeStart, startLives } from "../../agent/services/lives.ts";
import { METER_DEFINITIONS } from "../../drivers/registry.ts";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { eventLog, type LoggedEvent } from "../support/eventLog.ts";
import { type GatewayDisk, openGatewayDisk } from "../support/gatewayDisk.ts";
import { wrappedTransport } from "../support/wrappedTransport.ts";
import type { BuiltStreet } from "./builtStreet.ts";

/** Fake time that a patient is given, in ms: several exchanges with its neighbours. */
const GIVEN_MS = 15_000;
/** And at least, so that its neighbours have told it of its own votes. */
const LEAST_MS = 4_000;

/** What a patient did. */
export type Course = {
  /** What starting threw; null when it started. */
  readonly refusal: unknown;
  /** What ended it afterwards. */
  readonly faults: readonly unknown[];
  readonly config: Config | null;
  readonly heightAtStart: number;
  readonly status: StatusView | null;
  /** By height from 1: the block, or what reading it threw. */
  readonly blocks: readonly (StoredBlock | null | Error)[];
  readonly votes: readonly Uint8Array[];
  readonly nextSequence: number;
  readonly pending: ReadonlySet<number>;
  readonly events: readonly LoggedEvent[];
};

/** A life of the patient, as the composition root begins it. */
type Life = { readonly agent: Agent; readonly disk: GatewayDisk };

/** What all lives of one course share. */
type Place = {
  readonly street: BuiltStreet;
  readonly directory: string;
  readonly log: ReturnType<typeof eventLog>;
  readonly votes: Uint8Array[];
};

/** @param street with the chain @param directory damaged @returns what the gateway did */
export async function observe(street: BuiltStreet, directory: string): Promise<Course> {
  const place: Place = { street, directory, log: eventLog(), votes: [] };
  const nothing = { status: null, blocks: [], nextSequence: 0, pending: new Set<number>(), heightAtStart: 0 };
  let config: Config | null = null;
  let life: Life | null = null;
  const faults: unknown[] = [];
  const told = () => ({ faults, config, votes: place.votes, events: place.log.events });
  try {
    config = loadConfig(
      join(directory, CONFIG_FILE_NAME),
      {},
      {
        definitions: METER_DEFINITIONS.map(({ id }) => id),
      },
    );
    const { dataDirectory } = config;
    const read = config;
    const lives = await startLives({
      begin: (start) =>
        beginLife(place, read, start, (begun) => {
          life = begun;
        }),
      setAside: () => setAside(join(dataDirectory, "ledger"), street.clock.nowMs()),
      logger: place.log,
    });
    lives.done.catch((error: unknown) => faults.push(error));
    const heightAtStart = (await currentOf(life).agent.status()).ledger.height;
    const seen = await watch(street, () => currentOf(life));
    await lives.stop();
    return { refusal: null, heightAtStart, ...seen, ...told() };
  } catch (error) {
    return { refusal: error, ...nothing, ...told() };
  }
}

function currentOf(life: Life | null): Life {
  if (life === null) throw new Error("no life has begun");
  return life;
}

async function beginLife(
  place: Place,
  config: Config,
  start: LifeStart,
  onBegun: (life: Life) => void,
): Promise<() => Promise<void>> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const keys = await loadKeys(join(config.dataDirectory, "keys"));
    const context = await loadGenesis(config.genesisFile, place.street);
    enrolledAs(context, identityOf(keys), config.name);
    const disk = await openGatewayDisk(config.dataDirectory, closers);
    const agent = agentOf({ ...place, keys, context, disk, start });
    closers.push(() => agent.stop());
    await agent.start();
    onBegun({ agent, disk });
    return closeAll;
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function identityOf(keys: GatewayKeys) {
  const { publicKey } = openSigner(keys.ledger);
  return { publicKey, peerId: peerIdOf(keys.transport), recordsKey: recordsPublicKey(keys.records) };
}

/** As in the composition root. */
async function loadGenesis(path: string, street: BuiltStreet): Promise<LedgerContext> {
  const { verify } = street.context.voters;
  const genesis = readGenesis(await readFile(path), verify);
  if (genesis.kind === "accept") return ledgerContext(genesis.value, verify);
  throw new ServiceError("GENESIS_REFUSED", { path, reason: genesis.code, detail: genesis.detail ?? "" });
}

function agentOf(
  parts: Place & {
    readonly keys: GatewayKeys;
    readonly context: LedgerContext;
    readonly disk: GatewayDisk;
    readonly start: LifeStart;
  },
): Agent {
  const { street, keys, context, disk, start, log, votes } = parts;
  const peerId = peerIdOf(keys.transport);
  const roster = context.roster.members.map((member) => member.peerId).filter((other) => other !== peerId);
  const transport = street.hub.join({ peerId, roster, onFault: start.onFault });
  return new Agent({
    version: "0.0.0",
    context,
    self: memberOfKey(context, openSigner(keys.ledger).publicKey),
    meters: [],
    clock: street.clock,
    signer: openSigner(keys.ledger),
    ...disk,
    ...start,
    transport: wrappedTransport(transport, {
      publish: (channel, bytes) => {
        if (channel === "votes") votes.push(bytes.slice());
        return transport.publish(channel, bytes);
      },
    }),
    random: seededRandom(7),
    actuators: [],
    drawNonce: () => Uint8Array.from(randomBytes(32)),
    logger: log,
  });
}

async function watch(street: BuiltStreet, current: () => Life) {
  await street.pass(LEAST_MS);
  let status = await current().agent.status();
  for (
    let passedMs = LEAST_MS;
    passedMs < GIVEN_MS && status.ledger.height < street.chain.length;
    passedMs += 1_000
  ) {
    await street.pass(1_000);
    status = await current().agent.status();
  }
  const { agent, disk } = current();
  const blocks: (StoredBlock | null | Error)[] = [];
  for (let at = 1; at <= status.ledger.height; at += 1)
    blocks.push(await agent.block(heightOf(at)).catch((error: Error) => error));
  const pending = new Set(disk.outbox.pending().map(({ sequence }) => sequence));
  return { status, blocks, nextSequence: disk.outbox.nextSequence(), pending };
}
