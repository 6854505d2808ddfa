/** How gossipsub is set up: the bounds, the score of a neighbour, and the name of a message. */
import { createHash } from "node:crypto";
import { type GossipsubOpts, type Message, StrictNoSign } from "@chainsafe/libp2p-gossipsub";
import type { MetricsRegister } from "@chainsafe/libp2p-gossipsub/metrics";
import { createTopicScoreParams, type PeerScoreParams } from "@chainsafe/libp2p-gossipsub/score";
import { type Limits, MESSAGE_ID_BYTES } from "./limits.ts";

/** Subscriptions and control entries of one frame; two channels need two of each, retries a few more. */
const MAX_CONTROL_ENTRIES = 16;
/** Announcements of a long message come singly. */
const MAX_IDONTWANT_IDS = 64;
/** Peer exchange is off; gossipsub's own bound for what others send regardless. */
const MAX_PEER_INFOS = 16;
/** Gossip streams of one protocol on one connection, while one is being replaced. */
const MAX_GOSSIP_STREAMS = 4;
/** Bytes of subscriptions kept for a neighbour; a topic costs its length and 1 KiB. */
const MAX_TOPIC_BYTES = 16 * 1024;
/** Broken promises of a slow but honest gateway that cost nothing. @source Ethereum consensus clients' gossipsub parameters */
const BEHAVIOUR_PENALTY_THRESHOLD = 6;
/** Fraction of an invalid-message count that is left after a second. */
const INVALID_MESSAGE_DECAY = 0.9;
const RETAIN_SCORE_MS = 600_000;

/** What gossipsub is told besides the bounds. */
export type GossipSetup = {
  readonly topics: readonly string[];
  readonly limits: Limits;
  /** Where gossipsub counts what it refused by itself. */
  readonly register: MetricsRegister;
};

/**
 * Collects the options of gossipsub.
 *
 * @param setup topics and bounds
 * @returns options; every message is unsigned at this level because readings, votes and transactions are signed
 */
export function gossipOptions(setup: GossipSetup): Partial<GossipsubOpts> {
  const { limits, topics } = setup;
  return {
    ...limits.mesh,
    allowedTopics: [...topics],
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: messageIdOf,
    emitSelf: false,
    doPX: false,
    fallbackToFloodsub: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    maxInboundDataLength: limits.frameBytes,
    maxOutboundBufferSize: limits.streamBufferBytes,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES,
    maxInboundStreams: MAX_GOSSIP_STREAMS,
    maxOutboundStreams: MAX_GOSSIP_STREAMS,
    decodeRpcLimits: decodeLimits(limits.maxMessageIds),
    scoreParams: scoreParams(topics),
    scoreThresholds: { acceptPXThreshold: Number.MAX_SAFE_INTEGER },
    metricsRegister: setup.register,
    metricsTopicStrToLabel: new Map(topics.map((topic) => [topic, topic])),
  };
}

/**
 * Names a message by its content, so that two gateways that forward the same bytes forward one message.
 *
 * @param message topic and data as received or published
 * @returns the first 20 bytes of SHA-256 over topic ‖ 0x00 ‖ data
 */
export function messageIdOf(message: Pick<Message, "topic" | "data">): Uint8Array {
  const digest = createHash("sha256")
    .update(message.topic)
    .update(Uint8Array.of(0))
    .update(message.data)
    .digest();
  return Uint8Array.prototype.slice.call(digest, 0, MESSAGE_ID_BYTES);
}

function decodeLimits(maxMessageIds: number): NonNullable<GossipsubOpts["decodeRpcLimits"]> {
  return {
    maxSubscriptions: MAX_CONTROL_ENTRIES,
    maxMessages: maxMessageIds,
    maxIhaveMessageIDs: maxMessageIds,
    maxIwantMessageIDs: maxMessageIds,
    maxIdontwantMessageIDs: MAX_IDONTWANT_IDS,
    maxControlMessages: MAX_CONTROL_ENTRIES,
    maxPeerInfos: MAX_PEER_INFOS,
  };
}

/**
 * Blames for invalid messages alone. Counting deliveries punishes slow honest gateways; counting neighbours of
 * one address starves a street behind one NAT, at 20 gateways completely and without an error.
 */
function scoreParams(topics: readonly string[]): Partial<PeerScoreParams> {
  const topic = createTopicScoreParams({
    topicWeight: 1,
    timeInMeshWeight: 0,
    firstMessageDeliveriesWeight: 0,
    meshMessageDeliveriesWeight: 0,
    meshFailurePenaltyWeight: 0,
    invalidMessageDeliveriesWeight: -1,
    invalidMessageDeliveriesDecay: INVALID_MESSAGE_DECAY,
  });
  return {
    topics: Object.fromEntries(topics.map((name) => [name, topic])),
    IPColocationFactorWeight: 0,
    behaviourPenaltyThreshold: BEHAVIOUR_PENALTY_THRESHOLD,
    retainScore: RETAIN_SCORE_MS,
  };
}
