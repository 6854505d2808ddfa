/** The envelope of gossip: version, microgrid, message; well-formed and bounded, or refused. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encode } from "../../../../agent/core/codec.ts";
import type { Message } from "../../../../agent/core/consensus/message.ts";
import { MAX_MESSAGE_BYTES } from "../../../../agent/core/consensus/messageCodec.ts";
import { hashBytes, hashOf, ZERO_HASH } from "../../../../agent/core/hash.ts";
import { encodeReading, MAX_READING_BYTES } from "../../../../agent/core/metering/reading.ts";
import { height, round } from "../../../../agent/core/units.ts";
import {
  encodeReadingMessage,
  encodeVoteMessage,
  readWire,
  type WireChannel,
} from "../../../../agent/core/wire.ts";
import { measured, testContext, testReading } from "../../../support/chainBuilder.ts";
import { propertySeed } from "../../../support/propertySeed.ts";

const seed = propertySeed("wire");
const context = testContext(4);
const { chainId } = context.roster;
const electors = context.voters.voters;
const signed = testReading(context, "dep1", measured([500, 300]));
const vote: Message = {
  kind: "prepare",
  height: height(1),
  round: round(0),
  blockHash: hashOf(Uint8Array.of(1)),
  voter: electors[0]?.id ?? "",
  signature: new Uint8Array(64).fill(7),
};
const readingBytes = encodeReadingMessage(signed, chainId);
const voteBytes = encodeVoteMessage(vote, chainId, electors);
const mark = hashBytes(chainId).subarray(0, 8);

const codeOf = (channel: WireChannel, bytes: Uint8Array) => {
  const read = readWire(channel, bytes, chainId, () => electors);
  return read.kind === "accept" ? "accept" : `${read.kind} ${read.code}`;
};

const wire = suite("wire");

wire("brings a reading and a vote as they were sent", () => {
  assert.equal(
    readWire("readings", readingBytes, chainId, () => electors),
    {
      kind: "accept",
      value: { kind: "reading", signed },
    },
  );
  assert.equal(
    readWire("votes", voteBytes, chainId, () => electors),
    {
      kind: "accept",
      value: { kind: "vote", message: vote },
    },
  );
});

wire("is version, 8 bytes of the chain id, and the message as bytes", () => {
  assert.equal(readingBytes, encode([1, mark, encodeReading(signed)]));
});

wire("refuses a message of another microgrid, or on the wrong channel", () => {
  assert.is(codeOf("readings", encodeReadingMessage(signed, ZERO_HASH)), "reject WRONG_MICROGRID");
  assert.is(codeOf("votes", encodeVoteMessage(vote, ZERO_HASH, electors)), "reject WRONG_MICROGRID");
  assert.is(codeOf("votes", readingBytes), "reject BAD_SHAPE");
  assert.is(codeOf("readings", voteBytes), "reject BAD_SHAPE");
});

const content = encodeReading(signed);
const MALFORMED: readonly (readonly [name: string, bytes: Uint8Array, code: string])[] = [
  ["nothing", new Uint8Array(), "reject NOT_CBOR"],
  ["another version", encode([2, mark, content]), "reject BAD_SHAPE"],
  ["a short mark", encode([1, mark.subarray(1), content]), "reject BAD_SHAPE"],
  ["the whole chain id as mark", encode([1, hashBytes(chainId), content]), "reject BAD_SHAPE"],
  ["no message", encode([1, mark]), "reject BAD_SHAPE"],
  ["an empty message", encode([1, mark, new Uint8Array()]), "reject NOT_CBOR"],
  ["a message that is no bytes", encode([1, mark, "reading"]), "reject BAD_SHAPE"],
  ["a part too many", encode([1, mark, content, 0]), "reject BAD_SHAPE"],
  ["a byte after it", Uint8Array.of(...readingBytes, 0), "reject NOT_CBOR"],
  ["a byte after the message", encode([1, mark, Uint8Array.of(...content, 0)]), "reject NOT_CBOR"],
  ["an envelope in an envelope", encode([1, mark, readingBytes]), "reject BAD_SHAPE"],
  ["a message of 513 bytes", encode([1, mark, new Uint8Array(MAX_READING_BYTES + 1)]), "reject BAD_SHAPE"],
  ["a frame of 545 bytes", new Uint8Array(MAX_READING_BYTES + 33), "reject MESSAGE_TOO_LONG"],
];

for (const [name, bytes, code] of MALFORMED) {
  wire(`refuses ${name}: ${code}`, () => assert.is(codeOf("readings", bytes), code));
}

wire("refuses a vote beyond the longest message before it is decoded", () => {
  assert.is(codeOf("votes", new Uint8Array(MAX_MESSAGE_BYTES + 33)), "reject MESSAGE_TOO_LONG");
});

wire("refuses a nesting bomb inside the message", () => {
  const bomb = new Uint8Array(400).fill(0x81);
  assert.is(codeOf("readings", encode([1, mark, bomb])), "reject BAD_SHAPE");
  assert.is(codeOf("votes", encode([1, mark, new Uint8Array(500_000).fill(0x81)])), "reject BAD_SHAPE");
});

wire("judges any bytes without a throw, on their own and inside an envelope", () => {
  const holds = (bytes: Uint8Array) => {
    for (const channel of ["readings", "transactions", "votes"] as const) {
      assert.ok(codeOf(channel, bytes).startsWith("reject "));
      assert.ok(codeOf(channel, encode([1, mark, bytes])).startsWith("reject "));
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), holds), { seed, numRuns: 2_000 });
});

wire("gives nothing else for a message with one byte changed than a refusal or another message", () => {
  for (const [channel, bytes, value] of [
    ["readings", readingBytes, { kind: "reading", signed }],
    ["votes", voteBytes, { kind: "vote", message: vote }],
  ] as const) {
    for (let at = 0; at < bytes.length; at += 1) {
      const read = readWire(channel, bytes.with(at, (bytes[at] ?? 0) ^ 0x01), chainId, () => electors);
      if (read.kind === "accept") assert.not.equal(read.value, value, `byte ${at}`);
    }
  }
});

wire.run();
