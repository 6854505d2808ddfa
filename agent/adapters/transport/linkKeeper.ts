/**
 * Keeps one gossiping link with every gateway of the roster. It looks at the links at a fixed pace: what is away
 * is dialled, with back-off; what is connected but does not gossip is hung up and dialled anew, because gossipsub
 * forgets a neighbour whose stream broke and never opens another one on the same connection.
 */
import { setMaxListeners } from "node:events";
import type { Connection } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";

const LOOK_INTERVAL_MS = 250;
/** Head start of the lower PeerId, so that two gateways seldom dial each other at once. */
const HIGHER_PEER_DELAY_MS = 5_000;
/** How long a connection may take from open to gossiping: identify and two streams on a slow, cold gateway. */
const SILENT_LINK_MS = 15_000;
/** Dials at once: a handshake is work for both sides, and a whole street may start in the same second. */
const MAX_DIALS = 4;
const FIRST_BACK_OFF_MS = 500;
const MAX_BACK_OFF_MS = 30_000;

/** A gateway of the roster, its addresses parsed. */
export type RosterPeer = { readonly peerId: string; readonly addresses: readonly Multiaddr[] };

/** What the keeper asks of libp2p. */
export interface LinkLayer {
  /** @returns open connections with that gateway */
  connections(peerId: string): readonly Pick<Connection, "abort">[];
  /** @returns the gateways with which messages pass both ways */
  gossiping(): ReadonlySet<string>;
  /** @throws anything when no address answers */
  dial(peer: RosterPeer, signal: AbortSignal): Promise<void>;
}

/** What a keeper is made of. */
export type LinkKeeperOptions = {
  readonly selfPeerId: string;
  readonly roster: readonly RosterPeer[];
  readonly links: LinkLayer;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Link = {
  peer: RosterPeer;
  state: "away" | "silent" | "gossiping";
  isDialling: boolean;
  /** Dials and hang-ups since the link last gossiped; a dial that a gater cuts off afterwards counts too. */
  attempts: number;
  nextDialAtMs: number;
  silentSinceMs: number;
};

/** Dials, watches and hangs up. */
export class LinkKeeper {
  readonly #options: LinkKeeperOptions;
  #links: readonly Link[] = [];
  readonly #abort = new AbortController();
  #cancelLook: Cancel = () => {};

  constructor(options: LinkKeeperOptions) {
    this.#options = options;
    setMaxListeners(0, this.#abort.signal);
    this.setRoster(options.roster);
  }

  /** @param roster to keep links with from now on; a link that stays goes on as it is */
  setRoster(roster: readonly RosterPeer[]): void {
    const known = new Map(this.#links.map((link) => [link.peer.peerId, link]));
    this.#links = roster.map((peer): Link => {
      const kept = known.get(peer.peerId);
      if (kept !== undefined) return Object.assign(kept, { peer });
      const link: Link = {
        peer,
        state: "away",
        isDialling: false,
        attempts: 0,
        nextDialAtMs: 0,
        silentSinceMs: 0,
      };
      link.nextDialAtMs = this.#nowMs() + this.#headStartMs(link);
      return link;
    });
  }

  /** Begins at once. */
  start(): void {
    this.#look();
  }

  /** Stops looking and gives up dials under way; connections stay. */
  stop(): void {
    this.#cancelLook();
    this.#abort.abort();
  }

  #look(): void {
    if (this.#abort.signal.aborted) return;
    const gossiping = this.#options.links.gossiping();
    for (const link of this.#links) this.#tend(link, gossiping.has(link.peer.peerId));
    this.#dialDue();
    this.#cancelLook = this.#options.clock.after(LOOK_INTERVAL_MS, () => this.#look());
  }

  #tend(link: Link, isGossiping: boolean): void {
    if (this.#options.links.connections(link.peer.peerId).length === 0) {
      this.#tendAway(link);
    } else if (isGossiping) {
      this.#tendGossiping(link);
    } else {
      this.#tendSilent(link);
    }
  }

  #tendAway(link: Link): void {
    if (link.state === "away") return;
    this.#leave(link);
    link.nextDialAtMs = this.#nowMs() + this.#headStartMs(link) + backOffMs(link.attempts);
  }

  #tendGossiping(link: Link): void {
    if (link.state === "gossiping") return;
    link.state = "gossiping";
    link.attempts = 0;
    this.#options.logger.info("peer_connected", { peerId: link.peer.peerId });
  }

  #tendSilent(link: Link): void {
    if (link.state !== "silent") {
      this.#leave(link);
      link.state = "silent";
      link.silentSinceMs = this.#nowMs();
      return;
    }
    if (this.#nowMs() - link.silentSinceMs < SILENT_LINK_MS) return;
    link.attempts += 1;
    this.#options.logger.debug("peer_hung_up", { peerId: link.peer.peerId, silentMs: SILENT_LINK_MS });
    for (const connection of this.#options.links.connections(link.peer.peerId)) {
      connection.abort(new Error("no gossip on this connection"));
    }
    this.#tendAway(link);
  }

  #leave(link: Link): void {
    if (link.state === "gossiping") this.#options.logger.info("peer_lost", { peerId: link.peer.peerId });
    link.state = "away";
  }

  /** Whoever was tried least goes first, so that gateways that are off do not hold up those that are on. */
  #dialDue(): void {
    const places = MAX_DIALS - this.#links.filter((link) => link.isDialling).length;
    const due = this.#links
      .filter((link) => this.#isDue(link))
      .sort((left, right) => left.attempts - right.attempts || left.nextDialAtMs - right.nextDialAtMs);
    for (const link of due.slice(0, Math.max(0, places))) void this.#dial(link);
  }

  #isDue(link: Link): boolean {
    const isAway = this.#options.links.connections(link.peer.peerId).length === 0;
    const isOurs = link.peer.addresses.length > 0 && !link.isDialling;
    return isAway && isOurs && this.#nowMs() >= link.nextDialAtMs;
  }

  async #dial(link: Link): Promise<void> {
    link.isDialling = true;
    link.attempts += 1;
    try {
      await this.#options.links.dial(link.peer, this.#abort.signal);
    } catch (error) {
      const reason = error instanceof Error ? error.name : String(error);
      this.#options.logger.debug("peer_dial_failed", {
        peerId: link.peer.peerId,
        attempts: link.attempts,
        reason,
      });
    }
    link.isDialling = false;
    link.nextDialAtMs = this.#nowMs() + backOffMs(link.attempts);
  }

  #headStartMs(link: Link): number {
    return this.#options.selfPeerId < link.peer.peerId ? 0 : HIGHER_PEER_DELAY_MS;
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

/** Doubles from half a second to half a minute, and takes a random half off so that a street does not dial in step. */
function backOffMs(attempts: number): number {
  const ceilingMs = Math.min(MAX_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** attempts);
  return ceilingMs * (0.5 + Math.random() / 2);
}
