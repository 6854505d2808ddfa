/**
 * Follows the ledger for any number of clients. Each client is a cursor, not a queue: a slow one costs
 * nothing and misses nothing, because what it has not seen is read from the ledger when it is ready.
 */
import type { Hash } from "../../core/hash.ts";
import { type Height, height } from "../../core/units.ts";
import type { AgentView } from "../../ports/agentView.ts";

/** One committed block, or a sign of life while there is none. */
export type FeedEvent =
  | { readonly kind: "commit"; readonly height: Height; readonly blockHash: Hash }
  | { readonly kind: "heartbeat" };

/** Owns the subscription to the agent's commits. */
export class CommitFeed {
  readonly #view: AgentView;
  readonly #heartbeatMs: number;
  readonly #wakers = new Set<() => void>();
  #head = 0;
  #isStopped = false;
  #unsubscribe: () => void = () => {};

  constructor(view: AgentView, heartbeatMs: number) {
    this.#view = view;
    this.#heartbeatMs = heartbeatMs;
  }

  start(): void {
    this.#unsubscribe = this.#view.onCommit((committed) => {
      this.#head = Math.max(this.#head, committed);
      this.#wake();
    });
  }

  /** Ends every {@link follow}. */
  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    this.#wake();
  }

  /**
   * @param after height the client has seen; null for what is committed from now on
   * @param signal ends it
   * @returns every later commit in order, without a gap, until {@link stop}
   */
  async *follow(after: Height | null, signal: AbortSignal): AsyncGenerator<FeedEvent, void> {
    const { ledger } = await this.#view.status();
    this.#head = Math.max(this.#head, ledger.height);
    let seen: number = after ?? this.#head;
    yield { kind: "heartbeat" };
    while (!this.#isStopped && !signal.aborted) {
      if (seen >= this.#head) {
        if (!(await this.#nextCommit(signal))) yield { kind: "heartbeat" };
        continue;
      }
      const next = height(seen + 1);
      const block = await this.#view.block(next);
      if (block === null) return;
      seen = next;
      yield { kind: "commit", height: next, blockHash: block.blockHash };
    }
  }

  /** @returns false when it was time for a heartbeat instead */
  #nextCommit(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isWoken: boolean) => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve(isWoken);
      };
      const wake = () => end(true);
      const timer = setTimeout(() => end(false), this.#heartbeatMs);
      this.#wakers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
