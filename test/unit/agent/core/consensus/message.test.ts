import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { itemListHash, itemListOf, NO_ITEMS } from "../../../../../agent/core/consensus/item.ts";
import {
  digestOf,
  type RoundChange,
  senderOf,
  signDomainOf,
} from "../../../../../agent/core/consensus/message.ts";
import { hashBytes } from "../../../../../agent/core/hash.ts";
import { round } from "../../../../../agent/core/units.ts";
import {
  block,
  CHAIN_ID,
  commitBy,
  HEIGHT_1,
  prepareBy,
  proposalBy,
  roundChangeBy,
} from "../../../../support/consensusNodes.ts";

const message = suite("message");

const A = block("a");
const B = block("b");
/** One item: the reading of the third signer. */
const HELD = itemListOf([{ kind: "reading", position: 1, signer: 2 }]);

message("calls the SHA-256 of an empty CBOR list the digest of holding and naming nothing", () => {
  // printf '\x80' | sha256sum
  assert.is(itemListHash(NO_ITEMS), "76be8b528d0075f7aae98d6fa57a6d3c83ae480a8469e668d7b0af968995ac71");
});

message("of a proposal or PREPARE covers the block hash itself", () => {
  assert.is(digestOf(proposalBy("v1", 0, A)), A.blockHash);
  assert.is(digestOf(prepareBy("v1", 0, A.blockHash)), A.blockHash);
});

message("of a COMMIT covers block hash and held list together", () => {
  const expected = createHash("sha256")
    .update(hashBytes(A.blockHash))
    .update(
      createHash("sha256")
        .update(Uint8Array.of(0x81, 0x83, 0, 1, 0x41, 0b100))
        .digest(),
    )
    .digest("hex");
  assert.is(digestOf(commitBy("v1", 0, A.blockHash, HELD)), expected);
  assert.is.not(digestOf(commitBy("v1", 0, A.blockHash)), expected);
});

message(
  "of a ROUND_CHANGE covers candidate, prepared round, prepared hash and named items, not the certificate",
  () => {
    const plain = roundChangeBy("v1", 2, "v3");
    const prepared = { preparedRound: round(1), preparedHash: A.blockHash };
    const digests = [
      plain,
      { ...plain, candidate: "v4" },
      { ...plain, ...prepared },
      { ...plain, ...prepared, preparedRound: round(0) },
      { ...plain, ...prepared, preparedHash: B.blockHash },
      { ...plain, named: HELD },
    ].map(digestOf);
    assert.is(new Set(digests).size, digests.length);
    const certificate = { height: HEIGHT_1, round: round(1), blockHash: A.blockHash, signers: [] };
    const proven: RoundChange = { ...plain, prepared: certificate };
    assert.is(digestOf(proven), digestOf(plain));
  },
);

message("of a ROUND_CHANGE has the digest of its canonical encoding", () => {
  const cbor = Buffer.concat([
    Buffer.from([0x84, 0x62, 0x76, 0x33, 0xf6, 0xf6, 0x58, 0x20]),
    hashBytes(itemListHash(NO_ITEMS)),
  ]);
  assert.is(digestOf(roundChangeBy("v1", 2, "v3")), createHash("sha256").update(cbor).digest("hex"));
});

message("is bound to kind, chain, epoch, height and round", () => {
  assert.equal(signDomainOf(commitBy("v1", 3, A.blockHash), CHAIN_ID, 5), {
    type: "commit",
    chainId: CHAIN_ID,
    epoch: 5,
    height: HEIGHT_1,
    round: round(3),
  });
});

message("names its sender", () => {
  assert.is(senderOf(proposalBy("v2", 0, A)), "v2");
  assert.is(senderOf(roundChangeBy("v3", 1, "v2")), "v3");
});

message.run();
