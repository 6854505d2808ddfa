/** A gateway of the roster that has gone bad: its true key, and gossipsub without our limits. */
import { type GossipSub, type GossipsubOpts, gossipsub, StrictNoSign } from "@chainsafe/libp2p-gossipsub";
import { type Identify, identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { transportKey } from "../../agent/adapters/transport/peerId.ts";

/** The topics of a street opened by `openLibp2pStreet`. */
export const TEST_TOPICS = {
  readings: "edso/1/test/readings",
  transactions: "edso/1/test/transactions",
  votes: "edso/1/test/votes",
} as const;

/** Its node, and what gossip brought it. */
export type RawGateway = {
  readonly node: Libp2p<{ gossip: GossipSub; identify: Identify }>;
  readonly received: readonly Uint8Array[];
};

/**
 * @param seat whose key it has, and where it listens
 * @param options gossipsub options that differ from "no limits"
 * @returns the node, started and subscribed
 */
export async function startRawGateway(
  seat: { readonly secretKey: Uint8Array; readonly address: string },
  options: Partial<GossipsubOpts> = {},
): Promise<RawGateway> {
  const received: Uint8Array[] = [];
  const node = await createLibp2p({
    privateKey: transportKey(seat.secretKey),
    addresses: { listen: [seat.address] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      gossip: gossipsub({
        globalSignaturePolicy: StrictNoSign,
        allowPublishToZeroTopicPeers: true,
        ...options,
      }),
    },
  });
  for (const topic of Object.values(TEST_TOPICS)) node.services.gossip.subscribe(topic);
  node.services.gossip.addEventListener("message", (event) => received.push(event.detail.data));
  return { node, received };
}
