/** A transport that reaches nobody and remembers what it was to publish. */
import type { Channel, GossipCounters, PeerStatus, Transport } from "../../agent/ports/transport.ts";

const NONE = { accept: 0, ignore: 0, reject: 0 };

/** Of a gateway that is alone. */
export class SilentTransport implements Transport {
  readonly maxAnswerBytes = 262_144;
  readonly #published: { readonly channel: Channel; readonly bytes: Uint8Array }[] = [];

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  async publish(channel: Channel, bytes: Uint8Array): Promise<number> {
    this.#published.push({ channel, bytes });
    return 0;
  }

  request(): Promise<Uint8Array> {
    return Promise.reject(new Error("nobody is reached"));
  }

  serve(): void {}

  setRoster(): void {}

  peers(): readonly PeerStatus[] {
    return [];
  }

  counters(): GossipCounters {
    return { readings: NONE, transactions: NONE, votes: NONE };
  }

  refusals(): Readonly<Record<string, number>> {
    return {};
  }

  /** @param channel asked for @returns what was published on it */
  published(channel: Channel): readonly Uint8Array[] {
    return this.#published.filter((one) => one.channel === channel).map(({ bytes }) => bytes);
  }
}
