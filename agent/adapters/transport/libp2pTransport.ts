/**
 * Gossip between the gateways of one microgrid over libp2p.
 * A message goes out as it is: its id is the hash of topic and bytes, remembered for two minutes.
 */
import { TopicValidatorResult } from "@chainsafe/libp2p-gossipsub";
import type { Connection, MessageStreamDirection } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type {
  Channel,
  GossipCounters,
  Judge,
  PeerStatus,
  RequestHandler,
  RequestLimits,
  RosterEntry,
  Transport,
} from "../../ports/transport.ts";
import { rosterGater } from "./connectionGater.ts";
import { TO_GOSSIPSUB, zeroCounters } from "./gossipCounters.ts";
import { createNode, type GossipNode } from "./libp2pNode.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { LinkKeeper } from "./linkKeeper.ts";
import { peerIdOf, transportKey } from "./peerId.ts";
import { type RefusalCounts, type RefusalLedger, refusalLedger, refusalRegister } from "./refusals.ts";
import { MAX_REQUEST_BYTES, MAX_REQUEST_STREAMS, RequestStreams, SYNC_PROTOCOL } from "./requestStreams.ts";
import { parseAddress, parseRoster, rosterMembers } from "./roster.ts";
import { TransportError } from "./transportError.ts";

const CHANNELS: readonly Channel[] = ["readings", "transactions", "votes"];
/** @source libp2p/specs, pubsub/gossipsub: protocol ids */
const GOSSIP_PROTOCOL = "/meshsub/";
const BOTH_WAYS: readonly MessageStreamDirection[] = ["inbound", "outbound"];

/** What a transport is made of. */
export type TransportOptions = {
  /** Ed25519 seed of the transport key, 32 bytes. */
  readonly secretKey: Uint8Array;
  /** Multiaddrs to listen on; empty to dial only. */
  readonly listen: readonly string[];
  /** The other gateways. */
  readonly roster: readonly RosterEntry[];
  /** What topics begin with: product, version and chain. */
  readonly topicPrefix: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Told of a judge that threw: a bug of ours, after which the agent has to stop. */
  readonly onFault: (error: unknown) => void;
};

/** The transport over libp2p. */
export interface Libp2pTransport extends Transport {
  /** @returns what was refused before the judge saw it, by code, since start */
  refusals(): RefusalCounts;
  /** @returns the addresses it listens on, PeerId included; empty unless started */
  listenAddresses(): readonly string[];
}

/**
 * Makes a transport that is not started yet.
 *
 * @param options key, addresses, roster
 * @returns the transport
 * @throws TransportError `TRANSPORT_KEY`, `TRANSPORT_PEER_ID`, `TRANSPORT_ADDRESS`
 */
export function createTransport(options: TransportOptions): Libp2pTransport {
  return new GossipTransport(options);
}

