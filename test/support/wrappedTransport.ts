/** A transport that passes everything on, but for what a test puts in the way. */
import type { Transport } from "../../agent/ports/transport.ts";

/** @param transport what it passes on to @param changes what it does itself @returns the wrapped transport */
export function wrappedTransport(transport: Transport, changes: Partial<Transport>): Transport {
  return {
    maxAnswerBytes: transport.maxAnswerBytes,
    start: (judge) => transport.start(judge),
    stop: () => transport.stop(),
    publish: (channel, bytes) => transport.publish(channel, bytes),
    request: (peerId, bytes, limits) => transport.request(peerId, bytes, limits),
    setRoster: (roster) => transport.setRoster(roster),
    serve: (handler) => transport.serve(handler),
    peers: () => transport.peers(),
    counters: () => transport.counters(),
    refusals: () => transport.refusals(),
    ...changes,
  };
}
