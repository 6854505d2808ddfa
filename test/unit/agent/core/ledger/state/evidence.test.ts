import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decode, encode } from "../../../../../../agent/core/codec.ts";
import { candidates } from "../../../../../../agent/core/consensus/candidates.ts";
import { NO_ITEMS } from "../../../../../../agent/core/consensus/item.ts";
import { signBytesOf, type Unsigned, type Vote } from "../../../../../../agent/core/consensus/message.ts";
import { hashOf } from "../../../../../../agent/core/hash.ts";
import { genesisState, seatingOf } from "../../../../../../agent/core/ledger/state/context.ts";
import {
  cborEvidence,
  type Evidence,
  evidenceDecoder,
  evidenceOfReadings,
  evidenceOfVotes,
} from "../../../../../../agent/core/ledger/state/evidence.ts";
import type { LedgerState } from "../../../../../../agent/core/ledger/state/state.ts";
import { applyTransactions } from "../../../../../../agent/core/ledger/transactions/applyTransactions.ts";
import { EVIDENCE_WINDOW } from "../../../../../../agent/core/ledger/transactions/judgeEvidence.ts";
import { signMessage } from "../../../../../../agent/core/signature.ts";
import { height, intervalIndex, round } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testContext,
  testReading,
} from "../../../../../support/chainBuilder.ts";
import { secretKeyOf } from "../../../../../support/memoryStreet.ts";

const test = suite("evidence");

const context = testContext(4);
const id = (name: string) => memberNamed(context, name).id;
const liar = id("dep2");
const digest = (name: string) => hashOf(new TextEncoder().encode(name));

function signedVote(vote: Unsigned<Vote>, name = "dep2"): Vote {
  const { chainId, epoch } = context.voters;
  return { ...vote, signature: signMessage(secretKeyOf(name), signBytesOf(vote, chainId, epoch)) } as Vote;
}

const place = { height: height(5), round: round(1) };
/** Two contradicting votes of each kind. */
const PAIRS: readonly (readonly [Vote, Vote])[] = [
  [
    signedVote({ kind: "proposal", ...place, blockHash: digest("a"), proposer: liar }),
    signedVote({ kind: "proposal", ...place, blockHash: digest("b"), proposer: liar }),
  ],
  [
    signedVote({ kind: "prepare", ...place, blockHash: digest("a"), voter: liar }),
    signedVote({ kind: "prepare", ...place, blockHash: digest("b"), voter: liar }),
  ],
  [
    signedVote({ kind: "commit", ...place, blockHash: digest("a"), held: NO_ITEMS, voter: liar }),
    signedVote({ kind: "commit", ...place, blockHash: digest("b"), held: NO_ITEMS, voter: liar }),
  ],
  [signedVote(roundChange(null)), signedVote(roundChange(0))],
];

function roundChange(preparedRound: number | null): Unsigned<Vote> {
  const prepared = preparedRound === null ? null : round(preparedRound);
  const preparedHash = preparedRound === null ? null : digest("a");
  const said = { candidate: id("dep3"), preparedRound: prepared, preparedHash, named: NO_ITEMS };
  return { kind: "round-change", ...place, ...said, voter: liar };
}

const readings = (["port-gone", "meter-timeout"] as const).map((reason) =>
  testReading(context, "dep2", { kind: "missing", reason }, { interval: intervalIndex(FIRST_INTERVAL + 5) }),
);
const OF_READINGS = evidenceOfReadings(readings[0]!, readings[1]!);
const ALL: readonly Evidence[] = [
  ...PAIRS.map(([first, second]) => evidenceOfVotes(first, second)),
  OF_READINGS,
];

const later: LedgerState = {
  ...genesisState(context),
  height: height(6),
  nextInterval: intervalIndex(FIRST_INTERVAL + 6),
};

