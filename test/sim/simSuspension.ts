/** Somebody who would have voters suspended: asks for it at the counts that the seed has planned. */
import type { RosterChange } from "../../agent/core/membership/rosterDelta.ts";
import { simTransaction } from "./censorship.ts";
import type { Gateway } from "./gateway.ts";
import type { SimStreet } from "./street.ts";
import type { SuspensionPlan } from "./suspensionPlan.ts";

/** What suspensions are asked for with. */
export type SimSuspensionModules = {
  readonly plan: SuspensionPlan;
  readonly street: SimStreet;
  readonly gateways: readonly Gateway[];
  readonly intervalMs: number;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly word: (gateway: Gateway, word: string) => void;
};

/** Looks so often that it sees every block. */
const LOOKS_PER_INTERVAL = 4;

/** Wishes of one run. */
export class SimSuspension {
  readonly #modules: SimSuspensionModules;
  readonly #asked = new Set<string>();

  constructor(modules: SimSuspensionModules) {
    this.#modules = modules;
  }

  start(): void {
    this.#look();
    this.#modules.after(this.#modules.intervalMs / LOOKS_PER_INTERVAL, () => this.start());
  }

  #look(): void {
    const { plan, street, gateways, word } = this.#modules;
    const gateway = gateways[plan.hasty.member]!;
    if (!gateway.isAdmitted) return;
    for (const away of plan.away) {
      const member = street.members[away.member]!.id;
      const missed = gateway.life.ledger.state.absences.get(member) ?? 0;
      const wish = `${member}/${missed}`;
      if (!plan.hasty.asksAt.includes(missed) || this.#asked.has(wish)) continue;
      this.#asked.add(wish);
      const change: RosterChange = { kind: "suspend", member };
      gateway.submit((sequence) => simTransaction(gateway, sequence, { kind: "roster", change }));
      word(gateway, `asks to suspend ${street.members[away.member]!.name} after ${missed} certificates`);
    }
  }
}
