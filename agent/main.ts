/** Composition root: the only file that builds adapters and drivers, and hands them to the services and the CLI. */
import "./compat.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Line, openLine } from "../drivers/meter.ts";
import { meterDefinition } from "../drivers/registry.ts";
import { systemClock } from "./adapters/clock/systemClock.ts";
import { ApiServer } from "./adapters/http/server.ts";
import { openOutbox } from "./adapters/journal/fileOutbox.ts";
import { openLogger } from "./adapters/log/pinoLogger.ts";
import { openSigner } from "./adapters/signer/fileSigner.ts";
import { loadKeys } from "./adapters/signer/keyFiles.ts";
import { nodeVerifier } from "./adapters/signer/nodeVerifier.ts";
import { openStore } from "./adapters/store/levelStore.ts";
import { createTransport } from "./adapters/transport/libp2pTransport.ts";
import type { Config, LineConfig, MeterConfig } from "./config/schema.ts";
import { type LedgerContext, ledgerContext } from "./core/ledger/context.ts";
import { memberIdOf } from "./core/membership/address.ts";
import { readGenesis } from "./core/membership/genesis.ts";
import type { RosterMember } from "./core/membership/roster.ts";
import type { Clock } from "./ports/clock.ts";
import type { Logger } from "./ports/logger.ts";
import { Agent } from "./services/agent.ts";
import type { MeteredMeter } from "./services/metering.ts";
import { ServiceError } from "./services/serviceError.ts";

const VERSION = "0.1.0";
const verifier = nodeVerifier();

/** What was opened, newest last; closed in the reverse order. */
type Closers = (() => Promise<unknown>)[];

/**
 * Runs one gateway until it is stopped or fails.
 *
 * @param config of this gateway
 * @returns how to stop it, and when it has ended: `done` rejects with the failure that ended it
 */
export async function startAgent(config: Config): Promise<{ done: Promise<void>; stop(): Promise<void> }> {
  const closers: Closers = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  try {
    await composeAgent(config, closers, reject);
  } catch (error) {
    await closeAll();
    throw error;
  }
  return { done: promise.finally(closeAll), stop: () => closeAll().then(resolve) };
}

async function composeAgent(
  config: Config,
  closers: Closers,
  onFault: (error: unknown) => void,
): Promise<void> {
  const logger = openLogger({ level: config.log.level });
  const clock = systemClock({ trust: config.clock.trust });
  const keys = await loadKeys(join(config.dataDirectory, "keys"));
  const signer = openSigner(keys.ledger);
  const context = await loadGenesis(config.genesisFile);
  const self = enrolledAs(context, signer.publicKey, config.name);
  const store = await openStore(join(config.dataDirectory, "ledger"));
  closers.push(() => store.close());
  const outbox = await openOutbox(join(config.dataDirectory, "outbox.journal"));
  closers.push(() => outbox.close());
  const meters = await openMeters(config.lines, self, clock, logger, closers);
  const others = context.roster.members.filter((member) => member.id !== self.id);
  const transport = createTransport({
    secretKey: keys.transport,
    listen: config.listen,
    roster: others.map(({ peerId, addresses }) => ({ peerId, addresses })),
    topicPrefix: `edso/1/${context.roster.chainId}`,
    logger,
    clock,
    onFault,
  });
  const agent = new Agent({
    version: VERSION,
    context,
    meters,
    clock,
    signer,
    outbox,
    store,
    transport,
    logger,
    onFault,
  });
  const api = new ApiServer({ socketPath: config.api.socket }, { view: agent, logger });
  closers.push(() => agent.stop());
  await agent.start();
  await api.start();
  closers.push(() => api.stop());
}

async function loadGenesis(path: string): Promise<LedgerContext> {
  const genesis = readGenesis(await readFile(path), verifier.verify);
  if (genesis.kind === "accept") return ledgerContext(genesis.value, verifier.verify);
  throw new ServiceError("GENESIS_REFUSED", { path, reason: genesis.code, detail: genesis.detail ?? "" });
}

function enrolledAs(context: LedgerContext, publicKey: Uint8Array, name: string): RosterMember {
  const member = memberIdOf(publicKey);
  const self = context.roster.byId.get(member);
  if (self === undefined) throw new ServiceError("MEMBER_NOT_ENROLLED", { member });
  if (self.name !== name)
    throw new ServiceError("MEMBER_NOT_ENROLLED", { member, name, enrolledName: self.name });
  return self;
}

/** Opens every line and returns the meters in the order of the enrolment. */
async function openMeters(
  lines: readonly LineConfig[],
  self: RosterMember,
  clock: Clock,
  logger: Logger,
  closers: Closers,
): Promise<readonly MeteredMeter[]> {
  const opened = await Promise.all(
    lines.map(async (config) => {
      const line = await openConfiguredLine(config, clock, logger);
      closers.push(() => line.close());
      return { config, line };
    }),
  );
  return self.meters.map(({ serial, role }) => {
    for (const { config, line } of opened) {
      const meter = config.meters.find((candidate) => candidate.serial === serial && candidate.role === role);
      if (meter !== undefined) return meteredMeter(line, meter);
    }
    throw new ServiceError("METER_NOT_CONFIGURED", { serial, role });
  });
}

function openConfiguredLine(config: LineConfig, clock: Clock, logger: Logger): Promise<Line> {
  const { port, baudRate, parity, stopBits, unitChangeGapMs } = config;
  return openLine({
    path: port,
    baudRate,
    parity,
    stopBits,
    dataBits: 8,
    nowMs: clock.nowMs,
    keepsTrying: true,
    tuning: { unitChangeGapMs },
    onEvent: (event) =>
      event.kind === "port-gone"
        ? logger.error("line.port-gone", event.error, { port })
        : logger.info("line.port-back", { port, goneForMs: event.goneForMs }),
  });
}

function meteredMeter(line: Line, { role, definition, unitId, invert }: MeterConfig): MeteredMeter {
  return {
    role,
    definition,
    unitId,
    meter: line.meter({ definition: meterDefinition(definition), unitId, invert }),
  };
}
