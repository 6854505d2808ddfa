/** What a simulation runs on: events in the order of a simulated clock, and numbers drawn from a seed. */

type Event = { readonly atMs: number; readonly number: number; readonly run: () => void };

/** Events by time, equals in the order they were set: a binary heap, since large streets have 100,000 under way. */
export class SimSchedule {
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #events = 0;

  /** The simulated clock in ms, from 0. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** @param delayMs from now, ≥ 0 @param run what happens then */
  after(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const event = { atMs: this.#nowMs + delayMs, number: this.#events, run };
    this.#events += 1;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(heap[parent]!, event)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = event;
  }

  /** Runs the next event. @returns false when there is none */
  step(): boolean {
    const [next] = this.#heap;
    const last = this.#heap.pop();
    if (next === undefined || last === undefined) return false;
    if (this.#heap.length > 0) this.#sink(last);
    this.#nowMs = next.atMs;
    next.run();
    return true;
  }

  /** Puts an event into the free place at the top, and lower until nothing below it comes first. */
  #sink(event: Event): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
      if (isBefore(event, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = event;
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.number < right.number);
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
