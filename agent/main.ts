/** Composition root: the only file that builds adapters and drivers, and hands them to the services and the CLI. */
import "./compat.ts";
import { randomBytes } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { configuredActuators } from "../drivers/configuredActuators.ts";
import { defineMeter, type MeterDefinition } from "../drivers/definition.ts";
import { DEFINITION_GRAMMAR, definitionSummary, kindInfo } from "../drivers/definitionSummary.ts";
import { lenderOf } from "../drivers/lineLender.ts";
import { testLine } from "../drivers/lineTest.ts";
import { type Line, openLine } from "../drivers/meter.ts";
import { KNOWN_METERS, knownMeter } from "../drivers/registry.ts";
import { scanLine } from "../drivers/scan.ts";
import { startPlannedLine } from "../drivers/simulator/plannedLine.ts";
import { frameRing } from "./adapters/blobs/frameRing.ts";
import { profileRing } from "./adapters/blobs/profileRing.ts";
import { systemClock } from "./adapters/clock/systemClock.ts";
import { borrowLine } from "./adapters/http/borrowLine.ts";
import { agentClient } from "./adapters/http/client.ts";
import { ApiServer } from "./adapters/http/server.ts";
import { openActuatorHolds } from "./adapters/journal/actuatorHolds.ts";
import { openOutbox, readLastRelease } from "./adapters/journal/fileOutbox.ts";
import { createVoteJournal, voteJournalAtStart } from "./adapters/journal/voteJournalAtStart.ts";
import { openLogger } from "./adapters/log/pinoLogger.ts";
import { openSigner } from "./adapters/signer/fileSigner.ts";
import { createKeys, type GatewayKeys, loadKeys, recordsPublicKey } from "./adapters/signer/keyFiles.ts";
import { nodeVerifier } from "./adapters/signer/nodeVerifier.ts";
import { dataDisk } from "./adapters/store/dataDisk.ts";
import { openStore } from "./adapters/store/levelStore.ts";
import { ledgersSetAside, setAside } from "./adapters/store/quarantine.ts";
import { createTransport } from "./adapters/transport/libp2pTransport.ts";
import { peerIdOf } from "./adapters/transport/peerId.ts";
import type {
  CliDependencies,
  Identity,
  LedgerReader,
  LineTarget,
  OpenLine,
  OpenLineOptions,
  RenouncedEpoch,
  RunningAgent,
} from "./cli/dependencies.ts";
import { readGenesisFile } from "./cli/genesisFile.ts";
import { readOwnEnrolment } from "./cli/ownEnrolment.ts";
import { run } from "./cli/program.ts";
import { processTerminal } from "./cli/terminal.ts";
import { readDefinitionFile } from "./config/definitionFile.ts";
import { type Config, isDefinitionFile, type LineConfig, type MeterConfig } from "./config/schema.ts";
import { NONCE_BYTES } from "./core/ledger/state/transaction.ts";
import type { Roster, RosterMember } from "./core/membership/roster.ts";
import type { Clock } from "./ports/clock.ts";
import type { Logger } from "./ports/logger.ts";
import { Agent } from "./services/agent.ts";
import { type Closers, closeAll, openedAll } from "./services/base/closers.ts";
import { ServiceError } from "./services/base/serviceError.ts";
import { enrolledAs, type OwnIdentity } from "./services/enrolledAs.ts";
import { type LifeStart, startLives } from "./services/lives.ts";
import { lineEventLog } from "./services/metering/lineEventLog.ts";
import type { MeteredMeter } from "./services/metering/meterReader.ts";
import { peerTime } from "./services/metering/peerTime.ts";
import { placedMeters } from "./services/metering/placedMeters.ts";
import { outboxesInEpoch } from "./services/pools/outboxInEpoch.ts";
import { renounce } from "./services/voting/renounce.ts";

const VERSION = "0.1.0";
const VOTE_JOURNAL = "votes.journal";
/** Few own transactions wait for a block at a time. */
const TRANSACTION_OUTBOX = { capacityBytes: 262_144, maxPending: 64 };
const verifier = nodeVerifier();

/**
 * Runs one gateway until it is stopped or fails; a damaged ledger or a disk that refused begins a new life.
 *
 * @param config of this gateway
 * @returns how to stop it, and when it has ended: `done` rejects with the failure that ended it
 */
