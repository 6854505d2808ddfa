/** The roster as the transport needs it: every PeerId and address parsed once, or refused before anything listens. */
import { peerIdFromString } from "@libp2p/peer-id";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { hostOf } from "./connectionGater.ts";
import type { RosterPeer } from "./linkKeeper.ts";
import { TransportError } from "./transportError.ts";

/** One other gateway, as the genesis names it. */
export type RosterEntry = { readonly peerId: string; readonly addresses: readonly string[] };

/**
 * Parses the other gateways.
 *
 * @param selfPeerId PeerId of this gateway
 * @param roster the others; an address may end in `/p2p/<its PeerId>`
 * @returns the same, parsed; every address ends in the PeerId
 * @throws TransportError `TRANSPORT_PEER_ID`, `TRANSPORT_ADDRESS`
 */
export function parseRoster(selfPeerId: string, roster: readonly RosterEntry[]): readonly RosterPeer[] {
  const seen = new Set([selfPeerId]);
  return roster.map((entry) => {
    if (seen.has(entry.peerId) || !isPeerId(entry.peerId)) {
      throw new TransportError("TRANSPORT_PEER_ID", { peerId: entry.peerId });
    }
    seen.add(entry.peerId);
    return {
      peerId: entry.peerId,
      addresses: entry.addresses.map((text) => peerAddress(text, entry.peerId)),
    };
  });
}

/** @param text a multiaddr @returns it parsed @throws TransportError `TRANSPORT_ADDRESS` */
export function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text);
  } catch (cause) {
    throw new TransportError("TRANSPORT_ADDRESS", { address: text }, cause);
  }
}

/** @param roster the other gateways @returns every IP address among theirs */
export function hostsOf(roster: readonly RosterPeer[]): ReadonlySet<string> {
  const hosts = roster.flatMap((peer) => peer.addresses.map(hostOf));
  return new Set(hosts.filter((host) => host !== undefined));
}

function peerAddress(text: string, peerId: string): Multiaddr {
  const address = parseAddress(text);
  const named = address.getComponents().findLast((component) => component.name === "p2p")?.value;
  if (named === undefined) return address.encapsulate(`/p2p/${peerId}`);
  if (named !== peerId) throw new TransportError("TRANSPORT_ADDRESS", { address: text, peerId });
  return address;
}

function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text).toString() === text;
  } catch {
    return false;
  }
}
