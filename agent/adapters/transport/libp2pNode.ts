/** The libp2p stack of a gateway: TCP, Noise, Yamux, identify, ping, gossipsub. No DHT, no relay. */
import { type GossipSub, gossipsub } from "@chainsafe/libp2p-gossipsub";
import type { MetricsRegister } from "@chainsafe/libp2p-gossipsub/metrics";
import { type Identify, identify } from "@libp2p/identify";
import type { ConnectionGater, Libp2p, PrivateKey } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { type Ping, ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import { gossipOptions } from "./gossipOptions.ts";
import { type Limits, MAX_STREAMS } from "./limits.ts";

/** Answer time of a ping before a connection counts as dead; a gateway that syncs its card may pause for seconds. */
const PING_TIMEOUT_MS = 10_000;

type Services = { readonly identify: Identify; readonly ping: Ping; readonly gossip: GossipSub };

/** A node and its services. */
export type GossipNode = Libp2p<Services>;

/** What a node is made of. */
export type NodeSetup = {
  readonly privateKey: PrivateKey;
  readonly listen: readonly string[];
  readonly topics: readonly string[];
  readonly limits: Limits;
  readonly gater: Required<ConnectionGater>;
  readonly register: MetricsRegister;
};

/**
 * Builds a node that does not listen yet.
 *
 * @param setup key, addresses and bounds
 * @returns the node, not started
 */
export async function createNode(setup: NodeSetup): Promise<GossipNode> {
  const options: Libp2pOptions<Services> = {
    start: false,
    privateKey: setup.privateKey,
    addresses: { listen: [...setup.listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux(muxerOptions(setup.limits))],
    connectionGater: setup.gater,
    connectionManager: connectionOptions(setup.limits),
    connectionMonitor: { pingTimeout: { minTimeout: PING_TIMEOUT_MS } },
    services: {
      identify: identify(),
      ping: ping(),
      gossip: gossipsub(gossipOptions(setup)),
    },
  };
  return createLibp2p(options);
}

function muxerOptions(limits: Limits): Parameters<typeof yamux>[0] {
  return {
    maxInboundStreams: MAX_STREAMS,
    maxOutboundStreams: MAX_STREAMS,
    streamOptions: {
      maxStreamWindowSize: limits.streamBufferBytes,
      maxReadBufferLength: limits.streamBufferBytes,
      maxWriteBufferLength: limits.streamBufferBytes,
    },
  };
}

/** A whole street may cold-start behind one address: as many connections a second as it has gateways. */
function connectionOptions(limits: Limits): NonNullable<Libp2pOptions["connectionManager"]> {
  return {
    maxConnections: limits.maxConnections,
    maxIncomingPendingConnections: limits.maxConnections,
    inboundConnectionThreshold: limits.maxConnections,
    reconnectRetries: 0,
  };
}
