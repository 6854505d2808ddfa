import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  buildCommitCertificate,
  buildPreparedCertificate,
  buildRoundChangeCertificate,
  chooseCommitCertificate,
  verifyCommitCertificate,
  verifyPreparedCertificate,
  verifyRoundChangeCertificate,
} from "../../../../../agent/core/consensus/certificate.ts";
import { type Item, itemListOf, itemsOf, NO_ITEMS } from "../../../../../agent/core/consensus/item.ts";
import type { PreparedCertificate } from "../../../../../agent/core/consensus/message.ts";
import { height, round } from "../../../../../agent/core/units.ts";
import type { Verdict } from "../../../../../agent/core/verdict.ts";
import {
  block,
  commitBy,
  prepareBy,
  roundChangeBy,
  verifyContext,
  voterIds,
} from "../../../../support/consensusNodes.ts";
import { failsWith } from "../../../../support/failure.ts";

const certificates = suite("certificate");

const VOTERS = voterIds(4);
const CONTEXT = verifyContext(VOTERS);
const A = block("a").blockHash;
const B = block("b").blockHash;
const HELD = itemListOf([{ kind: "reading", position: 1, signer: 2 }]);
const THREE = ["v1", "v2", "v3"];

const prepared = (atRound = 0, hash = A, voters = THREE): PreparedCertificate =>
  buildPreparedCertificate(
    voters.map((voter) => prepareBy(voter, atRound, hash)),
    VOTERS,
  );
const codeOf = (verdict: Verdict<unknown>): string => (verdict.kind === "accept" ? "accept" : verdict.code);

certificates("takes exactly a quorum, in roster order", () => {
  const all = VOTERS.toReversed().map((voter) => commitBy(voter, 2, A));
  const certificate = buildCommitCertificate(all, VOTERS);
  assert.equal(
    certificate.signers.map((signer) => signer.voter),
    THREE,
  );
  assert.is(codeOf(verifyCommitCertificate(certificate, CONTEXT)), "accept");
});

certificates("keeps what each signer says it holds", () => {
  const certificate = buildCommitCertificate(
    [commitBy("v1", 0, A, HELD), commitBy("v2", 0, A), commitBy("v4", 0, A)],
    VOTERS,
  );
  assert.is(certificate.signers[0]?.held, HELD);
  assert.is(codeOf(verifyCommitCertificate(certificate, CONTEXT)), "accept");
  const altered = certificate.signers.map((signer) => ({ ...signer, held: NO_ITEMS }));
  assert.is(codeOf(verifyCommitCertificate({ ...certificate, signers: altered }, CONTEXT)), "BAD_SIGNATURE");
});

/** COMMITs at hand as voter and round, what is lacking, and who is chosen in which round; the height is 1. */
const CHOICES: readonly (readonly [string, readonly string[], boolean, string])[] = [
  [
    "the window that begins behind the first voter at height 1",
    ["v1/0", "v2/0", "v3/0", "v4/0"],
    false,
    "v2 v3 v4 in 0",
  ],
  [
    "the next voters of the list for those that are missing",
    ["v1/0", "v2/0", "v4/0"],
    false,
    "v1 v2 v4 in 0",
  ],
  ["nobody without a quorum of one round", ["v1/0", "v2/0", "v3/1", "v4/1"], false, "none"],
  [
    "the round with most COMMITs",
    ["v1/0", "v2/0", "v3/0", "v1/2", "v2/2", "v3/2", "v4/2"],
    false,
    "v2 v3 v4 in 2",
  ],
  ["the lowest round among equals", ["v1/2", "v2/2", "v3/2", "v1/0", "v2/0", "v3/0"], false, "v1 v2 v3 in 0"],
  ["voters that hold what is lacking last", ["v1/0", "v2/0", "v3/0!", "v4/0"], true, "v1 v2 v4 in 0"],
  ["them all the same where no quorum is without", ["v1/0", "v2/0", "v3/0!"], true, "v1 v2 v3 in 0"],
  ["another round before them", ["v1/0", "v2/0", "v3/0!", "v1/1", "v2/1", "v4/1"], true, "v1 v2 v4 in 1"],
];
for (const [what, at, isLacking, chosen] of CHOICES)
  certificates(`that a block embeds takes ${what}`, () => {
    const commits = at.map((word) => {
      const [voter = "", round = ""] = word.replace("!", "").split("/");
      return commitBy(voter, Number(round), A, word.endsWith("!") ? HELD : NO_ITEMS);
    });
    const certificate = chooseCommitCertificate(commits, VOTERS, isLacking ? itemsOf(HELD) : []);
    const voters = certificate?.signers.map(({ voter }) => voter).join(" ");
    assert.is(certificate === null ? "none" : `${voters} in ${certificate.round}`, chosen);
    if (certificate !== null) assert.is(codeOf(verifyCommitCertificate(certificate, CONTEXT)), "accept");
  });

