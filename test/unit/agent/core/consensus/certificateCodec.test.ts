import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, encode } from "../../../../../agent/core/codec.ts";
import {
  buildCommitCertificate,
  buildPreparedCertificate,
  buildRoundChangeCertificate,
} from "../../../../../agent/core/consensus/certificate.ts";
import {
  cborJustification,
  decodeCommitCertificate,
  decodeRoundChangeCertificate,
  type Electors,
  encodeCommitCertificate,
  encodeRoundChangeCertificate,
  MAX_CERTIFICATE_BYTES,
} from "../../../../../agent/core/consensus/certificateCodec.ts";
import {
  type ItemList,
  itemListOf,
  MAX_ITEM_POSITION,
  MAX_ITEMS,
  NO_ITEMS,
} from "../../../../../agent/core/consensus/item.ts";
import { buildJustification } from "../../../../../agent/core/consensus/justification.ts";
import type { CommitCertificate, PreparedCertificate } from "../../../../../agent/core/consensus/message.ts";
import { quorum } from "../../../../../agent/core/consensus/quorum.ts";
import { hashBytes } from "../../../../../agent/core/hash.ts";
import { round } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  HEIGHT_1,
  prepareBy,
  roundChangeBy,
  voterIds,
} from "../../../../support/consensusNodes.ts";
import { failsWith } from "../../../../support/failure.ts";

const codec = suite("certificateCodec");

const A = block("a").blockHash;
const HELD = itemListOf([{ kind: "reading", position: 1, signer: 2 }]);
/** As long as a list gets, and no other's. */
const listOf = (odd: number): ItemList =>
  itemListOf(
    Array.from({ length: MAX_ITEMS }, (_, index) => ({
      kind: "transaction" as const,
      position: (index % MAX_ITEM_POSITION) + 1,
      signer: Math.floor(index / MAX_ITEM_POSITION),
    })).filter(({ signer }) => signer !== odd),
  );
const electors = (count: number): Electors => voterIds(count).map((id) => ({ id }));
const FOUR = electors(4);

const commits = (count: number, atRound = 0): CommitCertificate =>
  buildCommitCertificate(
    voterIds(count).map((voter) => commitBy(voter, atRound, A)),
    voterIds(count),
  );

for (const count of [1, 2, 3, 4, 7, 8, 9, 100, 200]) {
  codec(
    `writes a commit certificate of ${count} voters within 64·q, bitmap and 40 bytes, and reads it back`,
    () => {
      for (const atRound of [0, 23, 24, 255]) {
        const certificate = commits(count, atRound);
        const encoded = encodeCommitCertificate(certificate, electors(count));
        assert.ok(
          encoded.length <= 64 * quorum(count) + Math.ceil(count / 8) + 40,
          `${encoded.length} bytes`,
        );
        assert.equal(decodeCommitCertificate(encoded, HEIGHT_1, electors(count)), {
          kind: "accept",
          value: certificate,
        });
      }
    },
  );
}

codec("writes held lists of those signers that hold something", () => {
  const votes = [commitBy("v1", 0, A), commitBy("v3", 0, A, HELD), commitBy("v4", 0, A)];
  const certificate = buildCommitCertificate(votes, voterIds(4));
  const encoded = encodeCommitCertificate(certificate, FOUR);
  assert.equal(decodeCommitCertificate(encoded, HEIGHT_1, FOUR), { kind: "accept", value: certificate });
});

codec("writes signers in roster order, however they stand", () => {
  const certificate = commits(4);
  const shuffled = { ...certificate, signers: certificate.signers.toReversed() };
  assert.equal(encodeCommitCertificate(shuffled, FOUR), encodeCommitCertificate(certificate, FOUR));
});

codec("has the layout round, block hash, bitmap and signatures", () => {
  const certificate = buildCommitCertificate(
    ["v1", "v2", "v4"].map((voter) => commitBy(voter, 5, A)),
    voterIds(4),
  );
  const signatures = certificate.signers.flatMap((signer) => [...signer.signature]);
  const expected = [0x83, 0x05, 0x58, 0x20, ...hashBytes(A), 0x58, 193, 0b1011, ...signatures];
  assert.equal([...encodeCommitCertificate(certificate, FOUR)], expected);
});

