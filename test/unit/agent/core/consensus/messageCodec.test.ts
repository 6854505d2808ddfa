import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, encode } from "../../../../../agent/core/codec.ts";
import { buildPreparedCertificate } from "../../../../../agent/core/consensus/certificate.ts";
import type { Electors } from "../../../../../agent/core/consensus/certificateCodec.ts";
import { itemListOf } from "../../../../../agent/core/consensus/item.ts";
import { buildJustification } from "../../../../../agent/core/consensus/justification.ts";
import type { Message } from "../../../../../agent/core/consensus/message.ts";
import {
  decodeMessage,
  encodeMessage,
  MAX_BODY_BYTES,
  MAX_MESSAGE_BYTES,
} from "../../../../../agent/core/consensus/messageCodec.ts";
import { hashBytes } from "../../../../../agent/core/hash.ts";
import { type Height, height, round } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  HEIGHT_1,
  prepareBy,
  proposalBy,
  roundChangeBy,
  voterIds,
} from "../../../../support/consensusNodes.ts";
import { failsWith } from "../../../../support/failure.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const codec = suite("messageCodec");

const VOTERS = voterIds(4);
const ELECTORS: Electors = VOTERS.map((id) => ({ id }));
const at1 = (asked: Height): Electors | undefined => (asked === HEIGHT_1 ? ELECTORS : undefined);
const A = block("a");
const B = block("b");
const HELD = itemListOf([{ kind: "reading", position: 1, signer: 2 }]);
const PREPARED = buildPreparedCertificate(
  ["v1", "v2", "v4"].map((voter) => prepareBy(voter, 1, A.blockHash)),
  VOTERS,
);
const justification = (prepared = true) =>
  buildJustification(
    ["v1", "v3", "v4"].map((voter) => roundChangeBy(voter, 3, "v4", prepared ? PREPARED : null)),
    VOTERS,
  );
const MESSAGES: readonly Message[] = [
  proposalBy("v1", 0, A),
  proposalBy("v4", 3, B, justification(false)),
  proposalBy("v4", 3, { ...A, body: null }, justification()),
  prepareBy("v2", 7, A.blockHash),
  commitBy("v3", 0, A.blockHash),
  commitBy("v3", 0, A.blockHash, HELD),
  roundChangeBy("v1", 2, "v3"),
  roundChangeBy("v1", 2, "v3", PREPARED),
  { ...roundChangeBy("v1", 2, "v3"), named: HELD },
];

for (const [index, message] of MESSAGES.entries()) {
  codec(`writes and reads a ${message.kind}, case ${index + 1}`, () => {
    const encoded = encodeMessage(message, ELECTORS);
    assert.equal(decodeMessage(encoded, at1), { kind: "accept", value: message });
  });
}

codec("writes a PREPARE in little more than its hash and signature", () => {
  const bytes = encodeMessage(prepareBy("v2", 0, A.blockHash), ELECTORS);
  assert.is(bytes.length, 1 + 4 + (2 + 64) + (2 + 32));
});

codec("keeps the longest proposal of 200 voters within its bound", () => {
  const voters = voterIds(200);
  const prepared = buildPreparedCertificate(
    voters.map((voter) => prepareBy(voter, 1, A.blockHash)),
    voters,
  );
  const mandate = buildJustification(
    voters.map((voter) => roundChangeBy(voter, 3, "v4", prepared)),
    voters,
  );
  const longest = proposalBy(
    "v4",
    3,
    { blockHash: A.blockHash, body: new Uint8Array(MAX_BODY_BYTES) },
    mandate,
  );
  const encoded = encodeMessage(
    longest,
    voters.map((id) => ({ id })),
  );
  assert.ok(encoded.length <= MAX_MESSAGE_BYTES, `${encoded.length} bytes`);
  assert.ok(
    encoded.length - MAX_BODY_BYTES <= 27_000,
    `justification of ${encoded.length - MAX_BODY_BYTES} bytes`,
  );
});

