/** The roster as the transport needs it: every PeerId and address parsed once, or refused before anything listens. */
import type { PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import type { RosterEntry } from "../../ports/transport.ts";
import { hostOf } from "./connectionGater.ts";
import type { RosterPeer } from "./linkKeeper.ts";
import { TransportError } from "./transportError.ts";

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

/** The other gateways of the present; who looks at `peerIds` and `hosts` sees every change. */
export type RosterMembers = {
  readonly peerIds: ReadonlyMap<string, PeerId>;
  /** IP addresses in their addresses. */
  readonly hosts: ReadonlySet<string>;
  readonly list: () => readonly RosterPeer[];
  readonly set: (roster: readonly RosterPeer[]) => void;
};

/** @returns nobody yet */
export function rosterMembers(): RosterMembers {
  const peerIds = new Map<string, PeerId>();
  const hosts = new Set<string>();
  let peers: readonly RosterPeer[] = [];
  return {
    peerIds,
    hosts,
    list: () => peers,
    set: (roster) => {
      peers = roster;
      peerIds.clear();
      hosts.clear();
      for (const { peerId } of roster) peerIds.set(peerId, peerIdFromString(peerId));
      for (const host of hostsOf(roster)) hosts.add(host);
    },
  };
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
