/** A gateway that answers requests for what others lack with something else, for the tests. */

import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { encodeSyncAnswer, readSyncAnswer, type SyncAnswer } from "../../agent/core/wire/syncAnswer.ts";
import type { Transport } from "../../agent/ports/transport.ts";

/** What becomes of an answer; null breaks it off. */
export type Lie = (answer: SyncAnswer) => SyncAnswer | Uint8Array | null;

/**
 * @param transport the honest one
 * @param context of the street
 * @param lie asked for each answer; null for one that answers honestly
 * @returns a transport that is honest in everything else
 */
export function lyingPeer(transport: Transport, context: () => LedgerContext, lie: Lie | null): Transport {
  const { maxAnswerBytes } = transport;
  return {
    start: (judge) => transport.start(judge),
    stop: () => transport.stop(),
    setRoster: (roster) => transport.setRoster(roster),
    peers: () => transport.peers(),
    counters: () => transport.counters(),
    refusals: () => transport.refusals(),
    publish: (channel, bytes) => transport.publish(channel, bytes),
    maxAnswerBytes,
    request: (peerId, bytes, limits) => transport.request(peerId, bytes, limits),
    serve: (handler) =>
      transport.serve(
        lie === null
          ? handler
          : async (request) => {
              const answer = await handler(request);
              if (answer === null) return null;
              const { chainId } = context().roster;
              const read = readSyncAnswer(answer, chainId, maxAnswerBytes);
              if (read.kind !== "accept") throw new Error(read.code);
              const lied = lie(read.value);
              return lied === null || lied instanceof Uint8Array ? lied : encodeSyncAnswer(lied, chainId);
            },
      ),
  };
}