codec("writes and reads what ROUND_CHANGEs claim", () => {
  const prepared: PreparedCertificate = { height: HEIGHT_1, round: round(1), blockHash: A, signers: [] };
  const votes = [
    roundChangeBy("v1", 2, "v3"),
    roundChangeBy("v2", 2, "v3", prepared),
    roundChangeBy("v4", 2, "v3"),
  ];
  const plain = buildRoundChangeCertificate(votes, voterIds(4));
  const naming = { ...plain, signers: plain.signers.map((signer) => ({ ...signer, named: HELD })) };
  for (const certificate of [plain, naming]) {
    const encoded = encodeRoundChangeCertificate(certificate, FOUR);
    assert.equal(decodeRoundChangeCertificate(encoded, HEIGHT_1, FOUR), {
      kind: "accept",
      value: certificate,
    });
  }
});

codec("keeps the mandate of 200 voters, each with a claim of its own, within its bound", () => {
  const prepared: PreparedCertificate = { height: HEIGHT_1, round: round(1), blockHash: A, signers: [] };
  const votes = voterIds(200).map((voter) => roundChangeBy(voter, 2, "v3", prepared));
  const { signers: _signers, ...head } = buildRoundChangeCertificate(votes, voterIds(200));
  const signers = votes.map(({ voter, preparedRound, preparedHash, signature }) => ({
    voter,
    preparedRound,
    preparedHash,
    named: listOf(Number(voter.slice(1))),
    signature,
  }));
  assert.ok(
    encodeRoundChangeCertificate({ ...head, signers }, electors(200)).length <= MAX_CERTIFICATE_BYTES,
  );
});

codec("writes what 134 of 200 voters name and have prepared within 27 kB, and at worst 64 kB", () => {
  const voters = voterIds(200);
  const prepared = buildPreparedCertificate(
    voters.map((voter) => prepareBy(voter, 1, A)),
    voters,
  );
  const readings = voters.map((_, signer) => ({ kind: "reading", position: 1, signer }) as const);
  const bytesOf = (namedBy: (place: number) => ItemList): number => {
    const votes = voters.map((voter, place) => ({
      ...roundChangeBy(voter, 2, "v3", prepared),
      named: namedBy(place),
    }));
    return encode(cborJustification(buildJustification(votes, voters), electors(200))).length;
  };
  const usual = bytesOf(() => itemListOf(readings));
  assert.ok(usual <= 27_000, `${usual} bytes`);
  const worst = bytesOf(listOf);
  assert.ok(worst <= 64_000, `${worst} bytes`);
});

codec("cannot write a signer that is no voter of the height", async () => {
  await failsWith(() => encodeCommitCertificate(commits(7), FOUR), "CONSENSUS_UNKNOWN_VOTER");
});

const SIGNATURE = [...new Uint8Array(64).fill(7)];
const signers = (bitmap: number, count: number): Uint8Array =>
  Uint8Array.from([bitmap, ...Array.from({ length: count }, () => SIGNATURE).flat()]);
const hashA = hashBytes(A);
const bits = (...bitmap: number[]): Uint8Array => Uint8Array.from(bitmap);
/** A list with the item of one position. */
const list = (position: number): Cbor[] => [[0, position, bits(1)]];

