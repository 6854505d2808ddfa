/** Power and disks of a run: who is switched off and on again, and who never comes back. */
import type { Counts } from "./counts.ts";
import type { Draw } from "./draw.ts";
import type { Gateway } from "./gateway.ts";
import type { Crash } from "./scenario.ts";

/** What power fails with. */
export type PowerModules = {
  readonly gateways: () => readonly Gateway[];
  readonly memberOf: (gateway: Gateway) => number;
  readonly draw: Draw;
  readonly counts: Counts;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly word: (gateway: Gateway, word: string) => void;
};

/** Power of one run. */
export class Power {
  readonly #modules: PowerModules;
  readonly #retired = new Set<Gateway>();
  #isHealed = false;

  constructor(modules: PowerModules) {
    this.#modules = modules;
  }

  /** @param member whose gateways lose their power @param crash how, and for how long */
  cut(member: number, crash: Crash): void {
    const { gateways, memberOf, draw, after, word } = this.#modules;
    if (this.#isHealed) return;
    for (const gateway of gateways()) {
      if (memberOf(gateway) !== member || !gateway.isUp) continue;
      gateway.crash(crash.disk, draw);
      word(gateway, `power cut, disk ${crash.disk}`);
      after(crash.downMs, () => this.#restore(gateway));
    }
  }

  /** A gateway is taken off the wall: another one has its household. */
  retire(gateway: Gateway): void {
    this.#retired.add(gateway);
    this.switchOff(gateway);
    this.#modules.word(gateway, "is taken off the wall");
  }

  /** A gateway is gone for good, disk and all. */
  lose(gateway: Gateway): void {
    this.#retired.add(gateway);
    if (gateway.isUp) gateway.crash("wipe", this.#modules.draw);
  }

  switchOff(gateway: Gateway): void {
    if (gateway.isUp) gateway.crash("cache-only", this.#modules.draw);
  }

  /** The power stays, whatever is still planned: a recovery may be over before the faults were to end. */
  heal(): void {
    this.#isHealed = true;
  }

  /** @returns true for one that never comes back */
  isGone(gateway: Gateway): boolean {
    return this.#retired.has(gateway);
  }

  #restore(gateway: Gateway): void {
    if (gateway.isUp || this.isGone(gateway)) return;
    this.#modules.counts.restarts += 1;
    gateway.boot();
    const observes = gateway.isObserver ? ", observing" : "";
    this.#modules.word(gateway, `is back at height ${gateway.life.ledger.state.height}${observes}`);
  }
}
