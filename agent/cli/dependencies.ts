/** What the composition root gives the commands: the agent, keys, the ledger on disk, meters, and the local API. */
import type { Environment } from "../config/load.ts";
import type { Config, LineConfig, MeterConfig } from "../config/schema.ts";
import type { Hash } from "../core/hash.ts";
import type { SignedReport } from "../core/ledger/chain/recoveryReport.ts";
import type { Verify } from "../core/signature.ts";
import type { Height } from "../core/units.ts";
import type { BidRequest, BidsView } from "../ports/bidView.ts";
import type {
  LineTestOptions,
  LineTestReport,
  ScanOptions,
  ScanReport,
  WireFrame,
} from "../ports/commissioning.ts";
import type { FrameSet } from "../ports/frameStore.ts";
import type { DsoView, EvidenceView, SwapRequest, TransactionView } from "../ports/governanceView.ts";
import type { StoredBlock, StoredChange, StoredHead, StoredSnapshot } from "../ports/ledgerStore.ts";
import type { DeviceCounters, MeterReadOut } from "../ports/meter.ts";
import type { AccountsView, PoliciesView } from "../ports/moneyView.ts";
import type { Release } from "../ports/outbox.ts";
import type { ProfilePoint, ProfileQuery } from "../ports/profileStore.ts";
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
  /** @returns the trail's entry of the lowest block above that height that has one */
  changeAbove(height: Height): Promise<StoredChange | null>;
  /** @returns what an own reading was decoded from; null when it is not kept any more */
  frames(framesHash: Hash): Promise<FrameSet | null>;
  /** @returns the newest release of the outbox, or null when there is none */
  lastRelease(): Promise<Release | null>;
  close(): Promise<void>;
}

/** One line, as it is to be opened. */
export type LineTarget = Omit<LineConfig, "meters" | "actuators">;

/** One meter on one line, as it is to be read. */
export type MeterTarget = LineTarget & Pick<MeterConfig, "definition" | "unitId" | "invert" | "timeoutMs">;

/** What a command may want to know of a line besides its meters. */
export type OpenLineOptions = {
  /** Told each frame that passes. */
  readonly onFrame?: (frame: WireFrame) => void;
};

/** A line that a command has open. */
export interface OpenLine {
  /** @throws DriverError */
  readOut(target: MeterTarget): Promise<MeterReadOut>;
  counters(target: MeterTarget): DeviceCounters;
  close(): Promise<void>;
}

/** A line that the running agent has lent. */
export type BorrowedLine = { giveBack(): Promise<void> };

/** A kind of meter, and how the factory sets it. */
export type MeterDefinitionInfo = {
  readonly id: string;
  readonly maker: string;
  readonly model: string;
  readonly status: "confirmed" | "experimental";
  /** What whoever fits this meter has to know, one sentence each. */
  readonly cautions: readonly string[];
  /** Null where no source gives the factory's settings, or the meter has no RS-485. */
  readonly factory:
    | (Pick<LineConfig, "parity" | "stopBits"> & {
        readonly baudRate: number;
        /** Undefined where it depends on the single meter. */
        readonly unitId?: number | undefined;
      })
    | null;
  /** Null where the meter has no Modbus TCP, or no source gives its settings. */
  readonly tcp: { readonly port: number; readonly unitId: number } | null;
};

/** An installer's own definition, as far as it is told about. */
export type DefinitionSummary = MeterDefinitionInfo & {
  /** Every quantity it reads. */
  readonly quantities: readonly string[];
  /** Requests for what is settled on, and for everything. */
  readonly sampleReads: number;
  readonly allReads: number;
};

/** A report, and why it does not count; null when it does. */
export type RenouncedEpoch = { readonly signed: SignedReport; readonly abstention: Abstention | null };

/** What a running agent can be asked. */
export interface ApiClient extends FollowedGateway {
  block(height: Height): Promise<StoredBlock | null>;
  frames(framesHash: Hash): Promise<FrameSet | null>;
  profile(query: ProfileQuery): Promise<readonly ProfilePoint[] | null>;
  dso(): Promise<DsoView>;
  evidence(): Promise<readonly EvidenceView[]>;
  policies(): Promise<PoliciesView>;
  accounts(): Promise<AccountsView>;
  /** @param candidate name of a voter; null takes the ballot back */
  castBallot(candidate: string | null): Promise<TransactionView>;
  bids(): Promise<BidsView>;
  /** @param request what this gateway is to bid @throws ApiError `API_REFUSED` when it would have no effect */
  placeBid(request: BidRequest): Promise<TransactionView>;
  swapMeter(request: SwapRequest): Promise<TransactionView>;
  /** @param transaction signed, as encoded */
  submit(transaction: Uint8Array): Promise<TransactionView>;
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
  /** @throws DriverError `DRIVER_PORT_OPEN` */
  openLine(line: LineTarget, options: OpenLineOptions): Promise<OpenLine>;
  scanLine(options: ScanOptions): Promise<ScanReport>;
  testLine(options: LineTestOptions): Promise<LineTestReport>;
  /** @returns null when no agent runs there, or it has no such line @throws ApiError `API_LINE_LENT` */
  borrowLine(socketPath: string, port: string): Promise<BorrowedLine | null>;
  meterDefinitions(): readonly MeterDefinitionInfo[];
  /** @param path of a YAML file @throws ConfigError `DEFINITION_…` */
  readDefinition(path: string): DefinitionSummary;
  definitionJsonSchema(): object;
  agentClient(socketPath: string): ApiClient;
}
