import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState, seatingOf } from "../../../../../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../../../../../agent/core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type TransactionContent,
  type TransactionSigner,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import { applyTransactions } from "../../../../../../agent/core/ledger/transactions/applyTransactions.ts";
import { memberIdFromBytes } from "../../../../../../agent/core/membership/address.ts";
import {
  ChainBuilder,
  memberNamed,
  signTransaction,
  testContext,
} from "../../../../../support/chainBuilder.ts";

const test = suite("applyTransactions");

const context = testContext(4);
const id = (name: string) => memberNamed(context, name).id;
const stranger = memberIdFromBytes(new Uint8Array(20));
const nonce = new Uint8Array(32).fill(1);

type Step = readonly [signer: TransactionSigner, content: TransactionContent];

function after(steps: readonly Step[], state: LedgerState = genesisState(context)) {
  const signed = steps.map(([signer, content], index) =>
    signTransaction(context, { signer, sequence: index + 1, content }),
  );
  const { state: left, settled } = applyTransactions(context, state, signed);
  return { state: left, refusals: settled.map(({ refusal }) => refusal) };
}

test("keeps the last ballot of each voter, and counts them for their candidates", () => {
  const { state, refusals } = after([
    [id("dep1"), { kind: "ballot", candidate: id("dep3") }],
    [id("dep2"), { kind: "ballot", candidate: id("dep4") }],
    [id("dep4"), { kind: "ballot", candidate: id("dep3") }],
    [id("dep2"), { kind: "ballot", candidate: id("dep3") }],
    [id("dep4"), { kind: "ballot", candidate: null }],
  ]);
  assert.equal(refusals, [null, null, null, null, null]);
  assert.equal([...seatingOf(context, state).ballots], [[id("dep3"), 2]]);
});

test("gives no effect, and uses up the sequence, where the signer may not or the candidate cannot", () => {
  const rows: readonly (readonly [Step, string])[] = [
    [[GRID_ADMIN, { kind: "ballot", candidate: id("dep1") }], "BALLOT_NOT_VOTER"],
    [[id("dep1"), { kind: "ballot", candidate: stranger }], "BALLOT_NO_CANDIDATE"],
    [[GRID_ADMIN, { kind: "rejoin", nonce }], "REJOIN_NOT_VOTER"],
  ];
  for (const [step, code] of rows) {
    const { state, refusals } = after([step]);
    assert.equal(refusals, [code]);
    assert.equal(state.ballots, new Map());
    assert.equal(state.sequences, new Map([[step[0], 1]]));
  }
});

test("a rejoin changes nothing but its signer's sequence", () => {
  const before = genesisState(context);
  const { state, refusals } = after([[id("dep2"), { kind: "rejoin", nonce }]]);
  assert.equal(refusals, [null]);
  assert.equal(state, { ...before, sequences: new Map([[id("dep2"), 1]]) });
});

test("ballots decide who follows when a term ends, and a new term begins without any", () => {
  const short = testContext(4, { termMax: 2 });
  const chain = new ChainBuilder(short);
  chain.settle([{}]);
  const incumbent = chain.state.office!.dso;
  const others = short.roster.members.map((member) => member.id).filter((one) => one !== incumbent);
  const lastByHash = others.at(-1)!;
  const votes = others.map((signer) =>
    signTransaction(short, { signer, sequence: 1, content: { kind: "ballot", candidate: lastByHash } }),
  );
  chain.append(chain.assembleOf([[]], 0, votes));
  assert.is(chain.state.ballots.size, 3);
  chain.settle([{}]);
  assert.is(chain.state.office?.dso, lastByHash);
  assert.is(chain.state.office?.term, 2);
  assert.equal(chain.state.ballots, new Map());
});

test.run();
