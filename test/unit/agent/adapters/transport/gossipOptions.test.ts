import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gossipOptions, messageIdOf } from "../../../../../agent/adapters/transport/gossipOptions.ts";
import { limitsOf } from "../../../../../agent/adapters/transport/limits.ts";
import { refusalLedger, refusalRegister } from "../../../../../agent/adapters/transport/refusals.ts";
import { toHex } from "../../../../../agent/core/bytes.ts";
import { eventLog } from "../../../../support/eventLog.ts";

const TOPICS = ["edso/1/test/readings", "edso/1/test/votes"];
const ABC = new TextEncoder().encode("abc");

const options = gossipOptions({
  topics: TOPICS,
  limits: limitsOf(4),
  register: refusalRegister(refusalLedger(eventLog()), () => {}),
});

const test = suite("gossipOptions");

test("a message id is 20 bytes of SHA-256 over topic, zero byte and content", () => {
  // printf 'edso/1/test/votes\0abc' | sha256sum
  assert.is(
    toHex(messageIdOf({ topic: "edso/1/test/votes", data: ABC })),
    "73f2ffe14e314c5dd2fa548f1b139f66659418ff",
  );
  // printf 'edso/1/test/readings\0abc' | sha256sum
  assert.is(
    toHex(messageIdOf({ topic: "edso/1/test/readings", data: ABC })),
    "d0724e4c43c212c1ee678ae9cc710f7718c25eae",
  );
});

test("messages are unsigned at gossip level, kept from their sender, and nobody introduces peers", () => {
  assert.is(options.globalSignaturePolicy, "StrictNoSign");
  assert.is(options.emitSelf, false);
  assert.is(options.doPX, false);
  assert.is(options.fallbackToFloodsub, false);
});

test("every bound on what a neighbour may send is set and finite", () => {
  assert.is(options.maxInboundDataLength, 256 * 1024);
  assert.equal(options.allowedTopics, TOPICS);
  for (const [name, limit] of Object.entries(options.decodeRpcLimits ?? {})) {
    assert.ok(Number.isInteger(limit) && limit > 0 && limit <= 1024, name);
  }
  assert.is(Object.keys(options.decodeRpcLimits ?? {}).length, 7);
  for (const limit of [
    options.maxOutboundBufferSize,
    options.maxInboundStreams,
    options.maxTopicBytesPerPeer,
  ]) {
    assert.ok(Number.isInteger(limit));
  }
});

test("only invalid messages cost a neighbour its score, not its address, nor that it is slow", () => {
  const { scoreParams } = options;
  assert.is(scoreParams?.IPColocationFactorWeight, 0);
  for (const topic of TOPICS) {
    const params = scoreParams?.topics?.[topic];
    assert.is(params?.meshMessageDeliveriesWeight, 0);
    assert.is(params?.meshFailurePenaltyWeight, 0);
    assert.ok((params?.invalidMessageDeliveriesWeight ?? 0) < 0);
  }
});

test.run();
