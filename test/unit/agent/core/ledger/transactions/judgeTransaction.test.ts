import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState } from "../../../../../../agent/core/ledger/state/context.ts";
import {
  GRID_ADMIN,
  type SignedTransaction,
  type TransactionSigner,
  transactionOrder,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import {
  judgeTransaction,
  judgeTransactions,
} from "../../../../../../agent/core/ledger/transactions/judgeTransaction.ts";
import { memberIdFromBytes } from "../../../../../../agent/core/membership/address.ts";
import { memberNamed, signTransaction, testContext } from "../../../../../support/chainBuilder.ts";

const test = suite("judgeTransaction");

const context = testContext(3);
const [first, second] = ["dep1", "dep2"].map((name) => memberNamed(context, name).id).sort() as [
  TransactionSigner,
  TransactionSigner,
];
const state = { ...genesisState(context), sequences: new Map([[first, 5]]) };
const ballot = (signer: TransactionSigner, sequence: number) =>
  signTransaction(context, { signer, sequence, content: { kind: "ballot", candidate: null } });
const alone = (signed: SignedTransaction) => {
  const judged = judgeTransaction(context, state, signed);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
};
const listed = (...list: readonly SignedTransaction[]) => {
  const judged = judgeTransactions(context, state, list);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
};

test("takes the next sequences of a signer, as many as may wait", () => {
  assert.equal(
    [5, 6, 9, 10].map((sequence) => alone(ballot(first, sequence))),
    ["ignore TRANSACTION_REPLAYED", "accept", "accept", "ignore TRANSACTION_AHEAD"],
  );
  assert.is(alone(ballot(second, 1)), "accept");
});

test("takes what the GridAdmin of the genesis signs, and nobody else's for it", () => {
  assert.is(alone(ballot(GRID_ADMIN, 1)), "accept");
  const forged = { ...ballot(first, 6), transaction: { ...ballot(GRID_ADMIN, 1).transaction } };
  assert.is(alone(forged), "reject BAD_SIGNATURE");
});

test("refuses strangers and altered transactions", () => {
  const stranger = memberIdFromBytes(new Uint8Array(20));
  const good = ballot(first, 6);
  assert.is(
    alone({ ...good, transaction: { ...good.transaction, signer: stranger, sequence: 1 } }),
    "ignore TRANSACTION_STRANGER",
  );
  assert.is(alone({ ...good, transaction: { ...good.transaction, sequence: 7 } }), "reject BAD_SIGNATURE");
  assert.is(alone({ ...good, signature: new Uint8Array(64) }), "reject BAD_SIGNATURE");
});

test("takes those of a block by signer and without a gap from each signer's next one on", () => {
  const right = [ballot(GRID_ADMIN, 1), ballot(first, 6), ballot(first, 7), ballot(second, 1)];
  assert.equal([...right].sort(transactionOrder), right);
  assert.is(listed(), "accept");
  assert.is(listed(...right), "accept");
});

test("refuses a block's transactions in another order, with a gap, twice, replayed, forged or too many", () => {
  const forged = { ...ballot(second, 1), signature: new Uint8Array(64) };
  const rows: readonly (readonly [string, readonly SignedTransaction[]])[] = [
    ["TRANSACTION_ORDER", [ballot(second, 1), ballot(first, 6)]],
    ["TRANSACTION_ORDER", [ballot(first, 6), ballot(first, 6)]],
    ["TRANSACTION_ORDER", [ballot(first, 6), ballot(GRID_ADMIN, 1)]],
    ["TRANSACTION_GAP", [ballot(first, 7)]],
    ["TRANSACTION_GAP", [ballot(first, 5)]],
    ["TRANSACTION_GAP", [ballot(first, 6), ballot(first, 8)]],
    ["TRANSACTIONS_TOO_MANY", [6, 7, 8, 9, 10].map((sequence) => ballot(first, sequence))],
    ["BAD_SIGNATURE", [ballot(first, 6), forged]],
  ];
  for (const [code, list] of rows) assert.is(listed(...list), `reject ${code}`);
});

test.run();
