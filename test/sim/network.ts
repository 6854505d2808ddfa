/** The simulated network: what is lost, late, twice or cut, as the scenario says. */
import type { Draw } from "./draw.ts";
import type { Scenario } from "./scenario.ts";

/** How long a slow message takes at most, in ms. */
const SLOWEST_MS = 4_000;

/** Says of each message when it arrives, if at all. */
export class SimNetwork {
  readonly #scenario: Scenario;
  readonly #draw: Draw;
  #isHealed = false;

  constructor(scenario: Scenario, draw: Draw) {
    this.#scenario = scenario;
    this.#draw = draw;
  }

  /** From now on nothing is cut, lost or slow. */
  heal(): void {
    this.#isHealed = true;
  }

  /** @param from member @param to member @param atMs since the start @returns true when a cut lies between them */
  isCut(from: number, to: number, atMs: number): boolean {
    return this.#scenario.cuts.some(
      (cut) =>
        atMs >= cut.fromMs && atMs < cut.toMs && cut.from.has(from) && cut.to.has(to) && !this.#isOver(atMs),
    );
  }

  /** @returns delays in ms of each copy that arrives; none when the message is lost */
  delays(from: number, to: number, atMs: number): readonly number[] {
    const { delayMs, slowShare, dropShare, duplicateShare, isSteady } = this.#scenario.network;
    if (this.isCut(from, to, atMs)) return [];
    const isRough = !this.#isOver(atMs);
    if (isRough && this.#draw.chance(dropShare)) return [];
    const copies = this.#draw.chance(duplicateShare) ? 2 : 1;
    if (isSteady) return Array.from({ length: copies }, () => this.#draw.within(0.9, 1.1) * delayMs);
    return Array.from({ length: copies }, () => {
      const isSlow = isRough && this.#draw.chance(slowShare);
      return isSlow ? this.#draw.within(delayMs, SLOWEST_MS) : this.#draw.within(1, 2 * delayMs);
    });
  }

  #isOver(atMs: number): boolean {
    const hasEnd = this.#scenario.mode !== "safety";
    return this.#isHealed || (hasEnd && atMs >= this.#scenario.faultsEndMs);
  }
}
