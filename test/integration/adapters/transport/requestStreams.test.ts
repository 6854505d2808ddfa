/** Request streams against a gateway of the roster that has gone bad: everything it may do is bounded. */
import "../../../../agent/compat.ts";
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Libp2pTransport } from "../../../../agent/adapters/transport/libp2pTransport.ts";
import { MAX_REQUEST_BYTES, SYNC_PROTOCOL } from "../../../../agent/adapters/transport/requestStreams.ts";
import { isAgentError } from "../../../../agent/core/errors.ts";
import { accept } from "../../../../agent/core/verdict.ts";
import { type RawGateway, startRawGateway } from "../../../support/rawGateway.ts";
import { openLibp2pStreet } from "../../../support/transportStreet.ts";
import { until } from "../../../support/until.ts";

const test = suite("request streams over libp2p");

const KIB = 1024;

/** A street of an honest gateway and one that has gone bad; `check` runs when they are connected. */
async function withBadPeer(
  check: (honest: Libp2pTransport, raw: RawGateway, badPeerId: string) => Promise<void>,
  onStream: (stream: Stream) => void = () => {},
): Promise<void> {
  const street = await openLibp2pStreet({ gateways: ["a", "bad"] });
  const { transport, address } = street.gateway("a");
  const bad = street.gateway("bad");
  await transport.start(() => accept(null));
  const raw = await startRawGateway(bad);
  try {
    await raw.node.handle(SYNC_PROTOCOL, onStream);
    await raw.node.dial(multiaddr(address));
    await until("they are connected", () => transport.peers().every((peer) => peer.connected));
    await check(transport, raw, bad.peerId);
    assert.equal(street.gateway("a").faults, []);
  } finally {
    await raw.node.stop();
    await street.close();
  }
}

async function codeOf(transport: Libp2pTransport, peerId: string, timeoutMs = 20_000): Promise<string> {
  const limits = { timeoutMs, maxAnswerBytes: 64 * KIB };
  try {
    const answer = await transport.request(peerId, Uint8Array.of(1), limits);
    return `answered with ${answer.length} bytes`;
  } catch (error) {
    if (isAgentError(error)) return error.code;
    throw error;
  }
}

type BadAnswer = {
  readonly what: string;
  readonly code: string;
  readonly onStream: (stream: Stream) => void;
};

const BAD_ANSWERS: readonly BadAnswer[] = [
  {
    what: "one that announces more than is taken",
    code: "TRANSPORT_TOO_LONG",
    onStream: (stream) => void stream.send(lengthOf(64 * KIB + 1)),
  },
  {
    what: "one that never ends",
    code: "TRANSPORT_UNANSWERED",
    onStream: (stream) => {
      stream.send(lengthOf(4));
      endless(stream);
    },
  },
  {
    what: "one that breaks off within",
    code: "TRANSPORT_UNANSWERED",
    onStream: (stream) => {
      stream.send(lengthOf(100));
      stream.send(new Uint8Array(99));
      void stream.close();
    },
  },
  {
    what: "one that never comes",
    code: "TRANSPORT_TIMEOUT",
    onStream: () => {},
  },
  {
    what: "a reset instead of one",
    code: "TRANSPORT_UNANSWERED",
    onStream: (stream) => stream.abort(new Error("no")),
  },
];

for (const { what, code, onStream } of BAD_ANSWERS) {
  test(`an answer: ${what}, is given up as ${code}, and the link stays`, () =>
    withBadPeer(async (honest, _raw, badPeerId) => {
      assert.is(await codeOf(honest, badPeerId, code === "TRANSPORT_TIMEOUT" ? 300 : 20_000), code);
      assert.ok(honest.peers().every((peer) => peer.connected));
    }, onStream));
}

test("an answer that is followed by endless bytes is taken, and the rest is not kept", () =>
  withBadPeer(
    async (honest, raw, badPeerId) => {
      const outcome = await codeOf(honest, badPeerId);
      assert.ok(["answered with 2 bytes", "TRANSPORT_UNANSWERED"].includes(outcome), outcome);
      await until("its stream is broken", () =>
        raw.node
          .getConnections()
          .every(({ streams }) =>
            streams.every((stream) => stream.protocol !== SYNC_PROTOCOL || stream.status !== "open"),
          ),
      );
    },
    (stream) => {
      stream.send(Uint8Array.of(0, 0, 0, 2, 1, 2));
      setTimeout(() => endless(stream), 20);
    },
  ));

test("an answer in many small pieces is one answer", () =>
  withBadPeer(
    async (honest, _raw, badPeerId) => {
      assert.is(await codeOf(honest, badPeerId), "answered with 300 bytes");
    },
    (stream) => {
      const framed = new Uint8Array(304);
      framed.set(lengthOf(300));
      for (const byte of framed) stream.send(Uint8Array.of(byte));
    },
  ));

test("a request that is longer than allowed, broken off, or padded is refused unread and counted", () =>
  withBadPeer(async (honest, raw) => {
    let asked = 0;
    honest.serve(async () => {
      asked += 1;
      return new Uint8Array();
    });
    const [connection] = raw.node.getConnections();
    const bad: readonly ((stream: Stream) => unknown)[] = [
      (stream) => stream.send(lengthOf(MAX_REQUEST_BYTES + 1)),
      (stream) => [stream.send(lengthOf(10)), stream.send(new Uint8Array(9)), void stream.close()],
      (stream) => stream.send(new Uint8Array([0, 0, 0, 1, 7, 7, 7])),
    ];
    for (const [index, misbehave] of bad.entries()) {
      const stream = await connection?.newStream(SYNC_PROTOCOL);
      if (stream === undefined) return assert.unreachable("no stream");
      misbehave(stream);
      await until("it is counted", () => honest.refusals().TRANSPORT_REQUEST_BROKEN === index + 1);
    }
    assert.is(asked, 0);
    assert.ok(honest.peers().every((peer) => peer.connected));
  }));

test("a third stream at once is refused, and an honest answer comes over the first", () =>
  withBadPeer(async (honest, raw) => {
    honest.serve(async ({ bytes }) => bytes);
    const [connection] = raw.node.getConnections();
    const open = () => connection?.newStream(SYNC_PROTOCOL, { maxOutboundStreams: 9 });
    const streams = await Promise.all(
      [open(), open(), open(), open()].map((stream) => stream ?? Promise.reject()),
    );
    for (const stream of streams) if (stream?.status === "open") sendQuietly(stream, lengthOf(1));
    await until(
      "two of four are reset",
      () => streams.filter((stream) => stream?.status === "reset").length === 2,
    );
    const left = streams.find((stream) => stream?.status === "open");
    const answer: number[] = [];
    left?.addEventListener("message", (event) => answer.push(...event.data.subarray()));
    left?.send(Uint8Array.of(42));
    await until("it is answered", () => answer.length === 5);
    assert.equal(answer, [0, 0, 0, 1, 42]);
  }));

function lengthOf(bytes: number): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes);
  return length;
}

function endless(stream: Stream): void {
  const more = () => {
    if (stream.status !== "open") return;
    sendQuietly(stream, new Uint8Array(16 * KIB));
    setTimeout(more, 1);
  };
  more();
}

/** A stream that was reset meanwhile cannot be written to. */
function sendQuietly(stream: Stream, bytes: Uint8Array): void {
  try {
    stream.send(bytes);
  } catch {
    stream.abort(new Error("reset"));
  }
}

test.run();