function outcome(evidence: Evidence, state: LedgerState = later) {
  const content = { kind: "evidence", evidence } as const;
  const signed = signTransaction(context, { signer: id("dep1"), sequence: 1, content });
  const { state: after, settled } = applyTransactions(context, state, [signed]);
  return { after, refusal: settled[0]?.refusal ?? null };
}

for (const evidence of ALL) {
  const of = evidence.kind === "votes" ? evidence.first.kind : "reading";
  test(`of two contradicting ${of}s is the same whichever came first, reads as written, and counts`, () => {
    const other =
      evidence.kind === "votes"
        ? evidenceOfVotes(evidence.second, evidence.first)
        : evidenceOfReadings(evidence.second, evidence.first);
    assert.equal(other, evidence);
    const read = decode(encode(cborEvidence(evidence)), evidenceDecoder, 4_096);
    assert.equal(read, { kind: "accept", value: evidence });
    const { after, refusal } = outcome(evidence);
    assert.is(refusal, null);
    assert.is(after.offences.get(liar)?.provenAt, 6);
  });
}

test("without effect: of a stranger, the same twice, of two places, forged, too old, or known already", () => {
  const [first, second] = PAIRS[1] as readonly [Vote, Vote];
  const base = ALL[1] as Extract<Evidence, { kind: "votes" }>;
  const forged = { ...base, second: { ...base.second, signature: base.first.signature } };
  const elsewhere = signedVote({
    kind: "prepare",
    ...place,
    round: round(2),
    blockHash: digest("b"),
    voter: liar,
  });
  const strangers = [digest("a"), digest("b")].map((blockHash) =>
    signedVote(
      { kind: "prepare", ...place, blockHash, voter: memberNamed(testContext(5), "dep5").id },
      "dep5",
    ),
  );
  assert.is(outcome(evidenceOfVotes(strangers[0]!, strangers[1]!)).refusal, "EVIDENCE_STRANGER");
  assert.is(outcome({ kind: "votes", first, second: first }).refusal, "EVIDENCE_NONE");
  assert.is(outcome({ ...base, first: base.second, second: base.first }).refusal, "EVIDENCE_NONE");
  assert.is(outcome(evidenceOfVotes(first, elsewhere)).refusal, "EVIDENCE_NONE");
  assert.is(outcome(forged).refusal, "EVIDENCE_FORGED");
  assert.is(outcome(base, { ...later, height: height(5 + EVIDENCE_WINDOW) }).refusal, null);
  assert.is(outcome(base, { ...later, height: height(6 + EVIDENCE_WINDOW) }).refusal, "EVIDENCE_OLD");
  const { after } = outcome(base);
  assert.is(outcome(ALL[2]!, after).refusal, "EVIDENCE_KNOWN", "one contradiction a height");
  assert.is(outcome(OF_READINGS, after).refusal, null, "votes and readings are counted apart");
  assert.is(outcome(evidenceOfVotes(second, first), after).refusal, "EVIDENCE_KNOWN");
});

test("a DSO that it names goes last at the next height, and may be first again at the one after", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{}]);
  const incumbent = chain.state.office!.dso;
  const name = context.roster.byId.get(incumbent)!.name;
  const votes = ["a", "b"].map((block) =>
    signedVote(
      { kind: "prepare", height: height(1), round: round(0), blockHash: digest(block), voter: incumbent },
      name,
    ),
  );
  const reporter = context.roster.members.find((member) => member.id !== incumbent)!.id;
  const evidence = evidenceOfVotes(votes[0]!, votes[1]!);
  const content = { kind: "evidence", evidence } as const;
  chain.append(
    chain.assembleOf([[]], 0, [signTransaction(context, { signer: reporter, sequence: 1, content })]),
  );
  assert.is(candidates(seatingOf(context, chain.state)).at(-1), incumbent);
  chain.settle([{}]);
  assert.is.not(chain.state.office?.dso, incumbent);
  assert.is(chain.state.office?.mandate.kind, "term-end");
  assert.is(seatingOf(context, chain.state).demoted.size, 0);
});

test.run();
