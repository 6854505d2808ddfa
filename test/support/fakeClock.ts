/** A clock that stands still until a test moves it. */
import { type UnixMs, unixMs } from "../../agent/core/units.ts";
import type { Cancel, Clock, ClockTrust } from "../../agent/ports/clock.ts";

/** 2026-01-01T00:00:00Z: a whole quarter of an hour, day and year. */
const START_MS = Date.UTC(2026, 0, 1);

type Wake = { readonly dueMs: number; readonly order: number; readonly callback: () => void };

/** Time in a test: wall and monotonic move together unless the wall clock is stepped. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  #trust: ClockTrust = "synchronised";
  #order = 0;
  readonly #wakes = new Set<Wake>();

  constructor(startMs: number = START_MS) {
    this.#wallMs = startMs;
  }

  nowMs(): UnixMs {
    return unixMs(this.#wallMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  trust(): ClockTrust {
    return this.#trust;
  }

  after(delayMs: number, callback: () => void): Cancel {
    if (!(delayMs >= 0)) throw new RangeError(`a delay is ≥ 0 ms, not ${delayMs}`);
    const wake: Wake = { dueMs: this.#monotonicMs + delayMs, order: this.#order++, callback };
    this.#wakes.add(wake);
    return () => {
      this.#wakes.delete(wake);
    };
  }

  /**
   * Lets time pass: runs what falls due in order of due time, then of request, each at its own instant, and lets
   * promises settle before, between and after. Work that callbacks schedule within the span runs too.
   *
   * @param spanMs ≥ 0
   * @throws whatever a callback throws
   */
  async advance(spanMs: number): Promise<void> {
    const endMs = this.#monotonicMs + spanMs;
    await settle();
    for (let wake = this.#nextUntil(endMs); wake !== undefined; wake = this.#nextUntil(endMs)) {
      this.#wakes.delete(wake);
      this.#moveTo(wake.dueMs);
      wake.callback();
      await settle();
    }
    this.#moveTo(endMs);
  }

  /** @returns how many callbacks are still to come: 0 after everything was cancelled */
  pendingCount(): number {
    return this.#wakes.size;
  }

  /** @param offsetMs steps the wall clock, either way, as NTP may; the monotonic clock does not notice */
  stepWall(offsetMs: number): void {
    this.#wallMs += offsetMs;
  }

  setTrust(trust: ClockTrust): void {
    this.#trust = trust;
  }

  #nextUntil(endMs: number): Wake | undefined {
    return [...this.#wakes]
      .filter((wake) => wake.dueMs <= endMs)
      .sort((left, right) => left.dueMs - right.dueMs || left.order - right.order)[0];
  }

  #moveTo(instantMs: number): void {
    this.#wallMs += instantMs - this.#monotonicMs;
    this.#monotonicMs = instantMs;
  }
}

/** One turn of the event loop: every promise that can settle without I/O has settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
