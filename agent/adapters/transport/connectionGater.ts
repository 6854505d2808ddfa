/**
 * Who may connect: gateways of the roster, proven by Noise, and nobody else.
 * libp2p allows whatever a hook is missing for, so every hook is set.
 */
import type { ConnectionGater, MultiaddrConnection } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { Clock } from "../../ports/clock.ts";
import { CONNECTIONS_PER_GATEWAY, STRANGER_CONNECTIONS_PER_SECOND } from "./limits.ts";

/** Hosts whose attempts are counted at once; beyond them every unknown host is refused until the second is over. */
const MAX_COUNTED_HOSTS = 1024;
const SECOND_MS = 1000;

/** What the gater decides by. */
export type GaterOptions = {
  /** PeerIds of the other gateways. */
  readonly roster: { has(peerId: string): boolean };
  /** IP addresses in roster addresses: a whole street may come from one of them. */
  readonly hosts: ReadonlySet<string>;
  readonly clock: Clock;
  /** @returns how many connections with that gateway are open */
  readonly connectionsWith: (peerId: string) => number;
};

/**
 * Makes the gater of one gateway.
 *
 * @param options the roster and what it depends on
 * @returns all hooks of libp2p's gater; `true` denies, except in `filterMultiaddrForPeer`, where it allows
 */
export function rosterGater(options: GaterOptions): Required<ConnectionGater> {
  const isStranger = (peer: { toString(): string }) => !options.roster.has(peer.toString());
  const isCrowded = (peer: { toString(): string }) =>
    options.connectionsWith(peer.toString()) >= CONNECTIONS_PER_GATEWAY;
  const refusesHost = strangerLimiter(options);
  return {
    denyDialPeer: isStranger,
    denyDialMultiaddr: (address) => {
      const peerId = address.getComponents().findLast((component) => component.name === "p2p")?.value;
      return peerId === undefined || !options.roster.has(peerId);
    },
    denyInboundConnection: refusesHost,
    denyOutboundConnection: isStranger,
    denyInboundEncryptedConnection: (peer) => isStranger(peer) || isCrowded(peer),
    denyOutboundEncryptedConnection: isStranger,
    denyInboundUpgradedConnection: isStranger,
    denyOutboundUpgradedConnection: isStranger,
    denyInboundRelayReservation: () => true,
    denyOutboundRelayedConnection: () => true,
    denyInboundRelayedConnection: () => true,
    filterMultiaddrForPeer: (peer) => !isStranger(peer),
  };
}

/** @param address a multiaddr @returns its IP address, or undefined when it names its host otherwise */
export function hostOf(address: Multiaddr): string | undefined {
  return address.getComponents().find((component) => component.name === "ip4" || component.name === "ip6")
    ?.value;
}

function strangerLimiter(options: GaterOptions): (connection: MultiaddrConnection) => boolean {
  const attempts = new Map<string, number>();
  let windowStartMs = options.clock.monotonicMs();
  return (connection) => {
    const host = hostOf(connection.remoteAddr);
    if (host === undefined) return true;
    if (isLoopback(host) || options.hosts.has(host)) return false;
    const nowMs = options.clock.monotonicMs();
    if (nowMs - windowStartMs >= SECOND_MS) {
      attempts.clear();
      windowStartMs = nowMs;
    }
    const count = (attempts.get(host) ?? 0) + 1;
    if (count === 1 && attempts.size >= MAX_COUNTED_HOSTS) return true;
    attempts.set(host, count);
    return count > STRANGER_CONNECTIONS_PER_SECOND;
  };
}

function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}
