/** A gateway of a street in memory whose ledger is a real LevelDB, and whose lives follow each other as the product's do. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { ledgersSetAside, setAside } from "../../agent/adapters/store/quarantine.ts";
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";
import { type LifeStart, type RunningLives, startLives } from "../../agent/services/lives.ts";
import { MemoryStreet, type StreetOptions } from "./memoryStreet.ts";

/** Which gateway of the street it is. */
export const LEVEL_GATEWAY = "dep1";
/** Fake time between two looks at the real disk. */
const STEP_MS = 25;

/** A street of which one gateway has a real ledger. */
export class LevelStreet {
  readonly street: MemoryStreet;
  readonly directory: string;
  /** What stands between the agent and its store; set by a test. */
  wrap: (store: LedgerStore) => LedgerStore = (store) => store;
  #store: LedgerStore | null = null;
  #setAside = 0;
  #start: LifeStart | null = null;

  /** @param parent a directory of the test @param options of the street */
  constructor(parent: string, options: StreetOptions) {
    this.directory = join(parent, "ledger");
    this.street = new MemoryStreet({
      ...options,
      wrapStore: (name, store) => (name === LEVEL_GATEWAY && this.#store !== null ? this.#store : store),
      ledgersSetAside: (name) => (name === LEVEL_GATEWAY ? this.#setAside : 0),
      onFault: (name, error) => {
        if (name === LEVEL_GATEWAY) this.#start?.onFault(error);
      },
    });
  }

  get gateway() {
    return this.street.gateway(LEVEL_GATEWAY);
  }

  /** Starts the gateway as the composition root does. */
  begin(): Promise<RunningLives> {
    return startLives({
      begin: (start) => this.#begin(start),
      setAside: () => setAside(this.directory, this.street.clock.nowMs()),
      logger: this.gateway.log,
    });
  }

  /** Lets time pass slowly enough for a real disk. */
  async pass(fakeMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < fakeMs; passedMs += STEP_MS) {
      await this.street.clock.advance(STEP_MS);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** @returns names of the ledgers that were set aside */
  aside(): Promise<readonly string[]> {
    return ledgersSetAside(this.directory);
  }

  async #begin(start: LifeStart): Promise<() => Promise<void>> {
    await mkdir(join(this.directory, ".."), { recursive: true });
    const store = await openStore(this.directory);
    this.#store = this.wrap(store);
    this.#setAside = (await this.aside()).length;
    this.#start = start;
    try {
      await this.street.restart(LEVEL_GATEWAY);
    } catch (error) {
      await store.close();
      throw error;
    }
    const { agent } = this.gateway;
    return async () => {
      await agent.stop();
      await store.close();
    };
  }
}