certificates("that blocks embed have every voter that is there within n heights", () => {
  for (const count of [1, 2, 3, 4, 5, 6, 7, 10]) {
    const voters = voterIds(count);
    const seen = new Set<string>();
    for (let at = 1; at <= count; at += 1) {
      const commits = voters.map((voter) => ({ ...commitBy(voter, 0, A), height: height(at) }));
      for (const { voter } of chooseCommitCertificate(commits, voters, [])?.signers ?? []) seen.add(voter);
    }
    assert.is(seen.size, count);
  }
});

certificates("of ROUND_CHANGEs takes those last that name what is lacking", () => {
  const naming = { ...roundChangeBy("v1", 1, "v2"), named: HELD };
  const others = ["v2", "v3", "v4"].map((voter) => roundChangeBy(voter, 1, "v2"));
  const votersOf = (lacked: readonly Item[]) =>
    buildRoundChangeCertificate([naming, ...others], VOTERS, lacked).signers.map(({ voter }) => voter);
  assert.equal(votersOf([]), ["v1", "v2", "v3"]);
  assert.equal(votersOf(itemsOf(HELD)), ["v2", "v3", "v4"]);
});

certificates("cannot be made of COMMITs of mixed rounds, blocks or heights", async () => {
  const two = [commitBy("v1", 0, A), commitBy("v2", 0, A)];
  for (const other of [
    commitBy("v3", 2, A),
    commitBy("v3", 0, B),
    { ...commitBy("v3", 0, A), height: height(2) },
  ])
    await failsWith(() => buildCommitCertificate([...two, other], VOTERS), "CONSENSUS_MIXED_VOTES");
});

certificates("cannot be made of fewer than a quorum; duplicates and strangers do not count", async () => {
  const two = [prepareBy("v1", 0, A), prepareBy("v2", 0, A)];
  for (const votes of [[], two, [...two, prepareBy("v2", 0, A)], [...two, prepareBy("stranger", 0, A)]])
    await failsWith(() => buildPreparedCertificate(votes, VOTERS), "CONSENSUS_TOO_FEW_VOTES");
});

certificates("proves nothing with votes of another round than it says", () => {
  const { signers } = prepared(1);
  assert.is(codeOf(verifyPreparedCertificate({ ...prepared(0), signers }, CONTEXT)), "BAD_SIGNATURE");
});

certificates("proves nothing when one of its COMMITs is of another round", () => {
  const plain = buildCommitCertificate(
    THREE.map((voter) => commitBy(voter, 0, A)),
    VOTERS,
  );
  const { signature, held } = commitBy("v3", 2, A);
  const mixed = { ...plain, signers: [...plain.signers.slice(0, 2), { voter: "v3", held, signature }] };
  assert.is(codeOf(verifyCommitCertificate(mixed, CONTEXT)), "BAD_SIGNATURE");
});

