/** Own votes as bytes: what is read is what was written, and nothing else is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encode } from "../../../../../agent/core/codec.ts";
import { buildPreparedCertificate } from "../../../../../agent/core/consensus/certificate.ts";
import { itemListOf } from "../../../../../agent/core/consensus/item.ts";
import { buildJustification } from "../../../../../agent/core/consensus/justification.ts";
import { encodeMessage } from "../../../../../agent/core/consensus/messageCodec.ts";
import type { OwnVote } from "../../../../../agent/core/consensus/ownVote.ts";
import {
  decodeOwnVote,
  encodeOwnVote,
  MAX_OWN_VOTE_BYTES,
} from "../../../../../agent/core/consensus/ownVoteCodec.ts";
import {
  block,
  commitBy,
  prepareBy,
  proposalBy,
  roundChangeBy,
  voterIds,
} from "../../../../support/consensusNodes.ts";

const VOTERS = voterIds(4);
const ELECTORS = VOTERS.map((id) => ({ id }));
const A = block("a");
const B = block("b");
const HELD = itemListOf([{ kind: "reading", position: 1, signer: 2 }]);
const ITEM = encode(["a reading"]);
const prepared = buildPreparedCertificate(
  ["v1", "v2", "v4"].map((voter) => prepareBy(voter, 1, A.blockHash)),
  VOTERS,
);
const justification = buildJustification(
  ["v1", "v2", "v3"].map((voter) => roundChangeBy(voter, 2, "v3", prepared)),
  VOTERS,
);
const basis = { body: A.body, prepared, items: [] };

const votes: readonly (readonly [string, OwnVote])[] = [
  ["a proposal with body and justification", { message: proposalBy("v3", 2, A, justification), basis: null }],
  ["a proposal of a left round", { message: proposalBy("v1", 0, { ...A, body: null }), basis: null }],
  ["a PREPARE", { message: prepareBy("v1", 0, A.blockHash), basis: null }],
  ["a COMMIT with what it rests on", { message: commitBy("v1", 1, A.blockHash), basis }],
  [
    "a COMMIT with a held list",
    { message: commitBy("v1", 1, A.blockHash, HELD), basis: { ...basis, items: [ITEM] } },
  ],
  ["a COMMIT that was overtaken", { message: commitBy("v1", 1, A.blockHash), basis: null }],
  ["a ROUND_CHANGE with its certificate", { message: roundChangeBy("v1", 2, "v3", prepared), basis: null }],
];

const test = suite("own votes as bytes");
const read = (bytes: Uint8Array) => {
  const verdict = decodeOwnVote(bytes, () => ELECTORS);
  return verdict.kind === "accept" ? verdict.value : verdict.code;
};

for (const [name, vote] of votes) {
  test(`${name} is read as it was written, its message byte for byte`, () => {
    const found = read(encodeOwnVote(vote, ELECTORS));
    assert.equal(found, vote);
    assert.equal(
      typeof found === "string" ? found : encodeMessage(found.message, ELECTORS),
      encodeMessage(vote.message, ELECTORS),
    );
  });
}

const others: readonly (readonly [string, OwnVote])[] = [
  ["a PREPARE with a basis", { message: prepareBy("v1", 1, A.blockHash), basis }],
  ["a COMMIT on PREPAREs of another round", { message: commitBy("v1", 2, A.blockHash), basis }],
  ["a COMMIT on PREPAREs of another block", { message: commitBy("v1", 1, B.blockHash), basis }],
  [
    "a COMMIT with more items than it names",
    { message: commitBy("v1", 1, A.blockHash), basis: { ...basis, items: [ITEM] } },
  ],
];
for (const [name, vote] of others) {
  test(`${name} is refused`, () => {
    assert.is(read(encodeOwnVote(vote, ELECTORS)), "BASIS_OTHER");
  });
}

test("a height whose voters are not known is refused without blame", () => {
  const bytes = encodeOwnVote({ message: prepareBy("v1", 0, A.blockHash), basis: null }, ELECTORS);
  const verdict = decodeOwnVote(bytes, () => undefined);
  assert.equal(verdict, { kind: "ignore", code: "UNKNOWN_HEIGHT" });
});

test("anything cut, altered or too long is refused", () => {
  const bytes = encodeOwnVote({ message: commitBy("v1", 1, A.blockHash), basis }, ELECTORS);
  for (let length = 0; length < bytes.length; length += 1)
    assert.type(read(bytes.subarray(0, length)), "string", `cut to ${length}`);
  assert.is(read(new Uint8Array(MAX_OWN_VOTE_BYTES + 1)), "MESSAGE_TOO_LONG");
  assert.is(read(encode([new Uint8Array(), null, null])), "BAD_SHAPE");
});

test.run();
