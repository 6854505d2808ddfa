/** The gossip between the gateways of one microgrid. Bytes in, bytes out: what they mean is core/wire's. */
import type { Verdict } from "../core/verdict.ts";
import type { WireChannel } from "../core/wire.ts";

/** What a message is about; each has its own topic and size limit. */
export type Channel = WireChannel;

/** One message as it arrived; `peerId` is the neighbour that handed it over, not its author. */
export type Received = {
  readonly channel: Channel;
  readonly bytes: Uint8Array;
  readonly peerId: string;
};

/**
 * Judges a received message: accept forwards it, ignore drops it, reject also blames the neighbour.
 * A throw is a bug of ours: the transport reports it through `onFault` and never turns it into an ignore.
 */
export type Judge = (message: Received) => Verdict<unknown>;

/** One gateway of the roster as the transport sees it. */
export type PeerStatus = {
  readonly peerId: string;
  readonly connected: boolean;
  readonly addresses: readonly string[];
};

/** Messages by channel and verdict since start. */
export type GossipCounters = Readonly<
  Record<Channel, Readonly<Record<"accept" | "ignore" | "reject", number>>>
>;

/** One other gateway, as its enrolment names it. */
export type RosterEntry = { readonly peerId: string; readonly addresses: readonly string[] };

/** One request of a gateway of the roster. */
export type PeerRequest = { readonly peerId: string; readonly bytes: Uint8Array };

/**
 * Answers a request; null refuses it without an answer. A throw is a bug of ours: the transport reports it through
 * `onFault`, and whoever asked is refused.
 */
export type RequestHandler = (request: PeerRequest) => Promise<Uint8Array | null>;

/** Bounds of one request. */
export type RequestLimits = {
  /** From the call until the answer is complete. */
  readonly timeoutMs: number;
  /** Longest answer that is taken; never above {@link Transport.maxAnswerBytes}. */
  readonly maxAnswerBytes: number;
};

/** Gossip to every gateway of the roster, and requests to one of them. */
export interface Transport {
  /** Longest answer to a request, in bytes; follows from the size of the street. */
  readonly maxAnswerBytes: number;
  /** Listens, dials the roster and keeps dialling what is away, with back-off. @throws TransportError */
  start(judge: Judge): Promise<void>;
  /** Closes every connection and port; afterwards nothing is delivered. */
  stop(): Promise<void>;
  /**
   * Hands a message to the mesh; nothing is delivered back to the sender.
   *
   * @returns to how many peers it went; 0 when nobody is connected
   * @throws TransportError `TRANSPORT_TOO_LONG`
   */
  publish(channel: Channel, bytes: Uint8Array): Promise<number>;
  /**
   * Asks one gateway: one request, one answer, both bounded.
   *
   * @param peerId of the roster
   * @param bytes of the request, 16 KiB at most
   * @param limits of this request
   * @returns the answer
   * @throws TransportError `TRANSPORT_NOT_CONNECTED`, `TRANSPORT_TOO_LONG`, `TRANSPORT_TIMEOUT`, `TRANSPORT_UNANSWERED`
   */
  request(peerId: string, bytes: Uint8Array, limits: RequestLimits): Promise<Uint8Array>;
  /**
   * Lets in and dials exactly these from now on; connections with others end. Limits that grow with the street follow
   * at the next start.
   *
   * @param roster the other gateways
   * @throws TransportError `TRANSPORT_PEER_ID`, `TRANSPORT_ADDRESS`; nothing has changed then
   */
  setRoster(roster: readonly RosterEntry[]): void;
  /** @param handler that answers requests from now on; before, and after `stop`, they are refused */
  serve(handler: RequestHandler): void;
  /** @returns every other gateway of the roster */
  peers(): readonly PeerStatus[];
  /** @returns counts since start */
  counters(): GossipCounters;
  /** @returns what was refused before the judge saw it, by stable code, since start */
  refusals(): Readonly<Record<string, number>>;
}
