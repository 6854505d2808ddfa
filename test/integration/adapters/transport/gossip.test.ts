import "../../../../agent/compat.ts";
import { once } from "node:events";
import { createServer } from "node:net";
import { StrictSign } from "@chainsafe/libp2p-gossipsub";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createTransport,
  type Libp2pTransport,
} from "../../../../agent/adapters/transport/libp2pTransport.ts";
import { isAgentError } from "../../../../agent/core/errors.ts";
import { accept } from "../../../../agent/core/verdict.ts";
import type { Transport } from "../../../../agent/ports/transport.ts";
import { eventLog } from "../../../support/eventLog.ts";
import { freePorts } from "../../../support/freePorts.ts";
import { liveClock } from "../../../support/liveClock.ts";
import { type RawGateway, startRawGateway, TEST_TOPICS } from "../../../support/rawGateway.ts";
import {
  openLibp2pStreet,
  type StreetGateway,
  type StreetPlan,
  seedOf,
  type TransportStreet,
} from "../../../support/transportStreet.ts";
import { until } from "../../../support/until.ts";

const test = suite("gossip over libp2p");

type LiveStreet = TransportStreet<Libp2pTransport>;

async function inStreet(plan: StreetPlan, check: (street: LiveStreet) => Promise<void>): Promise<void> {
  const street = await openLibp2pStreet(plan);
  try {
    await check(street);
  } finally {
    await street.close();
  }
}

/** Starts honest gateways; each accepts and keeps what it hears. */
async function startAll(street: LiveStreet, names: readonly string[]): Promise<Map<string, string[]>> {
  const heard = new Map(names.map((name) => [name, [] as string[]]));
  await Promise.all(
    names.map((name) =>
      street.gateway(name).transport.start(({ bytes }) => {
        heard.get(name)?.push(text(bytes));
        return accept(null);
      }),
    ),
  );
  return heard;
}

/** A street of a, b, c in which c has gone bad; `check` runs when everybody is connected. */
async function withBadNeighbour(
  bad: (street: LiveStreet) => Promise<RawGateway>,
  check: (street: LiveStreet, raw: RawGateway, heard: Map<string, string[]>) => Promise<void>,
): Promise<void> {
  await inStreet({ gateways: ["a", "b", "c"] }, async (street) => {
    const raw = await bad(street);
    try {
      const heard = await startAll(street, ["a", "b"]);
      await until("a and b are connected with all", () => areConnected(street, ["a", "b"]));
      await until("c sees both in its topics", () =>
        Object.values(TEST_TOPICS).every(
          (topic) => raw.node.services.gossip.getSubscribers(topic).length === 2,
        ),
      );
      await check(street, raw, heard);
    } finally {
      await raw.node.stop();
    }
  });
}

function areConnected(street: LiveStreet, names: readonly string[]): boolean {
  return names.every((name) =>
    street
      .gateway(name)
      .transport.peers()
      .every((peer) => peer.connected),
  );
}