/** What is wrong, and the CBOR of a commit certificate of four voters that has it. */
const BAD_COMMITS: readonly (readonly [string, Cbor])[] = [
  ["no array", 7],
  ["nothing in it", []],
  ["no signers", [0, hashA]],
  ["a round below 0", [-1, hashA, signers(7, 3)]],
  ["a round above its bound", [2 ** 31, hashA, signers(7, 3)]],
  ["a short hash", [0, hashA.slice(1), signers(7, 3)]],
  ["a bit for a fifth voter", [0, hashA, signers(0b10011, 3)]],
  ["fewer signatures than bits", [0, hashA, signers(7, 2)]],
  ["more signatures than bits", [0, hashA, signers(7, 4)]],
  ["an empty bitmap string", [0, hashA, new Uint8Array(0)]],
  ["an empty list of held lists", [0, hashA, signers(7, 3), []]],
  ["the empty held list written out", [0, hashA, signers(7, 3), [[[], bits(1)]]]],
  ["a held list of no signer", [0, hashA, signers(7, 3), [[list(1), bits(0b1000)]]]],
  ["a held list of nobody", [0, hashA, signers(7, 3), [[list(1), bits(0)]]]],
  [
    "held lists out of order",
    [
      0,
      hashA,
      signers(7, 3),
      [
        [list(1), bits(2)],
        [list(2), bits(1)],
      ],
    ],
  ],
  [
    "one held list written twice",
    [
      0,
      hashA,
      signers(7, 3),
      [
        [list(1), bits(1)],
        [list(1), bits(2)],
      ],
    ],
  ],
  [
    "two held lists of one signer",
    [
      0,
      hashA,
      signers(7, 3),
      [
        [list(1), bits(1)],
        [list(2), bits(1)],
      ],
    ],
  ],
  ["groups out of order", [0, hashA, signers(7, 3), [[[...list(2), ...list(1)], bits(1)]]]],
  ["an unknown kind of item", [0, hashA, signers(7, 3), [[[[9, 1, bits(1)]], bits(1)]]]],
  ["position 0", [0, hashA, signers(7, 3), [[[[0, 0, bits(1)]], bits(1)]]]],
  ["a group of nobody's items", [0, hashA, signers(7, 3), [[[[0, 1, bits(0)]], bits(1)]]]],
  ["more than it may have", [0, hashA, signers(7, 3), [[list(1), bits(1)]], 0]],
];

for (const [what, cbor] of BAD_COMMITS) {
  codec(`refuses a commit certificate with ${what}`, () => {
    const verdict = decodeCommitCertificate(encode(cbor), HEIGHT_1, FOUR);
    assert.is(verdict.kind === "reject" && verdict.code, "BAD_SHAPE");
  });
}

/** What is wrong, and the CBOR of a round-change certificate of four voters that has it. */
const BAD_MANDATES: readonly (readonly [string, Cbor])[] = [
  ["a candidate that is no voter", [1, 4, signers(7, 3), [], []]],
  ["no claims", [1, 1, signers(7, 3)]],
  ["no named lists", [1, 1, signers(7, 3), []]],
  ["the usual claim written out", [1, 1, signers(7, 3), [[0, null, null]], []]],
  ["the empty named list written out", [1, 1, signers(7, 3), [], [[[], bits(1)]]]],
  ["a claim of no signer", [1, 1, signers(7, 3), [[3, 0, hashA]], []]],
  ["a named list of no signer", [1, 1, signers(7, 3), [], [[list(1), bits(0b1000)]]]],
];

for (const [what, cbor] of BAD_MANDATES) {
  codec(`refuses a round-change certificate with ${what}`, () => {
    const verdict = decodeRoundChangeCertificate(encode(cbor), HEIGHT_1, FOUR);
    assert.is(verdict.kind === "reject" && verdict.code, "BAD_SHAPE");
  });
}

codec("refuses a certificate that is too long or not canonical", () => {
  const long = decodeCommitCertificate(new Uint8Array(MAX_CERTIFICATE_BYTES + 1), HEIGHT_1, FOUR);
  assert.is(long.kind === "reject" && long.code, "MESSAGE_TOO_LONG");
  const plain = encodeCommitCertificate(commits(4, 5), FOUR);
  const wide = Uint8Array.from([0x83, 0x18, 0x05, ...plain.slice(2)]);
  assert.ok(["NOT_CANONICAL", "NOT_CBOR"].includes(codeOf(decodeCommitCertificate(wide, HEIGHT_1, FOUR))));
});

codec("names nothing usual in a plain mandate", () => {
  const votes = ["v1", "v2", "v4"].map((voter) => roundChangeBy(voter, 2, "v3"));
  const certificate = buildRoundChangeCertificate(votes, voterIds(4));
  assert.equal(certificate.signers[0]?.named, NO_ITEMS);
  assert.is(encodeRoundChangeCertificate(certificate, FOUR).length, 1 + 1 + 1 + 2 + 1 + 3 * 64 + 1 + 1);
});

function codeOf(verdict: { readonly kind: string; readonly code?: string }): string {
  return verdict.code ?? verdict.kind;
}

codec.run();
