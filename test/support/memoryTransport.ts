/**
 * Gossip without a network: a hub in memory that keeps the transport's promises on a clock the test moves,
 * and breaks links, loses and delays messages when told to.
 */
import { limitsOf } from "../../agent/adapters/transport/limits.ts";
import { type RequestGate, requestGate } from "../../agent/adapters/transport/requestGate.ts";
import { MAX_REQUEST_BYTES } from "../../agent/adapters/transport/requestStreams.ts";
import { TransportError } from "../../agent/adapters/transport/transportError.ts";
import { joinBytes } from "../../agent/core/bytes.ts";
import { type Hash, hashOf } from "../../agent/core/hash.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type {
  Channel,
  GossipCounters,
  Judge,
  PeerStatus,
  RequestHandler,
  RequestLimits,
  RosterEntry,
  Transport,
} from "../../agent/ports/transport.ts";

/** How long a message stays known, as in gossipsub. */
const KNOWN_MS = 120_000;
const DEFAULT_DELAY_MS = 1;

/** One message on one link. */
export type Hop = {
  readonly from: string;
  readonly to: string;
  readonly channel: Channel;
  readonly bytes: Uint8Array;
};

/** Who joins the hub. */
export type JoinOptions = {
  readonly peerId: string;
  /** PeerIds of the other gateways. */
  readonly roster: readonly string[];
  readonly onFault: (error: unknown) => void;
};

/** All links of a street. */
export class MemoryHub {
  readonly #clock: Clock;
  readonly #nodes = new Map<string, MemoryTransport>();
  readonly #cuts = new Set<string>();
  #isLost: (hop: Hop) => boolean = () => false;
  #delayMs: (hop: Hop) => number = () => DEFAULT_DELAY_MS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns a transport that is not started; joining again with a PeerId takes the place of the old one */
  join(options: JoinOptions): Transport {
    const transport = new MemoryTransport(this, this.#clock, options);
    this.#nodes.set(options.peerId, transport);
    return transport;
  }

  /** Cuts the link of two gateways, both ways; what is under way is lost. */
  cut(left: string, right: string): void {
    this.cutOneWay(left, right);
    this.cutOneWay(right, left);
  }

  /** Loses everything from one gateway to another, also what is under way. */
  cutOneWay(from: string, to: string): void {
    this.#cuts.add(linkKey(from, to));
  }

  /** Cuts every link between gateways of different groups, and of those in no group to everybody. */
  partition(...groups: readonly (readonly string[])[]): void {
    const groupOf = (peerId: string) => groups.findIndex((group) => group.includes(peerId));
    for (const left of this.#nodes.keys()) {
      for (const right of this.#nodes.keys()) {
        const isApart = groupOf(left) === -1 || groupOf(left) !== groupOf(right);
        if (left !== right && isApart) this.cutOneWay(left, right);
      }
    }
  }

  /** Restores every link; what was lost stays lost. */
  heal(): void {
    this.#cuts.clear();
  }

  /** @param isLost asked once per message and link, when it is sent */
  dropWhere(isLost: (hop: Hop) => boolean): void {
    this.#isLost = isLost;
  }

  /** @param delayMs asked once per message and link; 1 ms unless told otherwise */
  delayWhere(delayMs: (hop: Hop) => number): void {
    this.#delayMs = delayMs;
  }

  /** @returns true when what `from` sends now would reach `to` */
  isOpen(from: string, to: string): boolean {
    const sender = this.#nodes.get(from);
    const receiver = this.#nodes.get(to);
    const isMutual = sender?.knows(to) === true && receiver?.knows(from) === true;
    return isMutual && !this.#cuts.has(linkKey(from, to));
  }

  /** Puts a request on a link, and its answer on the way back. @returns null when it is refused or lost on the way */
  async ask(from: string, to: string, bytes: Uint8Array): Promise<Uint8Array | null> {
    const receiver = this.#nodes.get(to);
    await this.#pass();
    if (!this.isOpen(from, to) || receiver === undefined || this.#nodes.get(to) !== receiver) return null;
    const answer = await receiver.answer(from, bytes.slice());
    await this.#pass();
    return this.isOpen(to, from) ? (answer?.slice() ?? null) : null;
  }

  #pass(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(DEFAULT_DELAY_MS, resolve));
  }

  /** Puts a message on a link. @returns false when the link is not open; a message lost by `dropWhere` counts as sent */
  send(hop: Hop): boolean {
    if (!this.isOpen(hop.from, hop.to)) return false;
    const receiver = this.#nodes.get(hop.to);
    if (this.#isLost(hop)) return true;
    this.#clock.after(this.#delayMs(hop), () => {
      if (this.isOpen(hop.from, hop.to) && this.#nodes.get(hop.to) === receiver) receiver?.receive(hop);
    });
    return true;
  }
}

class MemoryTransport implements Transport {
  readonly #hub: MemoryHub;
  readonly #clock: Clock;
  readonly #options: JoinOptions;
  readonly #limits: Readonly<Record<Channel, number>>;
  readonly #known = new Map<Hash, number>();
  readonly #gate: RequestGate;
  readonly #refusals = { TRANSPORT_REQUEST_FLOODED: 0 };
  readonly maxAnswerBytes: number;
  readonly #counters = {
    readings: { accept: 0, ignore: 0, reject: 0 },
    transactions: { accept: 0, ignore: 0, reject: 0 },
    votes: { accept: 0, ignore: 0, reject: 0 },
  };
  #roster: readonly string[];
  #judge: Judge | null = null;
  #handler: RequestHandler | null = null;

