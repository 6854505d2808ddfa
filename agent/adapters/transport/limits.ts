/**
 * Every bound of the transport, as numbers that follow from the size of the street.
 * A frame is one gossipsub RPC with its length prefix; it carries a message and what gossipsub adds to it.
 */
import type { Channel } from "../../ports/transport.ts";

/** Up to here every gateway gossips with every other. */
const FULL_MESH_GATEWAYS = 12;
/** Mesh degree of a larger street. */
const MESH_DEGREE = 8;
/** From here on a frame may be longer: a block and its certificate grow with the roster. */
const LARGE_STREET_GATEWAYS = 65;
const KIB = 1024;
/** Connections beyond one per gateway: those that cross, and those that wait to be closed. */
const SPARE_CONNECTIONS = 8;
/** What one gateway may announce within the three heartbeats of gossip, as message ids. */
const MIN_MESSAGE_IDS = 1024;
const MESSAGE_IDS_PER_GATEWAY = 16;

/** Bytes of a message id; with tag and length it costs two more in an announcement. */
export const MESSAGE_ID_BYTES = 20;
/** Streams one connection may carry in one direction: gossip, identify and ping use a handful. */
export const MAX_STREAMS = 32;
/** Inbound connections per second from a host that no roster address names; libp2p's own default. */
export const STRANGER_CONNECTIONS_PER_SECOND = 5;
/**
 * Bytes of answers that are made or wait to be taken, altogether: a sixth of what an agent may have resident. A street of
 * 17 gateways cannot meet it, were every answer as long as allowed on every stream; a larger one has room for sixteen
 * such answers.
 */
export const MAX_ANSWERS_BYTES = 16 * KIB * KIB;
/** Open connections with one gateway: one, and one more while dials cross or a dead one is not yet noticed. */
export const CONNECTIONS_PER_GATEWAY = 2;

/** The degrees of a gossipsub mesh. @source libp2p/specs, pubsub/gossipsub/gossipsub-v1.1.md, "Parameters" */
export type MeshDegrees = {
  readonly D: number;
  readonly Dlo: number;
  readonly Dhi: number;
  readonly Dout: number;
  readonly Dscore: number;
  /** True when a message goes to every neighbour rather than into the mesh. */
  readonly floodPublish: boolean;
};

/** The bounds for a street of one size. */
export type Limits = {
  readonly maxConnections: number;
  /** Longest frame that is read; a longer one breaks its stream. */
  readonly frameBytes: number;
  /** Longest message of each channel. */
  readonly messageBytes: Readonly<Record<Channel, number>>;
  /** Bytes that may wait in one stream, either way, before it is broken. */
  readonly streamBufferBytes: number;
  /** Messages or message ids one frame may hold. */
  readonly maxMessageIds: number;
  readonly mesh: MeshDegrees;
};

/**
 * Derives the bounds.
 *
 * @param gateways size of the roster, this gateway included, ≥ 1
 * @returns the bounds; a frame has room for a message of full length and two channels of announcements
 */
export function limitsOf(gateways: number): Limits {
  const frameBytes = (gateways < LARGE_STREET_GATEWAYS ? 256 : 1024) * KIB;
  return {
    maxConnections: gateways + SPARE_CONNECTIONS,
    frameBytes,
    messageBytes: { readings: frameBytes / 4, transactions: frameBytes / 4, votes: (frameBytes / 4) * 3 },
    streamBufferBytes: 4 * frameBytes,
    maxMessageIds: Math.max(MIN_MESSAGE_IDS, MESSAGE_IDS_PER_GATEWAY * gateways),
    mesh: meshOf(gateways),
  };
}

function meshOf(gateways: number): MeshDegrees {
  if (gateways > FULL_MESH_GATEWAYS) {
    return { D: MESH_DEGREE, Dlo: 6, Dhi: 12, Dout: 3, Dscore: 4, floodPublish: false };
  }
  const degree = Math.max(1, gateways - 1);
  return { D: degree, Dlo: degree, Dhi: degree + 1, Dout: 0, Dscore: degree, floodPublish: true };
}
