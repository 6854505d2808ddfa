/** The committed chain of a simulated gateway, on its disk and in its memory. */
import { type ChainEntry, verifyNext } from "../../agent/core/ledger/chain/chain.ts";
import {
  contextAt,
  contextOfNext,
  genesisState,
  type LedgerContext,
  opensEpoch,
} from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import { type Height, height } from "../../agent/core/units.ts";
import type { SimFile } from "./disk.ts";

/** What the product's ledger service is to the rest, without promises. */
export class SimLedger {
  readonly #context: LedgerContext;
  readonly #file: SimFile<ChainEntry>;
  state: LedgerState;
  #headCertificate: Uint8Array | null = null;
  readonly #listeners = new Set<(entry: ChainEntry) => void>();

  constructor(context: LedgerContext, file: SimFile<ChainEntry>) {
    this.#context = context;
    this.#file = file;
    this.state = genesisState(context);
  }

  /** Verifies the stored chain from the genesis. @returns what does not hold, or null */
  open(): string | null {
    for (const entry of this.#file.read().records) {
      const verified = verifyNext(this.#context, this.state, entry);
      if (verified.kind !== "accept") return `height ${entry.height}: ${verified.code}`;
      this.state = verified.value.state;
      this.#headCertificate = entry.certificate;
    }
    return null;
  }

  /** What decided the head; null where an epoch begins. */
  get headCertificate(): Uint8Array | null {
    return opensEpoch(this.#context, height(this.state.height + 1)) ? null : this.#headCertificate;
  }

  contextAt(at: Height): LedgerContext {
    return contextAt(this.#context, this.state, at);
  }

  get next(): LedgerContext {
    return contextOfNext(this.#context, this.state);
  }

  /** First half of a commit: written, not yet durable. */
  write(entry: ChainEntry): void {
    this.#file.append(entry);
  }

  /** Second half: durable, then visible. */
  commit(entry: ChainEntry, state: LedgerState): void {
    this.#file.sync();
    this.state = state;
    this.#headCertificate = entry.certificate;
    for (const listener of this.#listeners) listener(entry);
  }

  /** @param listener called after each commit with its block @returns stops the calls */
  onCommit(listener: (entry: ChainEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @returns the block of that height, if it is committed here */
  block(at: number): ChainEntry | undefined {
    return at <= this.state.height ? this.#file.read().records[at - 1] : undefined;
  }
}
