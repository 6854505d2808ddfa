/** What the kept own votes allow to be signed: S1, S2 and the durable half of S4. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildPreparedCertificate } from "../../../../../agent/core/consensus/certificate.ts";
import { itemListOf } from "../../../../../agent/core/consensus/item.ts";
import type { Message, PreparedCertificate } from "../../../../../agent/core/consensus/message.ts";
import {
  type CommitBasis,
  isForeignVote,
  judgeOwnVote,
  keepHeld,
  keepOwnVote,
  type OwnVote,
} from "../../../../../agent/core/consensus/ownVote.ts";
import { height } from "../../../../../agent/core/units.ts";
import {
  block,
  commitBy,
  prepareBy,
  proposalBy,
  roundChangeBy,
  signed,
  voterIds,
} from "../../../../support/consensusNodes.ts";

const VOTERS = voterIds(4);
const A = block("a");
const B = block("b");
const HELD = itemListOf([{ kind: "reading", position: 1, signer: 2 }]);

const certificate = (atRound: number, of = A): PreparedCertificate =>
  buildPreparedCertificate(
    ["v1", "v2", "v3"].map((voter) => prepareBy(voter, atRound, of.blockHash)),
    VOTERS,
  );
const basisOf = (atRound: number, of = A): CommitBasis => ({
  body: of.body,
  prepared: certificate(atRound, of),
  items: [],
});
const plain = (message: Message): OwnVote => ({ message, basis: null });
const commitOf = (atRound: number, of = A): OwnVote => ({
  message: commitBy("v1", atRound, of.blockHash),
  basis: basisOf(atRound, of),
});
const keep = (...votes: readonly OwnVote[]): readonly OwnVote[] => {
  let kept: readonly OwnVote[] = [];
  for (const vote of votes) kept = keepOwnVote(kept, vote);
  return kept;
};
const answerTo = (kept: readonly OwnVote[], message: Message, basis: CommitBasis | null = null) => {
  const answer = judgeOwnVote(kept, message, basis);
  return answer.kind === "refused" ? answer.code : answer.kind;
};
const atHeight = (message: Message, at: number): Message => signed({ ...message, height: height(at) });

const test = suite("own votes");

test("allow the first vote of all", () => {
  assert.is(answerTo([], prepareBy("v1", 0, A.blockHash)), "new");
});

test("S1: the same vote again is answered with what was signed, not with a new signature", () => {
  const vote = prepareBy("v1", 0, A.blockHash);
  const answer = judgeOwnVote(keep(plain(vote)), { ...vote, signature: new Uint8Array(64) } as Message, null);
  assert.is(answer.kind, "stored");
  assert.is(answer.kind === "stored" && answer.vote.message, vote);
});

const contradictions: readonly (readonly [string, Message, Message])[] = [
  ["PROPOSAL", proposalBy("v1", 0, A), proposalBy("v1", 0, B)],
  ["PREPARE", prepareBy("v1", 0, A.blockHash), prepareBy("v1", 0, B.blockHash)],
  ["COMMIT", commitBy("v1", 0, A.blockHash), commitBy("v1", 0, B.blockHash)],
  [
    "COMMIT that differs in what it holds",
    commitBy("v1", 0, A.blockHash),
    commitBy("v1", 0, A.blockHash, HELD),
  ],
  ["ROUND_CHANGE", roundChangeBy("v1", 1, "v2"), roundChangeBy("v1", 1, "v2", certificate(0))],
];
for (const [name, first, second] of contradictions) {
  test(`S1: another ${name} for the same place is refused`, () => {
    const basis = second.kind === "commit" ? basisOf(0, B) : null;
    assert.is(answerTo(keep(plain(first)), second, basis), "VOTE_CONTRADICTS");
  });
}

test("S2: nothing is signed in a round that was left", () => {
  const kept = keep(plain(roundChangeBy("v1", 2, "v3")));
  assert.is(answerTo(kept, proposalBy("v1", 0, A)), "VOTE_ROUND_LEFT");
  assert.is(answerTo(kept, prepareBy("v1", 1, A.blockHash)), "VOTE_ROUND_LEFT");
  assert.is(answerTo(kept, commitBy("v1", 1, A.blockHash), basisOf(1)), "VOTE_ROUND_LEFT");
  assert.is(answerTo(kept, roundChangeBy("v1", 1, "v2")), "VOTE_ROUND_LEFT");
  assert.is(answerTo(kept, prepareBy("v1", 2, A.blockHash)), "new");
});

test("S5: nothing is signed at a height below one that was voted at", () => {
  const kept = keep(plain(atHeight(prepareBy("v1", 0, A.blockHash), 3)));
  assert.is(answerTo(kept, atHeight(prepareBy("v1", 5, A.blockHash), 2)), "VOTE_HEIGHT_LEFT");
  assert.is(answerTo(kept, atHeight(prepareBy("v1", 0, B.blockHash), 4)), "new");
});

test("S4: a COMMIT is refused without the PREPAREs of its own block and round, and the items that it says are held", () => {
  const commit = commitBy("v1", 1, A.blockHash);
  assert.is(answerTo([], commit, null), "VOTE_UNPROVEN");
  assert.is(answerTo([], commit, basisOf(0)), "VOTE_UNPROVEN");
  assert.is(answerTo([], commit, basisOf(1, B)), "VOTE_UNPROVEN");
  assert.is(answerTo([], commit, { ...basisOf(1), items: [A.body] }), "VOTE_UNPROVEN");
  assert.is(answerTo([], commit, basisOf(1)), "new");
});

test("of lower heights go once a higher one is voted at", () => {
  const next = plain(atHeight(prepareBy("v1", 0, B.blockHash), 2));
  assert.equal(keep(plain(prepareBy("v1", 0, A.blockHash)), next), [next]);
});

test("leave the items that a COMMIT says are held for one height more", () => {
  const items = [A.body];
  const commit = { message: commitBy("v1", 1, A.blockHash, HELD), basis: { ...basisOf(1), items } };
  const at = (heightOf: number): OwnVote => plain(atHeight(prepareBy("v1", 0, B.blockHash), heightOf));
  const held = keepHeld(null, commit);
  assert.equal(held, { height: height(1), items });
  assert.equal(keepHeld(held, at(1)), held);
  assert.equal(keepHeld(held, at(2)), held);
  assert.is(keepHeld(held, at(3)), null);
  assert.is(keepHeld(null, commitOf(0)), null);
});

test("of one height stay bounded over many rounds, with the last prepared block and its proof", () => {
  const rounds = Array.from({ length: 40 }, (_, at) =>
    plain(roundChangeBy("v1", at + 1, "v2", certificate(0))),
  );
  const kept = keep(plain(prepareBy("v1", 0, A.blockHash)), commitOf(0), ...rounds);
  assert.equal(
    kept.map(({ message }) => `${message.kind} ${message.round}`),
    ["commit 0", ...[33, 34, 35, 36, 37, 38, 39, 40].map((at) => `round-change ${at}`)],
  );
  assert.equal(kept[0]?.basis?.body, A.body);
});

test("keep the body of the round's own proposal and of the last prepared block only", () => {
  const kept = keep(
    plain(proposalBy("v1", 0, A)),
    commitOf(0),
    plain(roundChangeBy("v1", 1, "v2", certificate(0))),
    plain(proposalBy("v1", 1, B)),
    commitOf(1, B),
  );
  const bodies = kept.map(({ message, basis }) => [
    message.kind === "proposal" ? message.body : null,
    basis?.body ?? null,
  ]);
  assert.equal(bodies, [
    [null, null],
    [null, null],
    [null, null],
    [B.body, null],
    [null, B.body],
  ]);
});

test("tell a vote that this gateway did not sign from its own", () => {
  const own = prepareBy("v1", 3, A.blockHash);
  const kept = keep(plain(roundChangeBy("v1", 3, "v4")), plain(own));
  assert.is(isForeignVote(kept, own), false);
  assert.is(isForeignVote(kept, prepareBy("v1", 3, B.blockHash)), true);
  assert.is(isForeignVote(kept, commitBy("v1", 3, A.blockHash)), true);
  assert.is(isForeignVote(kept, roundChangeBy("v1", 4, "v1")), true);
  assert.is(isForeignVote(kept, atHeight(own, 2)), true);
  assert.is(isForeignVote([], own), true);
});

test("blame nobody for a vote so old that it is no longer kept", () => {
  const kept = keep(plain(prepareBy("v1", 0, A.blockHash)), plain(roundChangeBy("v1", 20, "v1")));
  assert.is(isForeignVote(kept, prepareBy("v1", 0, A.blockHash)), false);
  const later = keep(plain(atHeight(prepareBy("v1", 0, A.blockHash), 2)));
  assert.is(isForeignVote(later, prepareBy("v1", 0, B.blockHash)), false);
});

test.run();
