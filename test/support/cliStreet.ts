/** A data directory with the genesis and the ledger of a street that really agreed, for the commands that read it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StoreError } from "../../agent/adapters/store/storeError.ts";
import type { ApiClient, LedgerReader } from "../../agent/cli/dependencies.ts";
import { AgentError } from "../../agent/core/errors.ts";
import { encodeGenesis } from "../../agent/core/membership/genesis.ts";
import type { FrameStore } from "../../agent/ports/frameStore.ts";
import type { Release } from "../../agent/ports/outbox.ts";
import { type CliOverrides, writeConfig } from "./cliWorld.ts";
import { memoryFrames } from "./memoryFrames.ts";
import { memoryStore, type StoreDisk } from "./memoryStore.ts";
import { MemoryStreet } from "./memoryStreet.ts";
import { signPolicy, testPolicy } from "./testPolicy.ts";

/** The ledger of one gateway, and what its surroundings are like. */
export type CliStreet = {
  readonly street: MemoryStreet;
  readonly disk: StoreDisk;
  release: Release | null;
};

/** @returns two gateways after five intervals, in each of which dep1 sold 300 Wh to dep2 */
export async function agreedStreet(): Promise<CliStreet> {
  const street = new MemoryStreet({
    gateways: 2,
    policiesFrom: (first) => [signPolicy(testPolicy(first))],
  });
  await street.start();
  await street.pass(6, { dep1: [500, 200], dep2: [0, 400] });
  await street.stop();
  const { storeDisk: disk, outboxDisk } = street.gateway("dep1");
  if (disk.blocks.length < 4) throw new Error(`only ${disk.blocks.length} blocks`);
  return { street, disk, release: outboxDisk.lastRelease };
}

/** @param agreed a street @param directory for the files @returns the data directory, with a started ledger in it */
export async function writeStreet({ street }: CliStreet, directory: string): Promise<string> {
  await writeConfig(directory);
  await mkdir(join(directory, "ledger"));
  await writeFile(join(directory, "genesis.cbor"), encodeGenesis(street.genesis));
  return directory;
}

/** @param agreed a street @returns a disk with the same bytes, to be spoilt */
export function copyOf({ disk }: CliStreet): StoreDisk {
  return {
    blocks: disk.blocks.map((block) => ({
      ...block,
      block: Uint8Array.from(block.block),
      certificate: Uint8Array.from(block.certificate),
    })),
    state: Uint8Array.from(disk.state),
  };
}

/** @param disk of a stopped agent @param release of its outbox @param frames it kept @returns dependencies that read it, and how many are open */
export function stopped(
  disk: StoreDisk,
  release: Release | null,
  frames: FrameStore = memoryFrames(),
): CliOverrides & { open(): number } {
  let opened = 0;
  return {
    open: () => opened,
    openLedger: async (): Promise<LedgerReader> => {
      const store = memoryStore(disk);
      opened += 1;
      return {
        base: store.base,
        head: () => store.head(),
        block: (at) => store.block(at),
        snapshot: (at) => store.snapshot(at),
        changeAbove: (at) => store.changeAbove(at),
        frames: (framesHash) => frames.find(framesHash),
        lastRelease: async () => release,
        close: async () => {
          opened -= 1;
          await store.close();
        },
      };
    },
  };
}

/** @param agreed a street @param disk what its agent serves @returns dependencies by which the agent answers and holds the store */
export function running(agreed: CliStreet, disk: StoreDisk = agreed.disk): CliOverrides {
  const { agent } = agreed.street.gateway("dep1");
  const never = () => Promise.reject(new AgentError("UNEXPECTED"));
  const client: ApiClient = {
    status: () => agent.status(),
    intervals: (at) => agent.intervals(at),
    block: (at) => memoryStore(disk).block(at),
    frames: (framesHash) => agent.frames(framesHash),
    dso: () => agent.governance.dso(),
    evidence: () => agent.governance.evidence(),
    policies: () => agent.money.policies(),
    accounts: () => agent.money.accounts(),
    castBallot: never,
    bids: never,
    placeBid: never,
    swapMeter: never,
    profile: never,
    submit: never,
    commits: () => {
      throw new AgentError("UNEXPECTED");
    },
  };
  return {
    openLedger: () => Promise.reject(new StoreError("STORE_LOCKED", { directory: "x" })),
    agentClient: () => client,
  };
}
