/** What a simulation runs on: events in the order of a simulated clock, and numbers drawn from a seed. */

type Event = { readonly atMs: number; readonly run: () => void };

/** Events by time, equals in the order they were set. */
export class SimSchedule {
  readonly #events: Event[] = [];
  #nowMs = 0;

  /** The simulated clock in ms, from 0. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** @param delayMs from now, ≥ 0 @param run what happens then */
  after(delayMs: number, run: () => void): void {
    const atMs = this.#nowMs + delayMs;
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#events[middle];
      if (other !== undefined && other.atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { atMs, run });
  }

  /** Runs the next event. @returns false when there is none */
  step(): boolean {
    const next = this.#events.shift();
    if (next === undefined) return false;
    this.#nowMs = next.atMs;
    next.run();
    return true;
  }
}

/** @param seed any integer @returns numbers in [0, 1), the same for the same seed @source mulberry32 by Tommy Ettinger */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param items to put into an order @param random numbers in [0, 1) @returns the items in a drawn order */
export function shuffle<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, draw: random() }))
    .sort((left, right) => left.draw - right.draw)
    .map(({ item }) => item);
}
