/**
 * Follows the street's commits through the local API of every living gateway, so that the end of any one
 * of them ends nothing. A height is told once all living gateways have it, or after a bounded wait.
 */
import { setMaxListeners } from "node:events";
import type { Hash } from "../core/hash.ts";
import { type Height, height as heightOf } from "../core/units.ts";
import type { IntervalView, StatusView } from "../ports/agentView.ts";

/** How long one gateway may take to answer in ms before another one is asked. */
const ANSWER_LIMIT_MS = 2_000;
/** Pause in ms before a broken stream of commits is opened again. */
const RECONNECT_MS = 250;
/** Pause in ms between two questions whether a gateway is up. */
const READY_POLL_MS = 150;

/** One commit of one gateway. */
export type FollowedCommit = { readonly height: Height; readonly blockHash: Hash };

/** What following asks of a gateway's local API. */
export interface FollowedGateway {
  status(): Promise<StatusView>;
  intervals(height: Height): Promise<readonly IntervalView[] | null>;
  commits(options: { after: Height; signal: AbortSignal }): AsyncIterable<FollowedCommit>;
}

/** One committed interval, with the heads of the gateways that have its height. */
export type FollowedInterval = {
  readonly view: IntervalView;
  readonly heads: Readonly<Record<string, Hash>>;
};

/** Settings of a {@link DemoFollower}. */
export type FollowOptions = {
  /** Longest wait in ms for the other gateways after the first one has a height. */
  readonly agreementWaitMs: number;
  /** Longest time in ms without a commit before `onStall` is called, once per standstill. */
  readonly stallAfterMs: number;
  readonly onStall: (silentMs: number) => void;
};

/** Owns one stream of commits per gateway. */
export class DemoFollower {
  readonly #gateways: Map<string, FollowedGateway>;
  readonly #options: FollowOptions;
  readonly #aborter = new AbortController();
  readonly #heads = new Map<number, Map<string, Hash>>();
  readonly #deadlines = new Map<number, number>();
  #told = 0;
  #wake: () => void = () => {};

  constructor(gateways: ReadonlyMap<string, FollowedGateway>, options: FollowOptions) {
    this.#gateways = new Map(gateways);
    this.#options = options;
    allowListeners(this.#aborter.signal);
  }

  /** Opens the streams. */
  start(): void {
    for (const [name, gateway] of this.#gateways) void this.#follow(name, gateway);
  }

  /** Ends the streams, and {@link intervals} with them. */
  stop(): void {
    this.#aborter.abort();
    this.#wake();
  }

  /** @param name a gateway that has ended: nobody waits for it any more */
  drop(name: string): void {
    this.#gateways.delete(name);
    this.#wake();
  }

  /** @returns every committed interval in order, until {@link stop} or until no gateway is left */
  async *intervals(): AsyncGenerator<FollowedInterval, void> {
    while (await this.#isNextHeightDue()) {
      const height = heightOf(this.#told + 1);
      const views = await this.#ask(height);
      if (views === null) {
        await pause(RECONNECT_MS, this.#aborter.signal);
        continue;
      }
      const heads = this.#headsAt(height);
      this.#told = height;
      this.#heads.delete(height);
      this.#deadlines.delete(height);
      for (const view of views) yield { view, heads };
    }
  }

  async #isNextHeightDue(): Promise<boolean> {
    let silentSinceMs = performance.now();
    while (!this.#aborter.signal.aborted && this.#gateways.size > 0) {
      const nowMs = performance.now();
      const waitMs = this.#waitForNextMs(nowMs);
      if (waitMs <= 0) return true;
      if (nowMs - silentSinceMs >= this.#options.stallAfterMs) {
        this.#options.onStall(nowMs - silentSinceMs);
        silentSinceMs = Number.POSITIVE_INFINITY;
      }
      const stallInMs = silentSinceMs + this.#options.stallAfterMs - nowMs;
      await this.#change(Math.min(waitMs, Math.max(stallInMs, 1)));
    }
    return false;
  }

  #waitForNextMs(nowMs: number): number {
    const height = this.#told + 1;
    const deadlineMs = this.#deadlines.get(height);
    if (deadlineMs === undefined) return Number.POSITIVE_INFINITY;
    const holders = this.#heads.get(height);
    const areAllThere = [...this.#gateways.keys()].every((name) => holders?.has(name));
    return areAllThere ? 0 : deadlineMs - nowMs;
  }

  async #change(limitMs: number): Promise<void> {
    const waiter = new AbortController();
    this.#wake = () => waiter.abort();
    await pause(Math.min(limitMs, 2 ** 31 - 1), waiter.signal);
    this.#wake = () => {};
  }

  async #follow(name: string, gateway: FollowedGateway): Promise<void> {
    const { signal } = this.#aborter;
    let after = heightOf(0);
    while (!signal.aborted && this.#gateways.has(name)) {
      try {
        for await (const commit of gateway.commits({ after, signal })) {
          this.#note(name, commit);
          after = commit.height;
        }
      } catch {
        // A gateway that ended, or is about to: the supervisor tells of it.
      }
      await pause(RECONNECT_MS, signal);
    }
  }

  #note(name: string, { height, blockHash }: FollowedCommit): void {
    if (height <= this.#told) return;
    const holders = this.#heads.get(height) ?? new Map<string, Hash>();
    this.#heads.set(height, holders.set(name, blockHash));
    if (!this.#deadlines.has(height)) {
      this.#deadlines.set(height, performance.now() + this.#options.agreementWaitMs);
    }
    this.#wake();
  }

  #headsAt(height: Height): Readonly<Record<string, Hash>> {
    const heads = [...(this.#heads.get(height) ?? [])].filter(([name]) => this.#gateways.has(name));
    return Object.fromEntries(heads.sort(([left], [right]) => compareNames(left, right)));
  }

  async #ask(height: Height): Promise<readonly IntervalView[] | null> {
    const holders = this.#heads.get(height) ?? new Map<string, Hash>();
    for (const [name, gateway] of this.#gateways) {
      if (!holders.has(name)) continue;
      const views = await within(ANSWER_LIMIT_MS, gateway.intervals(height)).catch(() => null);
      if (views !== null) return views;
    }
    return null;
  }
}

/**
 * Waits until every gateway answers.
 *
 * @param gateways by name
 * @param limitMs longest wait
 * @param signal ends the wait at once
 * @returns the names of those that have not answered; empty when the street is up
 */
export async function silentGateways(
  gateways: ReadonlyMap<string, FollowedGateway>,
  limitMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  allowListeners(signal);
  const deadlineMs = performance.now() + limitMs;
  const silent = new Set(gateways.keys());
  const ask = async (name: string, gateway: FollowedGateway) => {
    while (!signal.aborted && performance.now() < deadlineMs) {
      const isUp = await within(ANSWER_LIMIT_MS, gateway.status()).then(
        () => true,
        () => false,
      );
      if (isUp) {
        silent.delete(name);
        return;
      }
      await pause(READY_POLL_MS, signal);
    }
  };
  await Promise.all([...gateways].map(([name, gateway]) => ask(name, gateway)));
  return [...silent];
}

/** @param delayMs how long @param signal ends it early @returns when either has happened */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
  });
}

/** Each gateway listens for the end; by default Node takes more than ten for a leak. */
function allowListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal);
}

function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException("no answer", "TimeoutError")), limitMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** `dep2` stands before `dep10`. */
function compareNames(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