  constructor(hub: MemoryHub, clock: Clock, options: JoinOptions) {
    this.#hub = hub;
    this.#clock = clock;
    this.#options = options;
    this.#roster = options.roster;
    const { frameBytes, messageBytes } = limitsOf(options.roster.length + 1);
    this.#limits = messageBytes;
    this.maxAnswerBytes = frameBytes;
    this.#gate = requestGate(clock);
  }

  setRoster(roster: readonly RosterEntry[]): void {
    this.#roster = roster.map(({ peerId }) => peerId);
  }

  async start(judge: Judge): Promise<void> {
    if (this.#judge !== null) throw new TransportError("TRANSPORT_STARTED");
    this.#judge = judge;
  }

  async stop(): Promise<void> {
    this.#judge = null;
    this.#handler = null;
  }

  serve(handler: RequestHandler): void {
    this.#handler = handler;
  }

  async request(peerId: string, bytes: Uint8Array, limits: RequestLimits): Promise<Uint8Array> {
    const self = this.#options.peerId;
    if (bytes.length > MAX_REQUEST_BYTES)
      throw new TransportError("TRANSPORT_TOO_LONG", { bytes: bytes.length, limitBytes: MAX_REQUEST_BYTES });
    if (!this.#hub.isOpen(self, peerId) || !this.#hub.isOpen(peerId, self))
      throw new TransportError("TRANSPORT_NOT_CONNECTED", { peerId });
    const answer = await within(this.#clock, limits.timeoutMs, this.#hub.ask(self, peerId, bytes));
    if (answer === null) throw new TransportError("TRANSPORT_UNANSWERED", { peerId });
    const limitBytes = Math.min(limits.maxAnswerBytes, this.maxAnswerBytes);
    if (answer.length > limitBytes)
      throw new TransportError("TRANSPORT_TOO_LONG", { bytes: answer.length, limitBytes });
    return answer;
  }

  /** @returns the answer to a request that arrived; null refuses it */
  async answer(peerId: string, bytes: Uint8Array): Promise<Uint8Array | null> {
    if (!this.#gate.admits(peerId)) {
      this.#refusals.TRANSPORT_REQUEST_FLOODED += 1;
      return null;
    }
    try {
      const answer = (await this.#handler?.({ peerId, bytes })) ?? null;
      if (answer === null || answer.length <= this.maxAnswerBytes) return answer;
      throw new TransportError("TRANSPORT_TOO_LONG", { bytes: answer.length });
    } catch (error) {
      this.#options.onFault(error);
      return null;
    }
  }

  async publish(channel: Channel, bytes: Uint8Array): Promise<number> {
    const limitBytes = this.#limits[channel];
    if (bytes.length > limitBytes) {
      throw new TransportError("TRANSPORT_TOO_LONG", { channel, bytes: bytes.length, limitBytes });
    }
    const isHeard = this.#roster.some((to) => this.#hub.isOpen(this.#options.peerId, to));
    if (!isHeard || !this.#learn(channel, bytes)) return 0;
    return this.#forward(channel, bytes.slice(), null);
  }

  peers(): readonly PeerStatus[] {
    const self = this.#options.peerId;
    return this.#roster.map((peerId) => ({
      peerId,
      connected: this.#hub.isOpen(self, peerId) && this.#hub.isOpen(peerId, self),
      addresses: [`/memory/${peerId}`],
    }));
  }

  counters(): GossipCounters {
    return structuredClone(this.#counters);
  }

  /** The hub delivers whole messages only: beside a flood of requests, nothing is refused before the judge. */
  refusals(): Readonly<Record<string, number>> {
    return { ...this.#refusals };
  }

  /** @returns true while it runs and that gateway is in its roster */
  knows(peerId: string): boolean {
    return this.#judge !== null && this.#roster.includes(peerId);
  }

  receive(hop: Hop): void {
    if (this.#judge === null || !this.#learn(hop.channel, hop.bytes)) return;
    try {
      const { kind } = this.#judge({ channel: hop.channel, bytes: hop.bytes.slice(), peerId: hop.from });
      this.#counters[hop.channel][kind] += 1;
      if (kind === "accept") this.#forward(hop.channel, hop.bytes, hop.from);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #forward(channel: Channel, bytes: Uint8Array, except: string | null): number {
    const from = this.#options.peerId;
    const others = this.#roster.filter((to) => to !== except);
    return others.filter((to) => this.#hub.send({ from, to, channel, bytes })).length;
  }

  /** @returns false when the message was known already */
  #learn(channel: Channel, bytes: Uint8Array): boolean {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, learntAtMs] of this.#known) {
      if (nowMs - learntAtMs < KNOWN_MS) break;
      this.#known.delete(id);
    }
    const id = hashOf(joinBytes(new TextEncoder().encode(`${channel}\0`), bytes));
    if (this.#known.has(id)) return false;
    this.#known.set(id, nowMs);
    return true;
  }
}

function within<T>(clock: Clock, timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () =>
      reject(new TransportError("TRANSPORT_TIMEOUT", { timeoutMs })),
    );
    work.then(resolve, reject).finally(cancel);
  });
}

function linkKey(from: string, to: string): string {
  return `${from}>${to}`;
}
