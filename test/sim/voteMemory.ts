/**
 * What a gateway knows of its own votes after a restart: the votes of the running height, from its journal.
 * A model of the vote journal's reader behind one function, so that the product's can take its place.
 *
 * @source docs/protocol.md, "What an honest voter keeps to"
 */
import { startInstance } from "../../agent/core/consensus/instance.ts";
import type { InstanceConfig, InstanceState } from "../../agent/core/consensus/instanceState.ts";
import type { Message, PreparedCertificate } from "../../agent/core/consensus/message.ts";

/** A vote as the journal keeps it: written before it is sent, with what a COMMIT rests on. */
export type VoteRecord = {
  readonly message: Message;
  /** As published: sent again as they are, never signed again. */
  readonly wire: Uint8Array;
  readonly rest: { readonly body: Uint8Array; readonly prepared: PreparedCertificate } | null;
};

/**
 * Takes up a height where the journal left it: the round, what was sent in it, and what was prepared.
 *
 * @param config of the height
 * @param records of this gateway, in the order written
 * @returns the instance before it hears of its own votes again
 */
export function resumedInstance(config: InstanceConfig, records: readonly VoteRecord[]): InstanceState {
  let state = startInstance(config);
  for (const { message, rest } of records) {
    if (message.height !== config.height) continue;
    if (message.kind === "round-change") {
      state = { ...state, round: message.round, sentInRound: new Set() };
      continue;
    }
    if (message.round === state.round)
      state = { ...state, sentInRound: new Set(state.sentInRound).add(message.kind) };
    if (rest === null) continue;
    const bodies = new Map(state.bodies).set(rest.prepared.blockHash, rest.body);
    state = { ...state, prepared: rest.prepared, bodies };
  }
  return state;
}
