/** When each proposal came first, before it waited for anything: what its completeness is judged by. */
import type { Message } from "../../core/consensus/message.ts";
import type { Hash } from "../../core/hash.ts";
import type { Clock } from "../../ports/clock.ts";

/** Arrivals on the monotonic clock. */
export type ProposalArrivals = {
  /** Notes a message, if it is a proposal. */
  readonly note: (message: Message) => void;
  /** @returns when a block was first proposed here; now, if it was not */
  readonly ofBlockMs: (blockHash: Hash) => number;
};

/** Proposals that are remembered: those of a few rounds of the running height and the next. */
const PROPOSALS_KEPT = 32;

/** @param clock of the gateway @returns nothing noted yet */
export function proposalArrivals(clock: Pick<Clock, "monotonicMs">): ProposalArrivals {
  const arrivedMs = new Map<Hash, number>();
  return {
    note: (message) => {
      if (message.kind !== "proposal" || arrivedMs.has(message.blockHash)) return;
      arrivedMs.set(message.blockHash, clock.monotonicMs());
      const [oldest] = arrivedMs.keys();
      if (arrivedMs.size > PROPOSALS_KEPT && oldest !== undefined) arrivedMs.delete(oldest);
    },
    ofBlockMs: (blockHash) => arrivedMs.get(blockHash) ?? clock.monotonicMs(),
  };
}
