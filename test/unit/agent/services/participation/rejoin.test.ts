/** When a gateway asks for its lost vote, and which block gives it back. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextAt } from "../../../../../agent/core/ledger/state/context.ts";
import { GRID_ADMIN, type SignedTransaction } from "../../../../../agent/core/ledger/state/transaction.ts";
import { height } from "../../../../../agent/core/units.ts";
import { answerIn, isRequestDue } from "../../../../../agent/services/participation/rejoin.ts";
import {
  ChainBuilder,
  memberNamed,
  signTransaction,
  testContext,
  testEnrolment,
} from "../../../../support/chainBuilder.ts";

const test = suite("rejoin");

const context = testContext(4);
const self = memberNamed(context, "dep1").id;
const other = memberNamed(context, "dep2").id;
const [nonce, earlier] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const request = (signer: typeof self, drawn: Uint8Array) =>
  signTransaction(context, { signer, sequence: 1, content: { kind: "rejoin", nonce: drawn } });

function blockWith(...transactions: readonly SignedTransaction[]) {
  const chain = new ChainBuilder(context);
  chain.settle([{}]);
  chain.append(chain.assembleOf([[]], 0, transactions));
  return chain.blocks.at(-1)!.block;
}

test("is granted by the block that holds the request with the nonce of this life", () => {
  assert.equal(answerIn(blockWith(request(self, nonce)), self, nonce), { kind: "granted", height: 2 });
});

test("is granted neither by an earlier life's nonce, nor by another's request, nor by any block above the loss", () => {
  for (const transactions of [[request(self, earlier)], [request(other, nonce)], []])
    assert.equal(answerIn(blockWith(...transactions), self, nonce), { kind: "none" });
});

test("is refused by a block that takes the request without effect", () => {
  const block = blockWith(request(self, nonce));
  const [settled] = block.body.transactions;
  const transactions = [{ ...settled!, refusal: "REJOIN_NOT_VOTER" }];
  const refused = { ...block, body: { ...block.body, transactions } };
  assert.equal(answerIn(refused, self, nonce), { kind: "refused", code: "REJOIN_NOT_VOTER" });
});

test("is asked for once in a life, and only by one that has a vote to get back", () => {
  const { roster } = context;
  assert.is(isRequestDue(roster, self, nonce, []), true);
  assert.is(isRequestDue(roster, self, nonce, [request(self, earlier)]), true);
  assert.is(isRequestDue(roster, self, nonce, [request(self, nonce)]), false);
  const chain = new ChainBuilder(context);
  const change = { kind: "admit", enrolment: testEnrolment("dep5"), isVoter: false } as const;
  const admission = signTransaction(context, {
    signer: GRID_ADMIN,
    sequence: 1,
    content: { kind: "roster", change },
  });
  chain.append(chain.assembleOf([[]], 0, [admission]));
  const guest = memberNamed(testContext(5), "dep5").id;
  const withGuest = contextAt(context, chain.state, height(3)).roster;
  assert.is(withGuest.byId.has(guest), true);
  assert.is(isRequestDue(withGuest, guest, nonce, []), false);
});

test.run();
