/** What the composition root gives the commands: the agent, keys, the ledger on disk, meters, and the local API. */
import type { Environment } from "../config/load.ts";
import type { Config, LineConfig, MeterConfig } from "../config/schema.ts";
import type { SignedReport } from "../core/ledger/recoveryReport.ts";
import type { Verify } from "../core/signature.ts";
import type { Height } from "../core/units.ts";
import type { StoredBlock, StoredHead, StoredSnapshot } from "../ports/ledgerStore.ts";
import type { MeterReadOut } from "../ports/meter.ts";
import type { Release } from "../ports/outbox.ts";
import type { Abstention } from "../ports/voteJournal.ts";
import type { DemoDependencies, DemoIdentity } from "./demoDependencies.ts";
import type { FollowedGateway } from "./demoFollow.ts";
import type { Terminal } from "./terminal.ts";

/** What of a gateway's keys is public. */
export type PublicIdentity = Omit<DemoIdentity, "sign">;

/** A gateway's keys, able to sign. */
export type Identity = DemoIdentity;

/** A running agent. */
export type RunningAgent = {
  /** Settles when it has ended; rejects with the failure that ended it. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
};

/** The ledger and the outbox of one data directory, read only: opening it changes nothing in either. */
export interface LedgerReader {
  /** Height of the block that the chain begins with; 0 when it begins with the genesis. */
  readonly base: Height;
  head(): Promise<StoredHead | null>;
  block(height: Height): Promise<StoredBlock | null>;
  /** @returns the state after that block, where one is kept */
  snapshot(height: Height): Promise<StoredSnapshot | null>;
  /** @returns the newest release of the outbox, or null when there is none */
  lastRelease(): Promise<Release | null>;
  close(): Promise<void>;
}

/** One meter on one line, as it is to be read once. */
export type MeterTarget = Omit<LineConfig, "meters"> &
  Pick<MeterConfig, "definition" | "unitId" | "invert" | "timeoutMs">;

/** A kind of meter, and how the factory sets it. */
export type MeterDefinitionInfo = {
  readonly id: string;
  readonly name: string;
  readonly experimental: boolean;
  readonly factory: Pick<LineConfig, "parity" | "stopBits"> & {
    readonly baudRate: number;
    readonly unitId: number;
  };
};

/** A report, and why it does not count; null when it does. */
export type RenouncedEpoch = { readonly signed: SignedReport; readonly abstention: Abstention | null };

/** What a running agent can be asked. */
export interface ApiClient extends FollowedGateway {
  block(height: Height): Promise<StoredBlock | null>;
}

/** Everything the commands use. */
export interface CliDependencies extends DemoDependencies {
  readonly version: string;
  readonly env: Environment;
  readonly terminal: Terminal;
  readonly verify: Verify;
  startAgent(config: Config): Promise<RunningAgent>;
  /** @throws StoreError `STORE_LOCKED` while the agent runs, and as a start of the agent */
  renounceEpoch(config: Config): Promise<RenouncedEpoch>;
  /** @param directory of the keys themselves, `<dataDirectory>/keys` */
  createKeys(directory: string): Promise<PublicIdentity>;
  loadIdentity(directory: string): Promise<Identity>;
  /** @throws StoreError `STORE_LOCKED` while the agent runs, `STORE_DAMAGED` */
  openLedger(dataDirectory: string): Promise<LedgerReader>;
  /** @throws DriverError */
  readMeter(target: MeterTarget): Promise<MeterReadOut>;
  meterDefinitions(): readonly MeterDefinitionInfo[];
  agentClient(socketPath: string): ApiClient;
}
