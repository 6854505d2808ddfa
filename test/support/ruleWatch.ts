/** An onlooker that sees every vote and every decision of the sound gateways, and notes what must not be. */
import type { VoterId } from "../../agent/core/consensus/candidates.ts";
import type { Message } from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import type { Height } from "../../agent/core/units.ts";

/** Faults seen so far: forks, and votes against S1 and S2. */
export class RuleWatch {
  readonly faults: string[] = [];
  readonly #decided = new Map<Height, Hash>();
  readonly #votes = new Map<string, string>();
  readonly #roundLeftFor = new Map<string, number>();

  get decidedHeights(): number {
    return this.#decided.size;
  }

  sawVote(voter: VoterId, message: Message): void {
    const place = `${voter}/${message.height}`;
    const slot = `${place}/${message.round}/${message.kind}`;
    const said = message.kind === "round-change" ? message.candidate : message.blockHash;
    if (this.#votes.has(slot)) this.faults.push(`S1: ${slot} for ${this.#votes.get(slot)} and ${said}`);
    this.#votes.set(slot, said);
    const leftFor = this.#roundLeftFor.get(place) ?? 0;
    if (message.round < leftFor) this.faults.push(`S2: ${slot} after leaving for ${leftFor}`);
    if (message.kind === "round-change") this.#roundLeftFor.set(place, message.round);
  }

  sawDecision(height: Height, blockHash: Hash): void {
    const first = this.#decided.get(height) ?? blockHash;
    if (first !== blockHash) this.faults.push(`fork at ${height}: ${first} and ${blockHash}`);
    this.#decided.set(height, first);
  }
}
