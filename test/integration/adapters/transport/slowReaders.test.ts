/** Gateways of a large street that ask and take no answer: what they may keep in the memory of another is bounded. */
import "../../../../agent/compat.ts";
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_ANSWERS_BYTES } from "../../../../agent/adapters/transport/limits.ts";
import { MAX_REQUEST_STREAMS, SYNC_PROTOCOL } from "../../../../agent/adapters/transport/requestStreams.ts";
import { isAgentError } from "../../../../agent/core/errors.ts";
import { accept } from "../../../../agent/core/verdict.ts";
import { type RawGateway, startRawGateway } from "../../../support/rawGateway.ts";
import { openLibp2pStreet } from "../../../support/transportStreet.ts";
import { until } from "../../../support/until.ts";

const test = suite("slow readers over libp2p");

/** From here on an answer may have 1 MiB. */
const GATEWAYS = 65;
const REQUEST = Uint8Array.of(0, 0, 0, 1, 1);

async function slowStream({ node }: RawGateway): Promise<Stream> {
  const [connection] = node.getConnections();
  const stream = await connection?.newStream(SYNC_PROTOCOL);
  if (stream === undefined) throw new Error("not connected");
  stream.pause();
  stream.send(REQUEST);
  return stream;
}

test("slow readers are answered up to the bound; whoever asks then is refused, counted, and answered once they end", async () => {
  const names = Array.from({ length: GATEWAYS }, (_, index) => `g${index}`);
  const [answering, asking, ...others] = names as [string, string, ...string[]];
  const street = await openLibp2pStreet({
    gateways: names,
    links: names.map((name) => [answering, name] as const),
  });
  const { transport, address } = street.gateway(answering);
  const { transport: asker } = street.gateway(asking);
  const { maxAnswerBytes } = transport;
  const readers = MAX_ANSWERS_BYTES / maxAnswerBytes / MAX_REQUEST_STREAMS;
  const raws: RawGateway[] = [];
  let answered = 0;
  const askedBy = async () => {
    const { peerId } = street.gateway(answering);
    try {
      return (await asker.request(peerId, REQUEST, { timeoutMs: 10_000, maxAnswerBytes })).length;
    } catch (error) {
      return isAgentError(error) ? error.code : String(error);
    }
  };
  try {
    await transport.start(() => accept(null));
    await asker.start(() => accept(null));
    transport.serve(async () => {
      answered += 1;
      return new Uint8Array(maxAnswerBytes);
    });
    const isConnected = () => asker.peers().some((peer) => peer.connected);
    await until("who asks is connected", isConnected);
    for (const name of others.slice(0, readers)) {
      const raw = await startRawGateway(street.gateway(name));
      raws.push(raw);
      await raw.node.dial(multiaddr(address));
    }
    assert.is(await askedBy(), maxAnswerBytes);
    const streams = await Promise.all(raws.flatMap((raw) => [slowStream(raw), slowStream(raw)]));
    await until("the slow ones are answered", () => answered === 1 + streams.length);
    assert.is(await askedBy(), "TRANSPORT_UNANSWERED");
    assert.is(transport.refusals().TRANSPORT_REQUEST_CROWDED, 1);
    assert.is(answered, 1 + streams.length);
    streams[0]?.abort(new Error("enough"));
    await until("its answer is given up", () => transport.refusals().TRANSPORT_REQUEST_BROKEN === 1);
    assert.is(await askedBy(), maxAnswerBytes);
    assert.equal(street.gateway(answering).faults, []);
  } finally {
    await Promise.all(raws.map(({ node }) => node.stop()));
    await street.close();
  }
});

test.run();
