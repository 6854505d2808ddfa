/** What the gateways tell over their local API while they come and go: who committed what, and when. */
import { agentClient } from "../../agent/adapters/http/client.ts";
import { pause } from "../../agent/cli/demoFollow.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { type Height, height as heightOf } from "../../agent/core/units.ts";
import type { StatusView } from "../../agent/ports/agentView.ts";
import type { GatewayProcess } from "./gatewayProcess.ts";

/** Pause in ms before a stream that ended is opened again. */
const RECONNECT_MS = 200;
/** Pause in ms between two questions to the same gateway. */
const POLL_MS = 200;

/** One commit as one gateway told it. */
export type ToldCommit = {
  readonly gateway: string;
  readonly height: Height;
  readonly blockHash: Hash;
  /** Unix ms at which it was heard. */
  readonly heardAtMs: number;
};

/** Owns one stream of commits per gateway, across all of its lives. */
export class CommitWatch {
  readonly #gateways: readonly GatewayProcess[];
  readonly #onCommit: (commit: ToldCommit) => void;
  readonly #known: ReadonlyMap<string, number>;
  readonly #aborter = new AbortController();
  readonly #heads = new Map<string, ToldCommit>();
  readonly #told: ToldCommit[] = [];

  /**
   * @param gateways asked
   * @param onCommit hears of each commit
   * @param known heights of their ledgers before the first start, by name; nothing is told of what lies below
   */
  constructor(
    gateways: readonly GatewayProcess[],
    onCommit: (commit: ToldCommit) => void,
    known: ReadonlyMap<string, number> = new Map(),
  ) {
    this.#gateways = gateways;
    this.#onCommit = onCommit;
    this.#known = known;
  }

  /** Opens the streams. */
  start(): void {
    for (const gateway of this.#gateways) void this.#follow(gateway);
  }

  /** Ends the streams. */
  stop(): void {
    this.#aborter.abort();
  }

  /** Every commit heard, in order of hearing. */
  get told(): readonly ToldCommit[] {
    return this.#told;
  }

  /** @returns the highest height told by anyone, or known before; else 0 */
  highest(): number {
    return Math.max(0, ...this.#gateways.map(({ name }) => this.heightOf(name)));
  }

  /** @param gateway its name @returns the highest height it told, or known before; else 0 */
  heightOf(gateway: string): number {
    return this.#heads.get(gateway)?.height ?? this.#known.get(gateway) ?? 0;
  }

  async #follow(gateway: GatewayProcess): Promise<void> {
    const { signal } = this.#aborter;
    const client = agentClient(gateway.place.socketPath);
    while (!signal.aborted) {
      try {
        const after = heightOf(this.heightOf(gateway.name));
        for await (const commit of client.commits({ after, signal })) this.#note(gateway.name, commit);
      } catch {
        // It is down, or was killed while it told: it is asked again.
      }
      await pause(RECONNECT_MS, signal);
    }
  }

  #note(gateway: string, commit: { readonly height: Height; readonly blockHash: Hash }): void {
    const told = { ...commit, gateway, heardAtMs: Date.now() };
    this.#heads.set(gateway, told);
    this.#told.push(told);
    this.#onCommit(told);
  }
}

/** @param gateway asked once @returns what it says; null when it does not answer */
export async function statusOf(gateway: GatewayProcess): Promise<StatusView | null> {
  return agentClient(gateway.place.socketPath, { timeoutMs: 2_000 })
    .status()
    .catch(() => null);
}

/**
 * Asks all gateways again and again.
 *
 * @param gateways asked
 * @param holds of their answers, null for none
 * @param limitMs when to give up
 * @param signal ends the wait
 * @returns ms until it held, and the answers; `afterMs` null when it never did
 */
export async function untilStatuses(
  gateways: readonly GatewayProcess[],
  holds: (statuses: readonly (StatusView | null)[]) => boolean,
  limitMs: number,
  signal: AbortSignal,
): Promise<{ readonly afterMs: number | null; readonly statuses: readonly (StatusView | null)[] }> {
  const startedMs = performance.now();
  for (;;) {
    const statuses = await Promise.all(gateways.map(statusOf));
    const afterMs = performance.now() - startedMs;
    if (holds(statuses)) return { afterMs, statuses };
    if (afterMs > limitMs || signal.aborted) return { afterMs: null, statuses };
    await pause(POLL_MS, signal);
  }
}