codec("blames nobody for a height whose voters are not known", () => {
  const encoded = encodeMessage({ ...prepareBy("v1", 0, A.blockHash), height: height(9) }, ELECTORS);
  assert.equal(decodeMessage(encoded, at1), { kind: "ignore", code: "UNKNOWN_HEIGHT" });
});

codec("cannot write strangers, nor a ROUND_CHANGE that contradicts its proof", async () => {
  await failsWith(() => encodeMessage(prepareBy("x", 0, A.blockHash), ELECTORS), "CONSENSUS_UNKNOWN_VOTER");
  const contradiction = { ...roundChangeBy("v1", 2, "v3", PREPARED), preparedRound: round(0) };
  await failsWith(() => encodeMessage(contradiction, ELECTORS), "CONSENSUS_MIXED_VOTES");
});

const SIGNATURE = new Uint8Array(64);
const HASH = hashBytes(A.blockHash);

/** What is wrong, and CBOR that has it. */
const BAD: readonly (readonly [string, Cbor])[] = [
  ["no array", "text"],
  ["too few fields", [1, 1, 0, 0]],
  ["an unknown kind", [4, 1, 0, 0, SIGNATURE, HASH]],
  ["a kind as text", ["prepare", 1, 0, 0, SIGNATURE, HASH]],
  ["a height below 0", [1, -1, 0, 0, SIGNATURE, HASH]],
  ["a round above its bound", [1, 1, 2 ** 31, 0, SIGNATURE, HASH]],
  ["a sender that is no voter", [1, 1, 0, 4, SIGNATURE, HASH]],
  ["a long signature", [1, 1, 0, 0, new Uint8Array(65), HASH]],
  ["a short hash", [1, 1, 0, 0, SIGNATURE, HASH.slice(1)]],
  ["a field too many", [1, 1, 0, 0, SIGNATURE, HASH, 0]],
  ["no held list", [2, 1, 0, 0, SIGNATURE, HASH, null]],
  ["an empty group of held items", [2, 1, 0, 0, SIGNATURE, HASH, [[0, 1, new Uint8Array()]]]],
  ["a body as text", [0, 1, 0, 0, SIGNATURE, HASH, "body", null]],
  ["half a justification", [0, 1, 1, 0, SIGNATURE, HASH, null, [null]]],
  ["a candidate that is no voter", [3, 1, 1, 0, SIGNATURE, 9, [], null]],
  ["half a proof", [3, 1, 1, 0, SIGNATURE, 0, [], [0, HASH]]],
];

for (const [what, cbor] of BAD) {
  codec(`refuses a message with ${what}`, () => {
    const verdict = decodeMessage(encode(cbor), at1);
    assert.is(verdict.kind === "reject" && verdict.code, "BAD_SHAPE");
  });
}

codec("refuses a body beyond its bound", () => {
  const encoded = encode([0, 1, 0, 0, SIGNATURE, HASH, new Uint8Array(MAX_BODY_BYTES + 1), null]);
  const verdict = decodeMessage(encoded, at1);
  assert.is(verdict.kind === "reject" && verdict.code, "BAD_SHAPE");
  const short = decodeMessage(encoded, at1, 1_000);
  assert.is(short.kind === "reject" && short.code, "MESSAGE_TOO_LONG");
});

codec("answers any bytes with a verdict, and reads only what it would write", () => {
  const seed = propertySeed("messageCodec.test.ts");
  const encoded = MESSAGES.map((message) => encodeMessage(message, ELECTORS));
  const altered = fc
    .record({
      message: fc.constantFrom(...encoded),
      at: fc.nat(),
      byte: fc.integer({ min: 0, max: 255 }),
      cut: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ message, at, byte, cut }) => {
      const bytes = message.slice(0, message.length - cut);
      bytes[at % Math.min(bytes.length, 120)] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), altered), (bytes) => {
      const verdict = decodeMessage(bytes, at1);
      if (verdict.kind === "accept") assert.equal(encodeMessage(verdict.value, ELECTORS), bytes);
    }),
    { seed, numRuns: 3_000 },
  );
});

codec.run();
