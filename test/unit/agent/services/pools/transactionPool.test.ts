import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import { GRID_ADMIN, type TransactionSigner } from "../../../../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { height } from "../../../../../agent/core/units.ts";
import { transactionPool } from "../../../../../agent/services/pools/transactionPool.ts";
import { memberNamed, signTransaction, testContext } from "../../../../support/chainBuilder.ts";

const test = suite("transactionPool");

const context = testContext(2);
const [first, second] = ["dep1", "dep2"].map((name) => memberNamed(context, name).id).sort() as [
  TransactionSigner,
  TransactionSigner,
];
const ballot = (signer: TransactionSigner, sequence: number) =>
  signTransaction(context, { signer, sequence, content: { kind: "ballot", candidate: null } });
const stateAfter = (...sequences: readonly (readonly [TransactionSigner, number])[]) => ({
  ...genesisState(context),
  sequences: new Map(sequences),
});

test("offers each signer's transactions without a gap from its next sequence on, in the order of a block", () => {
  const pool = transactionPool(context, () => 0);
  const all = [
    ballot(second, 1),
    ballot(first, 3),
    ballot(first, 2),
    ballot(GRID_ADMIN, 1),
    ballot(first, 5),
  ];
  for (const signed of all) assert.is(pool.add(signed).kind, "accept");
  const names = (state: ReturnType<typeof stateAfter>) =>
    pool.next(state).map(({ transaction }) => `${transaction.signer} ${transaction.sequence}`);
  assert.equal(names(stateAfter([first, 1])), [`${GRID_ADMIN} 1`, `${first} 2`, `${first} 3`, `${second} 1`]);
  assert.equal(names(stateAfter([first, 4], [second, 1])), [`${GRID_ADMIN} 1`, `${first} 5`]);
});

test("keeps the first of two different transactions with one sequence, and says which case it is", () => {
  const pool = transactionPool(context, () => 0);
  const kept = ballot(first, 1);
  pool.add(kept);
  const again = pool.add({ ...kept, signature: new Uint8Array(64) });
  const other = pool.add(
    signTransaction(context, {
      signer: first,
      sequence: 1,
      content: { kind: "rejoin", nonce: new Uint8Array(32) },
    }),
  );
  assert.equal(again, { kind: "ignore", code: "TRANSACTION_DUPLICATE" });
  assert.equal(other, { kind: "ignore", code: "TRANSACTION_CONTRADICTED", detail: first });
  assert.equal(pool.held(), [kept]);
});

test("forgets what the ledger has settled", () => {
  const pool = transactionPool(context, () => 0);
  for (const signed of [ballot(first, 1), ballot(first, 2), ballot(second, 1)]) pool.add(signed);
  pool.forgetSettled(stateAfter([first, 1], [second, 1]));
  assert.equal(pool.held(), [ballot(first, 2)]);
});

test("offers nothing of a member that takes no part in the next block, and forgets it then", () => {
  const pool = transactionPool(context, () => 0);
  for (const signed of [ballot(first, 1), ballot(second, 1)]) pool.add(signed);
  const change = { kind: "revoke", member: second as MemberId } as const;
  const before = { ...stateAfter(), height: height(1), pendingChange: { change, activeAt: height(3) } };
  const last = { ...before, height: height(2) };
  assert.is(pool.next(before).length, 2);
  assert.equal(pool.next(last), [ballot(first, 1)]);
  pool.forgetSettled(before);
  assert.is(pool.held().length, 2);
  pool.forgetSettled(last);
  assert.equal(pool.held(), [ballot(first, 1)]);
});

test.run();