function publish(gateway: StreetGateway, message: string): Promise<number> {
  return gateway.transport.publish("readings", new TextEncoder().encode(message));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** a and b still reach each other, whatever c did. */
async function streetGoesOn(street: LiveStreet, heard: Map<string, string[]>, mark: string): Promise<void> {
  await publish(street.gateway("a"), `a ${mark}`);
  await publish(street.gateway("b"), `b ${mark}`);
  await until("a and b hear each other", () =>
    Boolean(heard.get("b")?.includes(`a ${mark}`) && heard.get("a")?.includes(`b ${mark}`)),
  );
}

test("a stranger is refused after Noise, hears nothing and is not heard", async () => {
  await inStreet({ gateways: ["a", "b"] }, async (street) => {
    const heard = await startAll(street, ["a", "b"]);
    await until("a and b are connected", () => areConnected(street, ["a", "b"]));
    const stranger = await startRawGateway({ secretKey: seedOf(200), address: "/ip4/127.0.0.1/tcp/0" });
    try {
      const { peerId, address } = street.gateway("a");
      const target = multiaddr(`${address}/p2p/${peerId}`);
      await stranger.node.dial(target).catch(() => undefined);
      await until("the stranger has no connection", () => stranger.node.getConnections().length === 0);
      const sent = await stranger.node.services.gossip.publish(TEST_TOPICS.readings, new Uint8Array(8));
      assert.is(sent.recipients.length, 0);
      await publish(street.gateway("a"), "from a");
      await until("b hears a", () => heard.get("b")?.includes("from a") === true);
      await publish(street.gateway("b"), "from b");
      await until("a hears b", () => heard.get("a")?.includes("from b") === true);
      assert.is(stranger.received.length, 0);
      assert.equal(heard.get("a"), ["from b"]);
    } finally {
      await stranger.node.stop();
    }
  });
});

test("a gateway does not dial whom its roster does not name, even at a roster address", async () => {
  await inStreet({ gateways: ["a", "b"] }, async (street) => {
    const impostor = await startRawGateway({ secretKey: seedOf(201), address: street.gateway("b").address });
    try {
      await startAll(street, ["a"]);
      const { log, transport } = street.gateway("a");
      await until("a gave up a dial", () => log.events.some(({ event }) => event === "peer_dial_failed"));
      assert.equal(
        transport.peers().map((peer) => peer.connected),
        [false],
      );
      assert.is(impostor.node.getConnections().length, 0);
    } finally {
      await impostor.node.stop();
    }
  });
});

test("a frame over the limit breaks only its sender's stream, which is dialled again and heard again", async () => {
  await withBadNeighbour(
    (street) => startRawGateway(street.gateway("c")),
    async (street, raw, heard) => {
      const { transport } = street.gateway("a");
      await raw.node.services.gossip.publish(TEST_TOPICS.votes, new Uint8Array(300 * 1024));
      await until("a counts the frame", () => transport.refusals().TRANSPORT_FRAME_BROKEN === 1);
      await streetGoesOn(street, heard, "after the frame");
      await until("c is back at a and b", () => areConnected(street, ["a", "b"]));
      await until(
        "c sees both again",
        () => raw.node.services.gossip.getSubscribers(TEST_TOPICS.readings).length === 2,
      );
      await raw.node.services.gossip.publish(TEST_TOPICS.readings, new TextEncoder().encode("c again"));
      await until("a hears c again", () => heard.get("a")?.includes("c again") === true);
      assert.equal(transport.counters().votes, { accept: 0, ignore: 0, reject: 0 });
      const { log } = street.gateway("a");
      assert.not(
        log.events.some(({ event }) => event === "peer_hung_up"),
        "hung up at once, not when found silent",
      );
    },
  );
});

test("a message over its channel's limit in a frame that is not is rejected and counted, unjudged", async () => {
  await withBadNeighbour(
    (street) => startRawGateway(street.gateway("c")),
    async (street, raw, heard) => {
      const { transport } = street.gateway("a");
      await raw.node.services.gossip.publish(TEST_TOPICS.readings, new Uint8Array(64 * 1024 + 1));
      await until("a counts the message", () => transport.counters().readings.reject === 1);
      await streetGoesOn(street, heard, "after the message");
      assert.equal(heard.get("a"), ["b after the message"]);
    },
  );
});

test("garbage on a gossip stream is counted and stops nobody else", async () => {
  await withBadNeighbour(
    (street) => startRawGateway(street.gateway("c")),
    async (street, raw, heard) => {
      const { transport, peerId } = street.gateway("a");
      const [connection] = raw.node.getConnections(peerIdFromString(peerId));
      const stream = await connection!.newStream(["/meshsub/1.2.0"]);
      stream.send(Uint8Array.of(5, 0xff, 0xff, 0xff, 0xff, 0xff));
      await until("a counts the RPC", () => transport.refusals().TRANSPORT_FRAME_UNDECODABLE === 1);
      await streetGoesOn(street, heard, "after the RPC");
      stream.send(new Uint8Array(64).fill(0xff));
      await until("a counts the length", () => transport.refusals().TRANSPORT_FRAME_BROKEN === 1);
      await streetGoesOn(street, heard, "after the length");
      await until("c is back at a and b", () => areConnected(street, ["a", "b"]));
    },
  );
});

test("a message signed at gossip level is refused and counted: the street's signatures are inside", async () => {
  await withBadNeighbour(
    (street) => startRawGateway(street.gateway("c"), { globalSignaturePolicy: StrictSign }),
    async (street, raw, heard) => {
      await raw.node.services.gossip.publish(TEST_TOPICS.readings, new TextEncoder().encode("signed"));
      const { transport } = street.gateway("a");
      await until("a counts the message", () => transport.refusals().TRANSPORT_ENVELOPE_SIGNED > 0);
      await streetGoesOn(street, heard, "after the signed one");
      assert.equal(heard.get("a"), ["b after the signed one"]);
    },
  );
});

test("a gateway that was away is dialled until it is back, by either side", async () => {
  await inStreet({ gateways: ["a", "b"] }, async (street) => {
    const heard = await startAll(street, ["a", "b"]);
    for (const [stays, leaves] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      await until("both are connected", () => areConnected(street, ["a", "b"]));
      await street.gateway(leaves).transport.stop();
      await until("it is missed", () => !areConnected(street, [stays]));
      await startAgain(street, leaves, heard);
      await until("both are connected again", () => areConnected(street, ["a", "b"]));
      await publish(street.gateway(stays), `welcome ${leaves}`);
      await until("it hears", () => heard.get(leaves)?.includes(`welcome ${leaves}`) === true);
    }
  });
});

async function startAgain(street: LiveStreet, name: string, heard: Map<string, string[]>): Promise<void> {
  await street.gateway(name).transport.start(({ bytes }) => {
    heard.get(name)?.push(text(bytes));
    return accept(null);
  });
}

test("an address that is taken is a TRANSPORT_LISTEN, and nothing stays open", async () => {
  const [port] = await freePorts(1);
  const taken = createServer().listen(port, "127.0.0.1");
  await once(taken, "listening");
  const transport = createTransport({
    secretKey: seedOf(0),
    listen: [`/ip4/127.0.0.1/tcp/${port}`],
    roster: [],
    topicPrefix: "edso/1/test",
    logger: eventLog(),
    clock: liveClock,
    onFault: () => assert.unreachable("no judge ran"),
  });
  assert.is(await startCode(transport), "TRANSPORT_LISTEN");
  assert.equal(transport.listenAddresses(), []);
  await once(taken.close(), "close");
  assert.is(await startCode(transport), "started");
  assert.is(transport.listenAddresses().length, 1);
  await transport.stop();
});

async function startCode(transport: Transport): Promise<string> {
  try {
    await transport.start(() => accept(null));
    return "started";
  } catch (error) {
    return isAgentError(error) ? error.code : String(error);
  }
}

test("stopping closes every socket and frees the port", async () => {
  const street = await openLibp2pStreet({ gateways: ["a", "b", "c"] });
  await startAll(street, ["a", "b", "c"]);
  await until("all are connected", () => areConnected(street, ["a", "b", "c"]));
  await street.close();
  await until(
    "no TCP handle is left",
    () => !process.getActiveResourcesInfo().some((name) => name.startsWith("TCP")),
  );
  const port = Number(street.gateway("a").address.split("/").at(-1));
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  await once(server.close(), "close");
});

test.run();
