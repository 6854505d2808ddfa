/**
 * What the transport contract does with a street: starts it, speaks in it, and knows who has heard what.
 * The first word of a message says how its receivers judge it.
 */
import { accept, ignore, reject, type Verdict } from "../../agent/core/verdict.ts";
import type { Channel, Judge, Received } from "../../agent/ports/transport.ts";
import type { TransportStreet } from "./transportStreet.ts";

/** One message as a judge saw it. */
export type Arrived = { readonly text: string; readonly channel: Channel; readonly peerId: string };

/** A street, and what was heard in it. */
export type Party = {
  readonly street: TransportStreet;
  readonly arrived: (name: string) => readonly Arrived[];
  readonly start: (...names: readonly string[]) => Promise<void>;
  readonly connected: (...pairs: readonly (readonly [string, string])[]) => Promise<void>;
  readonly publish: (name: string, text: string, channel?: Channel) => Promise<number>;
  /** Waits until `name` has judged `text`. */
  readonly heard: (name: string, text: string) => Promise<void>;
};

/** @param street transports that are not started @returns the street with an inbox per gateway */
export function partyIn(street: TransportStreet): Party {
  const inboxes = new Map<string, Arrived[]>();
  const arrived = (name: string) => inboxes.get(name) ?? [];
  return {
    street,
    arrived,
    start: async (...names) => {
      for (const name of names) {
        const inbox: Arrived[] = [];
        inboxes.set(name, inbox);
        await street.gateway(name).transport.start(judgeInto(inbox));
      }
    },
    connected: (...pairs) =>
      street.until(`connected: ${pairs.join(" ")}`, () =>
        pairs.every(([left, right]) => isConnected(street, left, right) && isConnected(street, right, left)),
      ),
    publish: (name, text, channel = "readings") =>
      street.gateway(name).transport.publish(channel, new TextEncoder().encode(text)),
    heard: (name, text) =>
      street.until(`${name} hears "${text}"`, () => arrived(name).some((message) => message.text === text)),
  };
}

function judgeInto(inbox: Arrived[]): Judge {
  return ({ bytes, channel, peerId }: Received) => {
    const text = new TextDecoder().decode(bytes);
    inbox.push({ text, channel, peerId });
    return verdictOf(text);
  };
}

function verdictOf(text: string): Verdict<null> {
  switch (text.split(" ")[0]) {
    case "ignore":
      return ignore("TEST_STALE");
    case "reject":
      return reject("TEST_FORGED");
    case "throw":
      throw new Error(text);
    default:
      return accept(null);
  }
}

/** @returns true when the transport of `from` says that it is connected with `to` */
export function isConnected(street: TransportStreet, from: string, to: string): boolean {
  const { peerId } = street.gateway(to);
  return street
    .gateway(from)
    .transport.peers()
    .some((peer) => peer.peerId === peerId && peer.connected);
}