function startAgent(config: Config): Promise<RunningAgent> {
  const logger = openLogger({ level: config.log.level });
  const { nowMs } = systemClock({ trust: config.clock.trust });
  return startLives({
    begin: (start) => openedAll((closers) => composeAgent(config, logger, closers, start)),
    setAside: () => setAside(ledgerDirectory(config.dataDirectory), nowMs()),
    logger,
  });
}

async function composeAgent(
  config: Config,
  logger: Logger,
  closers: Closers,
  { failedLives, onFault, onRenew }: LifeStart,
): Promise<void> {
  const clock = peerTime(systemClock({ trust: config.clock.trust }), logger);
  const keys = await loadKeys(join(config.dataDirectory, "keys"));
  const signer = openSigner(keys.ledger);
  const context = await readGenesisFile(config.genesisFile, verifier.verify);
  const own = await readOwnEnrolment(config.dataDirectory);
  const self = enrolledAs(context, publicIdentity(keys), config.name, own);
  const signing = { signer, verify: verifier.verify, roster: context.roster };
  const disk = await outboxesInEpoch(await openDisk(config, closers), signing);
  const lines = await openLines(config.lines, clock, logger, closers);
  const meters = (await placedMeters(self, disk.store, lines)).map((placed) => meteredMeter(placed, logger));
  const transport = createTransport({
    secretKey: keys.transport,
    listen: config.listen,
    roster: othersIn(context.roster, self).map(({ peerId, addresses }) => ({ peerId, addresses })),
    topicPrefix: `edso/1/${context.roster.chainId}`,
    logger,
    clock,
    onFault,
  });
  const agent = new Agent({
    version: VERSION,
    context,
    self,
    meters,
    actuators: await actuatorsOf(lines, config.dataDirectory, logger),
    clock,
    signer,
    ...disk,
    failedLives,
    transport,
    random: Math.random,
    drawNonce: () => Uint8Array.from(randomBytes(NONCE_BYTES)),
    logger,
    onFault,
    onRenew,
  });
  const served = { view: agent, lender: lenderOf(lines), logger };
  const api = new ApiServer({ socketPath: config.api.socket }, served);
  closers.push(() => agent.stop());
  await agent.start();
  await api.start();
  closers.push(() => api.stop());
}

function othersIn({ members }: Roster, self: RosterMember): readonly RosterMember[] {
  return members.filter((member) => member.id !== self.id);
}

/** Opens what a start opens, so that every count of starts goes on; takes no part in anything. */
async function renounceEpoch(config: Config): Promise<RenouncedEpoch> {
  const closers: Closers = [];
  const signer = openSigner((await loadKeys(join(config.dataDirectory, "keys"))).ledger);
  const context = await readGenesisFile(config.genesisFile, verifier.verify);
  // Stdout is the command's own.
  const logger = openLogger({ level: "warn", write: (line) => void process.stderr.write(line) });
  const renounced = async () => renounce({ context, signer, logger, ...(await openDisk(config, closers)) });
  return renounced().finally(() => closeAll(closers));
}

function ledgerDirectory(dataDirectory: string): string {
  return join(dataDirectory, "ledger");
}

/** The store first: its lock holds the whole directory. The vote journal before the outbox: it counts every start. */
async function openDisk({ dataDirectory, profile }: Config, closers: Closers) {
  const store = await openStore(ledgerDirectory(dataDirectory));
  closers.push(() => store.close());
  const voteJournal = await voteJournalAtStart(join(dataDirectory, VOTE_JOURNAL));
  closers.push(() => voteJournal.close());
  const outbox = await openOutbox(join(dataDirectory, "outbox.journal"));
  closers.push(() => outbox.close());
  const transactionOutbox = await openOutbox(join(dataDirectory, "transactions.journal"), TRANSACTION_OUTBOX);
  closers.push(() => transactionOutbox.close());
  const { length } = await ledgersSetAside(ledgerDirectory(dataDirectory));
  const points = {
    store: profileRing(join(dataDirectory, "profile"), profile),
    everySeconds: profile.everySeconds,
  };
  const frames = frameRing(join(dataDirectory, "frames"));
  const beside = { disk: dataDisk(dataDirectory), frames, profile: points };
  return { store, voteJournal, outbox, transactionOutbox, ledgersSetAside: length, ...beside };
}

type PlacedMeter = { readonly line: Line; readonly meter: MeterConfig };
type OpenedLine = { readonly config: LineConfig; readonly line: Line };

