/** What becomes of a policy and of an issue of coins in a block. @source docs/market.md, "Policy" and "Money" */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_COINS } from "../../../../../../agent/core/codec.ts";
import { genesisState } from "../../../../../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../../../../../agent/core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type TransactionContent,
  type TransactionSigner,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import { applyTransactions } from "../../../../../../agent/core/ledger/transactions/applyTransactions.ts";
import { balanceOf } from "../../../../../../agent/core/market/accounts.ts";
import {
  MAX_POLICIES,
  type Policy,
  type SignedPolicy,
} from "../../../../../../agent/core/membership/policy.ts";
import { intervalIndex, microCoins } from "../../../../../../agent/core/units.ts";
import {
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testContext,
} from "../../../../../support/chainBuilder.ts";
import { testMember } from "../../../../../support/marketCases.ts";
import { signPolicy, testPolicy } from "../../../../../support/testPolicy.ts";

const deployed = signPolicy(testPolicy(FIRST_INTERVAL, { to: intervalIndex(FIRST_INTERVAL + 10) }));
const context = testContext(3, { policies: [deployed] });
const before = genesisState(context);
const dep1 = memberNamed(context, "dep1").id;

function after(
  content: TransactionContent,
  signer: TransactionSigner = GRID_ADMIN,
  state: LedgerState = before,
) {
  const signed = signTransaction(context, { signer, sequence: 1, content });
  const applied = applyTransactions(context, state, [signed]);
  return { state: applied.state, refusal: applied.settled[0]?.refusal };
}
const next = (changes: Partial<Policy> = {}, key?: string): SignedPolicy =>
  signPolicy(testPolicy(FIRST_INTERVAL + 10, { version: 2, ...changes }), key);
const deploy = (signed: SignedPolicy): TransactionContent => ({ kind: "policy", signed });
const issue = (amount: bigint, to = dep1): TransactionContent => ({
  kind: "issue",
  to,
  amount: microCoins(amount),
});

const policies = suite("policy, deployed");

policies("joins those before it, and takes nothing from them", () => {
  const { state, refusal } = after(deploy(next()));
  assert.is(refusal, null);
  assert.equal(state.policies, [deployed, next()]);
});

policies("has no effect with the code of what it lacks", () => {
  const at = intervalIndex;
  const rows: readonly (readonly [SignedPolicy, string, TransactionSigner?])[] = [
    [next(), "POLICY_NOT_GRID_ADMIN", dep1],
    [next({}, "grid-admin"), "POLICY_BAD_SIGNATURE"],
    [next({ microgridId: "other" }), "POLICY_OTHER_MICROGRID"],
    [next({ version: 3 }), "POLICY_VERSION"],
    [next({ from: at(FIRST_INTERVAL + 9) }), "POLICY_PRICES"],
    [signPolicy(testPolicy(FIRST_INTERVAL + 9, { version: 2 })), "POLICY_OVERLAPS"],
    [next({ to: at(FIRST_INTERVAL + 10) }), "POLICY_RANGE"],
    [next({ prices: [] }), "POLICY_PRICES"],
  ];
  for (const [signed, code, signer] of rows) {
    const { state, refusal } = after(deploy(signed), signer);
    assert.is(refusal, code);
    assert.equal(state.policies, before.policies);
  }
});

policies("cannot begin before everybody can have seen it: two intervals after its block", () => {
  const state = { ...before, nextInterval: intervalIndex(FIRST_INTERVAL + 8) };
  assert.is(after(deploy(next()), GRID_ADMIN, state).refusal, null);
  const later = { ...before, nextInterval: intervalIndex(FIRST_INTERVAL + 9) };
  assert.is(after(deploy(next()), GRID_ADMIN, later).refusal, "POLICY_PAST");
});

policies("has no room beside as many as a state holds", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      signPolicy(
        testPolicy(FIRST_INTERVAL + 20 + index, {
          version: index + 1,
          to: intervalIndex(FIRST_INTERVAL + 21 + index),
        }),
      ),
    );
  const policy = (version: number) => signPolicy(testPolicy(FIRST_INTERVAL + 900, { version }));
  const room = { ...before, policies: many(MAX_POLICIES - 1) };
  assert.is(after(deploy(policy(MAX_POLICIES)), GRID_ADMIN, room).refusal, null);
  const full = { ...before, policies: many(MAX_POLICIES) };
  assert.is(after(deploy(policy(MAX_POLICIES + 1)), GRID_ADMIN, full).refusal, "POLICY_TOO_MANY");
});

policies.run();

const coins = suite("coins, issued");

coins("raise the account and what is issued alike", () => {
  const { state, refusal } = after(issue(5n));
  assert.is(refusal, null);
  assert.is(state.money.issued, 5n);
  assert.is(balanceOf(state.money, dep1), 5n);
});

coins("are refused with the code of what is wrong", () => {
  const rows: readonly (readonly [TransactionContent, string, TransactionSigner?])[] = [
    [issue(5n), "ISSUE_NOT_GRID_ADMIN", dep1],
    [issue(5n, testMember(9)), "ISSUE_NOT_MEMBER"],
    [issue(0n), "ISSUE_RANGE"],
  ];
  for (const [content, code, signer] of rows) {
    const { state, refusal } = after(content, signer);
    assert.is(refusal, code);
    assert.equal(state.money, before.money);
  }
  const rich = after(issue(MAX_COINS)).state;
  assert.is(after(issue(1n), GRID_ADMIN, rich).refusal, "ISSUE_RANGE");
});

coins.run();