class GossipTransport implements Libp2pTransport {
  readonly #options: TransportOptions;
  readonly #selfPeerId: string;
  /** What the gater looks at, too; changed in place. */
  readonly #members = rosterMembers();
  readonly #limits: Limits;
  readonly #refusals: RefusalLedger;
  readonly #counters = zeroCounters();
  readonly #requests: RequestStreams;
  #isStarted = false;
  #judge: Judge | null = null;
  #node: GossipNode | null = null;
  #keeper: LinkKeeper | null = null;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#selfPeerId = peerIdOf(options.secretKey);
    this.#members.set(parseRoster(this.#selfPeerId, options.roster));
    this.#limits = limitsOf(options.roster.length + 1);
    this.#refusals = refusalLedger(options.logger);
    const { clock, onFault } = options;
    const { maxAnswerBytes } = this;
    this.#requests = new RequestStreams({ clock, refusals: this.#refusals, maxAnswerBytes, onFault });
    for (const address of options.listen) parseAddress(address);
  }

  get maxAnswerBytes(): number {
    return this.#limits.frameBytes;
  }

  async start(judge: Judge): Promise<void> {
    if (this.#isStarted) throw new TransportError("TRANSPORT_STARTED");
    this.#isStarted = true;
    const node = await this.#createNode();
    this.#judge = judge;
    this.#node = node;
    for (const channel of CHANNELS) this.#judgeChannel(node, channel);
    try {
      await this.#serveStreams(node);
      await node.start();
    } catch (cause) {
      await this.stop();
      throw new TransportError("TRANSPORT_LISTEN", { addresses: this.#options.listen.join(" ") }, cause);
    }
    if (this.#node === node) this.#begin(node);
  }

  async stop(): Promise<void> {
    const node = this.#node;
    this.#judge = null;
    this.#node = null;
    this.#requests.serve(null);
    this.#keeper?.stop();
    this.#keeper = null;
    await node?.stop();
    this.#isStarted = false;
  }

  async publish(channel: Channel, bytes: Uint8Array): Promise<number> {
    const limitBytes = this.#limits.messageBytes[channel];
    if (bytes.length > limitBytes) {
      throw new TransportError("TRANSPORT_TOO_LONG", { channel, bytes: bytes.length, limitBytes });
    }
    const gossip = this.#node?.services.gossip;
    const topic = this.#topic(channel);
    // Published to nobody, a message would count as known and could not be published again for two minutes.
    const isHeard = gossip
      ?.getSubscribers(topic)
      .some((peer) => this.#hasStreams(peer.toString(), BOTH_WAYS));
    if (gossip === undefined || isHeard !== true) return 0;
    return (await gossip.publish(topic, bytes)).recipients.length;
  }

  async request(peerId: string, bytes: Uint8Array, limits: RequestLimits): Promise<Uint8Array> {
    if (bytes.length > MAX_REQUEST_BYTES)
      throw new TransportError("TRANSPORT_TOO_LONG", { bytes: bytes.length, limitBytes: MAX_REQUEST_BYTES });
    const [connection] = this.#connections(peerId);
    if (connection === undefined) throw new TransportError("TRANSPORT_NOT_CONNECTED", { peerId });
    return this.#requests.request(connection, bytes, limits);
  }

  setRoster(roster: readonly RosterEntry[]): void {
    const before = this.#members.list();
    this.#members.set(parseRoster(this.#selfPeerId, roster));
    this.#keeper?.setRoster(this.#members.list());
    for (const { peerId } of before) {
      if (this.#members.peerIds.has(peerId)) continue;
      for (const connection of this.#node?.getConnections(peerIdFromString(peerId)) ?? [])
        connection.abort(new Error("no longer in the roster"));
    }
  }

  serve(handler: RequestHandler): void {
    this.#requests.serve(handler);
  }

  peers(): readonly PeerStatus[] {
    const gossip = this.#node?.services.gossip;
    const gossiping = this.#gossiping();
    const subscribers = CHANNELS.map(
      (channel) => new Set(gossip?.getSubscribers(this.#topic(channel)).map((peer) => peer.toString())),
    );
    return this.#members.list().map(({ peerId, addresses }) => ({
      peerId,
      connected: gossiping.has(peerId) && subscribers.every((peers) => peers.has(peerId)),
      addresses: addresses.map((address) => address.toString()),
    }));
  }

  counters(): GossipCounters {
    return structuredClone(this.#counters);
  }

  refusals(): RefusalCounts {
    return this.#refusals.counts();
  }

  listenAddresses(): readonly string[] {
    return this.#node?.getMultiaddrs().map((address) => address.toString()) ?? [];
  }

  #createNode(): Promise<GossipNode> {
    return createNode({
      privateKey: transportKey(this.#options.secretKey),
      listen: this.#options.listen,
      topics: CHANNELS.map((channel) => this.#topic(channel)),
      limits: this.#limits,
      gater: rosterGater({
        roster: this.#members.peerIds,
        hosts: this.#members.hosts,
        clock: this.#options.clock,
        connectionsWith: (peerId) => this.#connections(peerId).length,
      }),
      register: refusalRegister(this.#refusals, () => queueMicrotask(() => this.#onStreamError())),
    });
  }

  #judgeChannel(node: GossipNode, channel: Channel): void {
    node.services.gossip.topicValidators.set(this.#topic(channel), (peer, message) =>
      this.#onMessage(channel, message.data, peer.toString()),
    );
  }

  #serveStreams(node: GossipNode): Promise<void> {
    const limits = { maxInboundStreams: MAX_REQUEST_STREAMS, maxOutboundStreams: MAX_REQUEST_STREAMS };
    return node.handle(
      SYNC_PROTOCOL,
      (stream, connection) => this.#requests.answer(stream, connection.remotePeer.toString()),
      limits,
    );
  }

  #begin(node: GossipNode): void {
    const { clock, logger } = this.#options;
    for (const channel of CHANNELS) node.services.gossip.subscribe(this.#topic(channel));
    this.#keeper = new LinkKeeper({
      selfPeerId: this.#selfPeerId,
      roster: this.#members.list(),
      clock,
      logger,
      links: {
        connections: (peerId) => this.#connections(peerId),
        gossiping: () => this.#gossiping(),
        dial: async (peer, signal) => {
          await node.dial([...peer.addresses], { signal });
        },
      },
    });
    logger.info("transport_started", {
      peerId: this.#selfPeerId,
      addresses: this.listenAddresses().join(" "),
    });
    this.#keeper.start();
  }

  #onMessage(channel: Channel, bytes: Uint8Array, peerId: string): TopicValidatorResult {
    if (this.#judge === null) return TopicValidatorResult.Ignore;
    if (bytes.length > this.#limits.messageBytes[channel]) {
      this.#counters[channel].reject += 1;
      return TopicValidatorResult.Reject;
    }
    try {
      const { kind } = this.#judge({ channel, bytes, peerId });
      this.#counters[channel][kind] += 1;
      return TO_GOSSIPSUB[kind];
    } catch (error) {
      this.#options.onFault(error);
      return TopicValidatorResult.Ignore;
    }
  }

  /** gossipsub drops a neighbour whose frame it cannot read and keeps the connection: useless from then on. */
  #onStreamError(): void {
    const known = this.#neighbours();
    for (const { peerId } of this.#members.list()) {
      if (known.has(peerId) || !this.#hasStreams(peerId, ["inbound"])) continue;
      this.#refusals.count("TRANSPORT_FRAME_BROKEN", peerId);
      for (const connection of this.#connections(peerId)) connection.abort(new Error("broken frame"));
    }
  }

  #neighbours(): ReadonlySet<string> {
    return new Set(this.#node?.services.gossip.getPeers().map((peer) => peer.toString()));
  }

  #gossiping(): ReadonlySet<string> {
    return new Set([...this.#neighbours()].filter((peerId) => this.#hasStreams(peerId, BOTH_WAYS)));
  }

  #connections(peerId: string): readonly Connection[] {
    const id = this.#members.peerIds.get(peerId);
    const connections = id === undefined ? [] : (this.#node?.getConnections(id) ?? []);
    return connections.filter((connection) => connection.status === "open");
  }

  #hasStreams(peerId: string, ways: readonly MessageStreamDirection[]): boolean {
    const streams = this.#connections(peerId)
      .flatMap((connection) => connection.streams)
      .filter((stream) => stream.protocol.startsWith(GOSSIP_PROTOCOL) && stream.status === "open");
    return ways.every((way) => streams.some((stream) => stream.direction === way));
  }

  #topic(channel: Channel): string {
    return `${this.#options.topicPrefix}/${channel}`;
  }
}
