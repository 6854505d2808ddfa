import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildPreparedCertificate } from "../../../../../agent/core/consensus/certificate.ts";
import {
  buildJustification,
  judgeProposal,
  verifyJustification,
} from "../../../../../agent/core/consensus/justification.ts";
import type {
  Justification,
  PreparedCertificate,
  Proposal,
} from "../../../../../agent/core/consensus/message.ts";
import { height, round } from "../../../../../agent/core/units.ts";
import {
  block,
  prepareBy,
  proposalBy,
  roundChangeBy,
  verifyContext,
  voterIds,
} from "../../../../support/consensusNodes.ts";

const justification = suite("justification");

const VOTERS = voterIds(4);
const CONTEXT = verifyContext(VOTERS);
const A = block("a");
const B = block("b");
const prepared = (atRound: number, hash = A.blockHash): PreparedCertificate =>
  buildPreparedCertificate(
    VOTERS.slice(0, 3).map((voter) => prepareBy(voter, atRound, hash)),
    VOTERS,
  );
const FRESH = buildJustification(
  ["v1", "v2", "v3"].map((voter) => roundChangeBy(voter, 3, "v4")),
  VOTERS,
);
const AGAIN = buildJustification(
  [
    roundChangeBy("v1", 3, "v4", prepared(0, B.blockHash)),
    roundChangeBy("v2", 3, "v4", prepared(2)),
    roundChangeBy("v3", 3, "v4"),
  ],
  VOTERS,
);
const isFreshOf = (proposal: Proposal): boolean | string => {
  const verdict = judgeProposal(proposal, VOTERS);
  return verdict.kind === "accept" ? verdict.value.isFresh : verdict.code;
};

justification("carries the one certificate that its headers prove highest", () => {
  assert.equal(AGAIN.prepared, prepared(2));
  assert.is(FRESH.prepared, null);
  assert.is(verifyJustification(AGAIN, CONTEXT).kind, "accept");
  assert.is(verifyJustification(FRESH, CONTEXT).kind, "accept");
});

justification("is not needed in round 0, and not wanted", () => {
  assert.is(isFreshOf(proposalBy("v1", 0, A)), true);
  assert.is(isFreshOf(proposalBy("v4", 0, A, FRESH)), "JUSTIFICATION_NOT_WANTED");
});

justification(
  "lets a fresh block be proposed when nobody prepared one, and else only the highest prepared",
  () => {
    assert.is(isFreshOf(proposalBy("v4", 3, A, FRESH)), true);
    assert.is(isFreshOf(proposalBy("v4", 3, A, AGAIN)), false);
    assert.is(isFreshOf(proposalBy("v4", 3, B, AGAIN)), "NOT_HIGHEST_PREPARED");
  },
);

/** What is done to a justified proposal again of round 3 by v4, and how it is refused. */
const ALTERED: readonly (readonly [string, string, (good: Justification) => Partial<Proposal>])[] = [
  ["no justification", "JUSTIFICATION_MISSING", () => ({ justification: null })],
  ["one of another round", "JUSTIFICATION_ELSEWHERE", () => ({ round: round(7) })],
  ["one of another height", "JUSTIFICATION_ELSEWHERE", () => ({ height: height(2) })],
  ["one for another candidate", "JUSTIFICATION_ELSEWHERE", () => ({ proposer: "v1" })],
  ["its proof left out", "PREPARED_MISSING", (good) => ({ justification: { ...good, prepared: null } })],
  [
    "proof of a lower block",
    "PREPARED_MISMATCH",
    (good) => ({ justification: { ...good, prepared: prepared(0, B.blockHash) } }),
  ],
  [
    "proof that nobody claims",
    "PREPARED_NOT_WANTED",
    () => ({ justification: { ...FRESH, prepared: prepared(2) } }),
  ],
  [
    "too few headers",
    "TOO_FEW_VOTERS",
    (good) => ({
      justification: {
        ...good,
        roundChanges: { ...good.roundChanges, signers: good.roundChanges.signers.slice(1) },
      },
    }),
  ],
  [
    "one header twice",
    "TOO_FEW_VOTERS",
    (good) => {
      const [first, second] = good.roundChanges.signers;
      const signers = first && second ? [first, second, second] : [];
      return { justification: { ...good, roundChanges: { ...good.roundChanges, signers } } };
    },
  ],
];

for (const [name, code, alter] of ALTERED) {
  justification(`with ${name} is refused as ${code}`, () => {
    const good = proposalBy("v4", 3, A, AGAIN);
    assert.is(isFreshOf(good), false);
    assert.is(isFreshOf({ ...good, ...alter(AGAIN) }), code);
  });
}

justification("is refused when a signature in it does not hold, in a header or in the proof", () => {
  const forged = new Uint8Array(64);
  const signers = AGAIN.roundChanges.signers.map((signer) => ({ ...signer, signature: forged }));
  const headers = { ...AGAIN, roundChanges: { ...AGAIN.roundChanges, signers } };
  const proof = prepared(2);
  const prepares = proof.signers.map((signer) => ({ ...signer, signature: forged }));
  for (const altered of [headers, { ...AGAIN, prepared: { ...proof, signers: prepares } }]) {
    const verdict = verifyJustification(altered, CONTEXT);
    assert.is(verdict.kind === "reject" && verdict.code, "BAD_SIGNATURE");
  }
});

justification.run();
