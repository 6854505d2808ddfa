/** Where a command gets blocks from: the store on disk, or the agent that holds it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { isAgentError } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { type Height, height } from "../core/units.ts";
import type { FrameSet } from "../ports/frameStore.ts";
import type { StoredBlock } from "../ports/ledgerStore.ts";
import { CliError } from "./cliError.ts";
import type { CliDependencies, LedgerReader } from "./dependencies.ts";

/** The newest block of a source, and the one that its chain begins with; null when nothing is committed yet. */
export type SourceHead = {
  readonly height: Height;
  readonly blockHash: Hash;
  /** 0 for the genesis. */
  readonly base: number;
} | null;

/** A ledger that can be read. */
export type LedgerSource = {
  readonly kind: "store" | "agent";
  /** State and outbox on disk; null when an agent holds them. */
  readonly reader: LedgerReader | null;
  head(): Promise<SourceHead>;
  block(at: Height): Promise<StoredBlock | null>;
  frames(framesHash: Hash): Promise<FrameSet | null>;
  close(): Promise<void>;
};

/** Which of the two is asked first. A store that a command holds cannot be opened by an agent that starts. */
export type SourceOrder = "store-first" | "agent-first";

/**
 * @param config of the gateway
 * @param order which of store and agent is asked first
 * @param dependencies of the composition root
 * @returns the ledger; to be closed
 * @throws CliError `LEDGER_ABSENT`; StoreError `STORE_LOCKED` when the agent that holds it does not answer
 */
export async function openLedgerSource(
  config: Config,
  order: SourceOrder,
  dependencies: CliDependencies,
): Promise<LedgerSource> {
  if (order === "agent-first") {
    const source = agentSource(config, dependencies);
    const isReachable = await source.head().then(
      () => true,
      (error) => (hasCode(error, "API_UNREACHABLE") ? false : rethrow(error)),
    );
    return isReachable ? source : storeSource(config, dependencies);
  }
  return storeSource(config, dependencies).catch(async (locked) => {
    if (!hasCode(locked, "STORE_LOCKED")) throw locked;
    const source = agentSource(config, dependencies);
    await source.head().catch((error) => rethrow(hasCode(error, "API_UNREACHABLE") ? locked : error));
    return source;
  });
}

async function storeSource(config: Config, dependencies: CliDependencies): Promise<LedgerSource> {
  const { dataDirectory } = config;
  if (!existsSync(join(dataDirectory, "ledger"))) throw new CliError("LEDGER_ABSENT", { dataDirectory });
  const reader = await dependencies.openLedger(dataDirectory);
  return {
    kind: "store",
    reader,
    head: async () => {
      const head = await reader.head();
      return head === null ? null : { ...head, base: reader.base };
    },
    block: (at) => reader.block(at),
    frames: (framesHash) => reader.frames(framesHash),
    close: () => reader.close(),
  };
}

function agentSource(config: Config, dependencies: CliDependencies): LedgerSource {
  const client = dependencies.agentClient(config.api.socket);
  return {
    kind: "agent",
    reader: null,
    head: async () => {
      const { ledger } = await client.status();
      if (ledger.height === 0) return null;
      return { height: height(ledger.height), blockHash: ledger.head, base: ledger.base };
    },
    block: (at) => client.block(at),
    frames: (framesHash) => client.frames(framesHash),
    close: async () => {},
  };
}

function hasCode(error: unknown, code: string): boolean {
  return isAgentError(error) && error.code === code;
}

function rethrow(error: unknown): never {
  throw error;
}
