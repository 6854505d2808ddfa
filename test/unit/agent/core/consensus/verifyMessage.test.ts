import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildPreparedCertificate } from "../../../../../agent/core/consensus/certificate.ts";
import { buildJustification } from "../../../../../agent/core/consensus/justification.ts";
import type { Message } from "../../../../../agent/core/consensus/message.ts";
import { verifyMessage } from "../../../../../agent/core/consensus/verifyMessage.ts";
import { height, round } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  prepareBy,
  proposalBy,
  roundChangeBy,
  signed,
  verifyContext,
  voterIds,
} from "../../../../support/consensusNodes.ts";

const door = suite("verifyMessage");

const VOTERS = voterIds(4);
const CONTEXT = verifyContext(VOTERS);
const A = block("a");
const PREPARED = buildPreparedCertificate(
  ["v1", "v2", "v3"].map((voter) => prepareBy(voter, 1, A.blockHash)),
  VOTERS,
);
const ROUND_CHANGES = ["v1", "v2", "v3"].map((voter) => roundChangeBy(voter, 3, "v4", PREPARED));
const JUSTIFICATION = buildJustification(ROUND_CHANGES, VOTERS);
const GOOD: readonly Message[] = [
  proposalBy("v1", 0, A),
  proposalBy("v4", 3, A, JUSTIFICATION),
  prepareBy("v1", 0, A.blockHash),
  commitBy("v2", 5, A.blockHash),
  roundChangeBy("v3", 1, "v2"),
  roundChangeBy("v3", 3, "v4", PREPARED),
];
const codeOf = (message: Message): string => {
  const verdict = verifyMessage(message, CONTEXT);
  return verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.code}`;
};

for (const [index, message] of GOOD.entries()) {
  const name = `${message.kind} of round ${message.round}, case ${index + 1}`;

  door(`lets a ${name} in`, () => {
    assert.is(codeOf(message), "accept");
  });

  door(`refuses a ${name} that was moved to another round or height`, () => {
    assert.match(codeOf({ ...message, round: round(message.round + 4) }), "reject BAD_SIGNATURE");
    assert.match(codeOf({ ...message, height: height(9) }), "reject BAD_SIGNATURE");
  });

  door(`refuses a ${name} in another voter's name or from a stranger`, () => {
    const other = message.kind === "proposal" ? { ...message, proposer: "v2" } : { ...message, voter: "v4" };
    const stranger = message.kind === "proposal" ? { ...message, proposer: "x" } : { ...message, voter: "x" };
    assert.is(codeOf(other), "reject BAD_SIGNATURE");
    assert.is(codeOf(stranger), "reject UNKNOWN_VOTER");
  });
}

door("refuses a PREPARE passed off as a COMMIT", () => {
  const prepare = prepareBy("v1", 0, A.blockHash);
  assert.is(
    codeOf({ ...commitBy("v1", 0, A.blockHash), signature: prepare.signature }),
    "reject BAD_SIGNATURE",
  );
});

door("refuses a ROUND_CHANGE that does not prove what it claims", () => {
  const honest = roundChangeBy("v3", 3, "v4", PREPARED);
  const other = buildPreparedCertificate(
    ["v1", "v2", "v3"].map((voter) => prepareBy(voter, 0, A.blockHash)),
    VOTERS,
  );
  assert.is(codeOf({ ...honest, prepared: null }), "reject PREPARED_MISSING");
  assert.is(codeOf({ ...honest, prepared: other }), "reject PREPARED_MISMATCH");
  assert.is(codeOf({ ...roundChangeBy("v3", 3, "v4"), prepared: PREPARED }), "reject PREPARED_NOT_WANTED");
  const forged = PREPARED.signers.map((signer) => ({ ...signer, signature: new Uint8Array(64) }));
  assert.is(codeOf({ ...honest, prepared: { ...PREPARED, signers: forged } }), "reject BAD_SIGNATURE");
});

door("refuses a ROUND_CHANGE for round 0 and a claim of a round not yet left", () => {
  const { signature: _signature, ...honest } = roundChangeBy("v3", 3, "v4", PREPARED);
  assert.is(codeOf(roundChangeBy("v3", 0, "v1")), "reject ROUND_ZERO");
  assert.is(codeOf(signed({ ...honest, preparedRound: round(3) })), "reject BAD_PREPARED_CLAIM");
});

door("refuses a proposal with a justification that does not hold", () => {
  const forged = { ...JUSTIFICATION, prepared: null };
  assert.is(codeOf(proposalBy("v4", 3, A, forged)), "reject PREPARED_MISSING");
});

door.run();