certificates("proves nothing for another block, height, epoch or chain", () => {
  const certificate = prepared();
  assert.is(codeOf(verifyPreparedCertificate({ ...certificate, blockHash: B }, CONTEXT)), "BAD_SIGNATURE");
  assert.is(
    codeOf(verifyPreparedCertificate({ ...certificate, height: height(2) }, CONTEXT)),
    "BAD_SIGNATURE",
  );
  assert.is(codeOf(verifyPreparedCertificate(certificate, { ...CONTEXT, epoch: 1 })), "BAD_SIGNATURE");
  assert.is(codeOf(verifyPreparedCertificate(certificate, { ...CONTEXT, chainId: A })), "BAD_SIGNATURE");
});

certificates("does not count a voter twice", () => {
  const certificate = prepared();
  const signers = [...certificate.signers.slice(0, 2), ...certificate.signers.slice(0, 1)];
  assert.is(codeOf(verifyPreparedCertificate({ ...certificate, signers }, CONTEXT)), "TOO_FEW_VOTERS");
});

certificates("is refused with a stranger among its signers, even beside a quorum", () => {
  const certificate = prepared();
  const { voter, signature } = prepareBy("stranger", 0, A);
  const signers = [...certificate.signers, { voter, signature }];
  assert.is(codeOf(verifyPreparedCertificate({ ...certificate, signers }, CONTEXT)), "UNKNOWN_VOTER");
});

certificates("is refused with one bad signature", () => {
  const certificate = prepared();
  const signers = certificate.signers.with(1, { voter: "v2", signature: new Uint8Array(64) });
  assert.is(codeOf(verifyPreparedCertificate({ ...certificate, signers }, CONTEXT)), "BAD_SIGNATURE");
});

certificates("of ROUND_CHANGEs includes the highest prepared one, wherever it stands", () => {
  const votes = [
    roundChangeBy("v1", 3, "v4"),
    roundChangeBy("v2", 3, "v4", prepared(1)),
    roundChangeBy("v3", 3, "v4"),
    roundChangeBy("v4", 3, "v4", prepared(2, B)),
  ];
  const certificate = buildRoundChangeCertificate(votes, VOTERS);
  assert.equal(
    certificate.signers.map((signer) => [signer.voter, signer.preparedRound]),
    [
      ["v1", null],
      ["v2", 1],
      ["v4", 2],
    ],
  );
  assert.is(codeOf(verifyRoundChangeCertificate(certificate, CONTEXT)), "accept");
});

certificates("of ROUND_CHANGEs is for one candidate and a round above 0", async () => {
  const votes = THREE.map((voter) => roundChangeBy(voter, 1, "v2"));
  await failsWith(
    () => buildRoundChangeCertificate([...votes.slice(0, 2), roundChangeBy("v3", 1, "v4")], VOTERS),
    "CONSENSUS_MIXED_VOTES",
  );
  const certificate = buildRoundChangeCertificate(votes, VOTERS);
  assert.is(
    codeOf(verifyRoundChangeCertificate({ ...certificate, candidate: "v4" }, CONTEXT)),
    "BAD_SIGNATURE",
  );
  assert.is(codeOf(verifyRoundChangeCertificate({ ...certificate, round: round(0) }, CONTEXT)), "ROUND_ZERO");
});

certificates("of ROUND_CHANGEs is refused with a claim that cannot be", () => {
  const certificate = buildRoundChangeCertificate(
    THREE.map((voter) => roundChangeBy(voter, 1, "v2")),
    VOTERS,
  );
  const claims = [
    { preparedRound: round(0), preparedHash: null },
    { preparedRound: null, preparedHash: A },
    { preparedRound: round(1), preparedHash: A },
  ];
  for (const claim of claims) {
    const signers = certificate.signers.map((signer) => ({ ...signer, ...claim }));
    assert.is(
      codeOf(verifyRoundChangeCertificate({ ...certificate, signers }, CONTEXT)),
      "BAD_PREPARED_CLAIM",
    );
  }
});

certificates.run();
