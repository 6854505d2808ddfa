import { suite } from "uvu";
import * as assert from "uvu/assert";
import { candidates, type Office, type Seating } from "../../../../../agent/core/consensus/candidates.ts";
import {
  expectedMandate,
  judgeMandate,
  type MandateClaim,
  mandateFor,
} from "../../../../../agent/core/consensus/mandate.ts";
import type {
  RoundChangeCertificate,
  RoundChangeSigner,
} from "../../../../../agent/core/consensus/message.ts";
import { ZERO_HASH } from "../../../../../agent/core/hash.ts";
import { height, round, term } from "../../../../../agent/core/units.ts";
import { failsWith } from "../../../../support/failure.ts";

const mandate = suite("mandate");

const VOTERS = ["a", "b", "c", "d"];
const AT = height(7);
const held = (dso: string, blocksInTerm: number): Office => ({ dso, term: term(3), blocksInTerm });
const seating = (office: Office | null, changes: Partial<Seating> = {}): Seating => ({
  voters: VOTERS,
  office,
  termMax: 10,
  ballots: new Map(),
  demoted: new Set(),
  seed: Uint8Array.of(9),
  ...changes,
});
const signer = (voter: string, changes: Partial<RoundChangeSigner> = {}): RoundChangeSigner => ({
  voter,
  preparedRound: null,
  preparedHash: null,
  named: [],
  signature: new Uint8Array(64),
  ...changes,
});
const certificate = (at: number, candidate: string): RoundChangeCertificate => ({
  height: AT,
  round: round(at),
  candidate,
  signers: ["a", "b", "c"].map((voter) => signer(voter)),
});

const nth = (facts: Seating, place: number): string => candidates(facts)[place] ?? "";

/** Office before, round, expected kind, expected term, expected place of the DSO in the candidates. */
const TABLE = [
  ["first block in round 0", seating(null), 0, "genesis", 1, 0],
  ["first block after a recall", seating(null), 2, "recall", 1, 2],
  ["the incumbent", seating(held("b", 4)), 0, "continued", 3, 0],
  ["a recall", seating(held("b", 4)), 1, "recall", 4, 1],
  ["a recall that comes round to the incumbent", seating(held("b", 4)), 4, "recall", 4, 0],
  ["a term that is served", seating(held("b", 10)), 0, "term-end", 4, 0],
  ["evidence against the incumbent", seating(held("b", 4), { demoted: new Set(["b"]) }), 0, "term-end", 4, 0],
  ["an incumbent that left", seating(held("gone", 4)), 0, "term-end", 4, 0],
  ["the only voter after its term", seating(held("a", 10), { voters: ["a"] }), 0, "term-end", 4, 0],
] as const;

for (const [name, facts, at, kind, terms, place] of TABLE) {
  mandate(`of ${name} is ${kind} with term ${terms}`, () => {
    assert.equal(expectedMandate(facts, round(at)), { dso: nth(facts, place), term: term(terms), kind });
    const proof = at === 0 ? null : certificate(at, nth(facts, place));
    const claim = mandateFor(facts, round(at), proof);
    assert.is(judgeMandate(facts, AT, claim, round(at)).kind, "accept");
    assert.is(judgeMandate(facts, AT, claim, null).kind, "accept");
  });
}

mandate("of a recall cannot be made without the certificate of its round", async () => {
  const facts = seating(held("b", 4));
  await failsWith(() => mandateFor(facts, round(1), null), "CONSENSUS_NO_CERTIFICATE");
  await failsWith(() => mandateFor(facts, round(2), certificate(1, "c")), "CONSENSUS_NO_CERTIFICATE");
});

const FACTS = seating(held("b", 4));
const SECOND = nth(FACTS, 1);
const RECALL: MandateClaim = {
  dso: SECOND,
  term: term(4),
  mandate: { kind: "recall", certificate: certificate(1, SECOND) },
};
const withCertificate = (changes: Partial<RoundChangeCertificate>): MandateClaim => ({
  ...RECALL,
  mandate: { kind: "recall", certificate: { ...certificate(1, SECOND), ...changes } },
});

const REFUSALS: readonly (readonly [string, MandateClaim, number | null])[] = [
  ["MANDATE_WRONG_KIND", { dso: "b", term: term(3), mandate: { kind: "genesis" } }, 0],
  ["MANDATE_WRONG_KIND", { dso: SECOND, term: term(4), mandate: { kind: "term-end" } }, null],
  ["MANDATE_WRONG_DSO", { dso: SECOND, term: term(3), mandate: { kind: "continued" } }, 0],
  ["MANDATE_WRONG_TERM", { dso: "b", term: term(4), mandate: { kind: "continued" } }, 0],
  ["MANDATE_WRONG_TERM", { ...RECALL, term: term(3) }, 1],
  ["MANDATE_WRONG_ROUND", { dso: "b", term: term(3), mandate: { kind: "continued" } }, 1],
  ["MANDATE_WRONG_ROUND", RECALL, 5],
  ["MANDATE_WRONG_HEIGHT", withCertificate({ height: height(6) }), null],
  ["MANDATE_WRONG_DSO", withCertificate({ candidate: "b" }), null],
  ["MANDATE_WRONG_KIND", withCertificate({ round: round(0) }), null],
  [
    "MANDATE_OVERRIDES_PREPARED",
    withCertificate({ signers: [signer("a", { preparedRound: round(0), preparedHash: ZERO_HASH })] }),
    null,
  ],
];

for (const [index, [code, claim, fresh]] of REFUSALS.entries()) {
  mandate(`is refused as ${code}, case ${index + 1}`, () => {
    const verdict = judgeMandate(FACTS, AT, claim, fresh === null ? null : round(fresh));
    assert.is(verdict.kind, "reject");
    assert.is(verdict.kind === "reject" && verdict.code, code);
  });
}

mandate.run();
