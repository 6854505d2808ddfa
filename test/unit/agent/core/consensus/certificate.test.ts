import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  buildCommitCertificate,
  buildPreparedCertificate,
  buildRoundChangeCertificate,
  verifyCommitCertificate,
  verifyPreparedCertificate,
  verifyRoundChangeCertificate,
} from "../../../../../agent/core/consensus/certificate.ts";
import { itemListOf, NO_ITEMS } from "../../../../../agent/core/consensus/item.ts";
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