function openLines(
  lines: readonly LineConfig[],
  clock: Clock,
  logger: Logger,
  closers: Closers,
): Promise<readonly OpenedLine[]> {
  return Promise.all(
    lines.map(async (config) => {
      const line = await openLine({
        ...lineSettings(config),
        nowMs: clock.nowMs,
        keepsTrying: true,
        onEvent: lineEventLog(logger, config.port),
      });
      closers.push(() => line.close());
      return { config, line };
    }),
  );
}

/** What each held in an earlier life is known before the first command. */
async function actuatorsOf(lines: readonly OpenedLine[], dataDirectory: string, logger: Logger) {
  const holds = await openActuatorHolds(join(dataDirectory, "actuators.json"));
  if (holds.isDamaged) logger.warn("curtailment.holds-damaged", { file: "actuators.json" });
  return lines.flatMap(({ config, line }) => configuredActuators(line, config, holds.of));
}

function lineSettings({ port, unitChangeGapMs, ...settings }: LineTarget) {
  return { ...settings, path: port, dataBits: 8 as const, tuning: { unitChangeGapMs } };
}

function meteredMeter({ line, meter: config }: PlacedMeter, logger: Logger): MeteredMeter {
  const { role, unitId } = config;
  const options = meterOptions(config);
  const { id: definition, status } = options.definition;
  if (status === "experimental") logger.warn("meter.definition-experimental", { definition, unitId });
  return { role, definition, unitId, meter: line.meter(options) };
}

function meterOptions({ definition, unitId, invert, timeoutMs }: Omit<MeterConfig, "role" | "serial">) {
  // One of ours by its identifier, or an installer's own by its file.
  const known = isDefinitionFile(definition) ? ownDefinition(definition) : knownMeter(definition);
  return {
    definition: { ...known, timing: { ...known.timing, answerTimeoutMs: timeoutMs } },
    unitId,
    invert,
  };
}

function ownDefinition(path: string): MeterDefinition {
  return defineMeter(readDefinitionFile(path, DEFINITION_GRAMMAR));
}

async function openLineForCommand(target: LineTarget, options: OpenLineOptions): Promise<OpenLine> {
  const { nowMs } = systemClock({ trust: "assume" });
  const line = await openLine({ ...lineSettings(target), ...options, nowMs, onEvent: () => {} });
  return {
    readOut: (meter) => line.meter(meterOptions(meter)).readOut(),
    counters: (meter) => line.meter(meterOptions(meter)).counters(),
    close: () => line.close(),
  };
}

async function openLedger(dataDirectory: string): Promise<LedgerReader> {
  const directory = ledgerDirectory(dataDirectory);
  await access(directory).catch((cause: unknown) => {
    throw new ServiceError("LEDGER_MISSING", { directory }, cause);
  });
  const store = await openStore(directory);
  return {
    base: store.base,
    head: () => store.head(),
    block: (height) => store.block(height),
    snapshot: (height) => store.snapshot(height),
    changeAbove: (height) => store.changeAbove(height),
    frames: (framesHash) => frameRing(join(dataDirectory, "frames")).find(framesHash),
    lastRelease: () => readLastRelease(join(dataDirectory, "outbox.journal")),
    close: () => store.close(),
  };
}

function publicIdentity(keys: GatewayKeys): OwnIdentity {
  return {
    publicKey: openSigner(keys.ledger).publicKey,
    peerId: peerIdOf(keys.transport),
    recordsKey: recordsPublicKey(keys.records),
  };
}

function identityOf(keys: GatewayKeys): Identity {
  return { ...publicIdentity(keys), sign: (message) => openSigner(keys.ledger).sign(message) };
}

const dependencies: CliDependencies = {
  version: VERSION,
  env: process.env,
  terminal: processTerminal(process.env),
  verify: verifier.verify,
  startAgent,
  renounceEpoch,
  createVoteJournal: (dataDirectory) => createVoteJournal(join(dataDirectory, VOTE_JOURNAL)),
  createKeys: async (directory) => identityOf(await createKeys(directory)),
  loadIdentity: async (directory) => identityOf(await loadKeys(directory)),
  openLedger,
  openLine: openLineForCommand,
  scanLine,
  testLine,
  borrowLine,
  meterDefinitions: () => KNOWN_METERS.map(kindInfo),
  readDefinition: (path) => definitionSummary(ownDefinition(path)),
  definitionJsonSchema: () => DEFINITION_GRAMMAR.jsonSchema,
  startSimulatedLine: (plan) => startPlannedLine(plan, systemClock({ trust: "assume" }).nowMs),
  agentClient,
};

process.exitCode = await run(process.argv, dependencies);
