/** Starts the product on a damaged data directory beside gateways that hold the chain, and looks at what it does. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openSigner } from "../../agent/adapters/signer/fileSigner.ts";
import { type GatewayKeys, loadKeys, recordsPublicKey } from "../../agent/adapters/signer/keyFiles.ts";
import { peerIdOf } from "../../agent/adapters/transport/peerId.ts";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";
import { loadConfig } from "../../agent/config/load.ts";
import type { Config } from "../../agent/config/schema.ts";
import { type LedgerContext, ledgerContext } from "../../agent/core/ledger/context.ts";
import { readGenesis } from "../../agent/core/membership/genesis.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import type { StatusView } from "../../agent/ports/agentView.ts";
import type { StoredBlock } from "../../agent/ports/ledgerStore.ts";
import { Agent } from "../../agent/services/agent.ts";
import { enrolledAs } from "../../agent/services/enrolledAs.ts";
import { ServiceError } from "../../agent/services/serviceError.ts";
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

/** @param street with the chain @param directory damaged @returns what the gateway did */
export async function observe(street: BuiltStreet, directory: string): Promise<Course> {
  const closers: (() => Promise<void>)[] = [];
  const log = eventLog();
  const votes: Uint8Array[] = [];
  const faults: unknown[] = [];
  let config: Config | null = null;
  try {
    config = loadConfig(
      join(directory, CONFIG_FILE_NAME),
      {},
      { definitions: METER_DEFINITIONS.map(({ id }) => id) },
    );
    const keys = await loadKeys(join(config.dataDirectory, "keys"));
    const context = await loadGenesis(config.genesisFile, street);
    enrolledAs(context, identityOf(keys), config.name);
    const disk = await openGatewayDisk(config.dataDirectory, context, closers);
    const agent = agentOf({ street, keys, context, disk, log, votes, faults });
    closers.push(() => agent.stop());
    await agent.start();
    const heightAtStart = (await agent.status()).ledger.height;
    const seen = await watch(street, agent, disk);
    return { refusal: null, faults, config, heightAtStart, ...seen, votes, events: log.events };
  } catch (error) {
    const nothing = { status: null, blocks: [], nextSequence: 0, pending: new Set<number>() };
    return { refusal: error, faults, config, heightAtStart: 0, ...nothing, votes, events: log.events };
  } finally {
    for (const close of closers.reverse()) await close().catch(() => {});
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

function agentOf(parts: {
  readonly street: BuiltStreet;
  readonly keys: GatewayKeys;
  readonly context: LedgerContext;
  readonly disk: GatewayDisk;
  readonly log: ReturnType<typeof eventLog>;
  readonly votes: Uint8Array[];
  readonly faults: unknown[];
}): Agent {
  const { street, keys, context, disk, log, votes, faults } = parts;
  const peerId = peerIdOf(keys.transport);
  const roster = context.roster.members.map((member) => member.peerId).filter((other) => other !== peerId);
  const onFault = (error: unknown) => void faults.push(error);
  const transport = street.hub.join({ peerId, roster, onFault });
  return new Agent({
    version: "0.0.0",
    context,
    meters: [],
    clock: street.clock,
    signer: openSigner(keys.ledger),
    ...disk,
    transport: wrappedTransport(transport, {
      publish: (channel, bytes) => {
        if (channel === "votes") votes.push(bytes.slice());
        return transport.publish(channel, bytes);
      },
    }),
    random: seededRandom(7),
    logger: log,
    onFault,
  });
}

async function watch(street: BuiltStreet, agent: Agent, { outbox }: GatewayDisk) {
  await street.pass(LEAST_MS);
  let status = await agent.status();
  for (
    let passedMs = LEAST_MS;
    passedMs < GIVEN_MS && status.ledger.height < street.chain.length;
    passedMs += 1_000
  ) {
    await street.pass(1_000);
    status = await agent.status();
  }
  const blocks: (StoredBlock | null | Error)[] = [];
  for (let at = 1; at <= status.ledger.height; at += 1)
    blocks.push(await agent.block(heightOf(at)).catch((error: Error) => error));
  const pending = new Set(outbox.pending().map(({ sequence }) => sequence));
  return { status, blocks, nextSequence: outbox.nextSequence(), pending };
}
