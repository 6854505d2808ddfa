/** Money along a chain of blocks: who may buy, what a change of prices touches, and that no coin is made or lost. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeBlock, readBlock } from "../../../../../../agent/core/ledger/blocks/block.ts";
import { judgeBlock } from "../../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import { encodeState, readState } from "../../../../../../agent/core/ledger/state/state.ts";
import { GRID_ADMIN } from "../../../../../../agent/core/ledger/state/transaction.ts";
import { balanceOf } from "../../../../../../agent/core/market/accounts.ts";
import type { Policy } from "../../../../../../agent/core/membership/policy.ts";
import { intervalIndex, microCoins, pricePerKwh } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  type Did,
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testContext,
  testEnrolment,
} from "../../../../../support/chainBuilder.ts";
import { propertySeed } from "../../../../../support/propertySeed.ts";
import { signPolicy, testPolicy, testStep } from "../../../../../support/testPolicy.ts";

const seed = propertySeed("money");
const at = (steps: number) => intervalIndex(FIRST_INTERVAL + steps);
const FREE = { fee: pricePerKwh(0n), carbon: { grams: [], rate: pricePerKwh(0n) } } as const;

function chainWith(changes: Partial<Policy>, mode: "islanded" | "grid-tied" = "grid-tied", members = 3) {
  const policy = testPolicy(FIRST_INTERVAL, { ...FREE, ...changes });
  return new ChainBuilder(testContext(members, { mode, policies: [signPolicy(policy)] }));
}
const held = (chain: ChainBuilder, name: string) =>
  balanceOf(chain.state.money, memberNamed(chain.context, name).id);
const settledBy = (chain: ChainBuilder) => chain.blocks.at(-1)!.block.body.intervals;

const money = suite("money of a chain");

money("moves by the prices of the policy, trade and residual", () => {
  const chain = chainWith({});
  chain.settle([{ dep1: [2_500, 0], dep2: [0, 1_000], dep3: [0, 1_000] }]);
  assert.equal(
    [held(chain, "dep1"), held(chain, "dep2"), held(chain, "dep3")],
    [400_000n + 40_000n, -200_000n, -200_000n],
  );
  assert.is(balanceOf(chain.state.money, "supplier"), -40_000n);
});

money("does not move without a policy in force", () => {
  const chain = chainWith({ from: at(2), prices: [testStep(at(2))] });
  chain.settle([{ dep1: [2_500, 0], dep2: [0, 1_000] }]);
  assert.is(settledBy(chain)[0]?.settlement, null);
  assert.is(chain.state.money.accounts.size, 0);
});

money("costs the same energy differently before and after a price changes, to the interval", () => {
  const chain = chainWith({ prices: [testStep(at(0)), testStep(at(2), { trade: 50_000n })] });
  const did = { dep1: [1_000, 0], dep2: [0, 1_000] } as const;
  const paid: bigint[] = [];
  for (let interval = 0; interval < 4; interval += 1) {
    const before = held(chain, "dep2");
    chain.settle([did]);
    paid.push(before - held(chain, "dep2"));
  }
  assert.equal(paid, [200_000n, 200_000n, 50_000n, 50_000n]);
});

money("passes from one policy to the next at the interval that they name", () => {
  const chain = chainWith({ to: at(4) });
  const second = testPolicy(at(4), { ...FREE, version: 2, prices: [testStep(at(4), { trade: 60_000n })] });
  const signed = signTransaction(chain.context, {
    signer: GRID_ADMIN,
    sequence: 1,
    content: { kind: "policy", signed: signPolicy(second) },
  });
  const did = { dep1: [1_000, 0], dep2: [0, 1_000] } as const;
  chain.append(chain.assembleOf([chain.readings(at(0), did)], 0, [signed]));
  chain.settle([did, did, did, did]);
  assert.equal(
    settledBy(chain).map(({ settlement }) => [settlement?.policyVersion, settlement?.price]),
    [
      [1, 200_000n],
      [1, 200_000n],
      [1, 200_000n],
      [2, 60_000n],
    ],
  );
});

for (const [mode, account, kind] of [
  ["grid-tied", "supplier", "bought"],
  ["islanded", "imbalance", "imbalance"],
] as const) {
  money(`leaves who is too far below zero out of buying when ${mode}, and not out of selling`, () => {
    const chain = chainWith({ creditLimit: microCoins(200_000n) }, mode);
    // dep2 buys for exactly its limit: from then on it may not
    chain.settle([{ dep1: [1_000, 0], dep2: [0, 1_000], dep3: [0, 0] }]);
    assert.is(held(chain, "dep2"), -200_000n);
    chain.settle([{ dep1: [1_000, 0], dep2: [0, 1_000], dep3: [0, 400] }]);
    const [{ outcome, settlement }] = settledBy(chain) as [
      (typeof chain.blocks)[0]["block"]["body"]["intervals"][0],
    ];
    const dep2 = memberNamed(chain.context, "dep2").id;
    assert.equal(settlement?.ineligible, [dep2]);
    assert.equal(outcome.signal, { excess: 1_000n, deficit: 400n, unmet: 0n, unsold: 600n });
    assert.ok(outcome.trades.every(({ to }) => to !== dep2));
    assert.equal(
      outcome.residuals.find(({ member }) => member === dep2),
      { member: dep2, kind, wh: 1_000n },
    );
    assert.equal(outcome.orders, []);
    assert.is(held(chain, "dep2"), -500_000n);
    assert.ok(balanceOf(chain.state.money, account) > 0n);
    chain.settle([{ dep1: [0, 1_000], dep2: [2_000, 0] }]);
    assert.is(settledBy(chain)[0]?.outcome.trades[0]?.from, dep2);
  });
}

money("lets each member buy as far as its own limit goes", () => {
  const { id } = memberNamed(testContext(3), "dep2");
  const chain = chainWith({ creditLimit: microCoins(0n), creditLimits: [[id, microCoins(1n)]] });
  chain.settle([{ dep1: [1_000, 0], dep2: [0, 500], dep3: [0, 500] }]);
  assert.equal(
    settledBy(chain)[0]?.outcome.trades.map(({ to, wh }) => [to, wh]),
    [[id, 500n]],
  );
});

money("is looked at once a block: what a block's first interval costs bars nobody from its second", () => {
  const did = { dep1: [1_000, 0], dep2: [0, 1_000] } as const;
  const together = chainWith({ creditLimit: microCoins(100_000n) });
  together.settle([did, did]);
  assert.equal(settledBy(together)[1]?.settlement?.ineligible, []);
  const apart = chainWith({ creditLimit: microCoins(100_000n) });
  apart.settle([did]);
  apart.settle([did]);
  assert.is(settledBy(apart)[0]?.settlement?.ineligible.length, 1);
});

money("goes on under a new key of the same household", () => {
  const chain = chainWith({});
  chain.settle([{ dep1: [1_000, 0], dep2: [0, 1_000] }]);
  const owed = held(chain, "dep2");
  const { id } = memberNamed(chain.context, "dep2");
  const enrolment = testEnrolment("heir");
  const rekey = signTransaction(chain.context, {
    signer: GRID_ADMIN,
    sequence: 1,
    content: { kind: "roster", change: { kind: "rekey", member: id, enrolment } },
  });
  chain.append(chain.assembleOf([[]], 0, [rekey]));
  chain.settle([{}]);
  chain.settle([{}]);
  assert.is(balanceOf(chain.state.money, id), 0n);
  assert.ok([...chain.state.money.accounts.values()].includes(owed));
});

money("rates a connection as the policy in force does", () => {
  const { id } = memberNamed(testContext(3), "dep1");
  const chain = chainWith({ to: at(1), connectionRatings: [[id, 4_000]] });
  const did = { dep1: [1_001, 0] } as const;
  chain.settle([did]);
  assert.is(settledBy(chain)[0]?.outcome.missing.find(({ member }) => member === id)?.reason, "quarantined");
  chain.settle([did]);
  assert.is(
    settledBy(chain)[0]?.outcome.missing.find(({ member }) => member === id),
    undefined,
  );
});

money(
  "keeps an ended policy while its intervals may still be corrected, and the newest for its number",
  () => {
    const length = 3_360;
    const first = signPolicy(testPolicy(FIRST_INTERVAL, { ...FREE, to: at(1) }));
    const second = signPolicy(
      testPolicy(at(1), { ...FREE, version: 2, to: at(2), prices: [testStep(at(1))] }),
    );
    const chain = new ChainBuilder(testContext(1, { policies: [first, second] }));
    const versions = () => chain.state.policies.map(({ policy }) => policy.version);
    for (let settled = 0; settled <= length; settled += 96)
      chain.settle(Array.from({ length: 96 }, () => ({})));
    assert.equal(versions(), [2]);
  },
);

const WH = fc.integer({ min: 0, max: 2_700 });
const anyDid: fc.Arbitrary<Did> = fc.oneof(fc.tuple(WH, WH), fc.constantFrom("silent", "meter-timeout"));
const anyPrice = fc.bigInt({ min: 50_000n, max: 400_000n });

money("is what was issued, in every state of random streets, and every block is computed again alike", () => {
  const street = fc.record({
    mode: fc.constantFrom("islanded", "grid-tied"),
    limit: fc.constantFrom(0n, 100_000n, 400_000n, 10n ** 12n),
    prices: fc.array(fc.tuple(anyPrice, anyPrice, anyPrice), { minLength: 1, maxLength: 4 }),
    fee: fc.bigInt({ min: 0n, max: 9_999n }),
    rate: fc.bigInt({ min: 0n, max: 99_999n }),
    issues: fc.array(fc.bigInt({ min: 1n, max: 10n ** 7n }), { maxLength: 3 }),
    blocks: fc.array(
      fc.array(fc.array(anyDid, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 2 }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  });
  let ineligible = 0;
  const holds = ({
    mode,
    limit,
    prices,
    fee,
    rate,
    issues,
    blocks,
  }: typeof street extends fc.Arbitrary<infer T> ? T : never) => {
    const chain = chainWith(
      {
        creditLimit: microCoins(limit),
        fee: pricePerKwh(fee),
        carbon: { grams: [["grid-mix", 399]], rate: pricePerKwh(rate) },
        prices: prices.map(([trade, supplierSells, supplierBuys], index) =>
          testStep(at(index), { trade, supplierSells, supplierBuys }),
        ),
      },
      mode,
      4,
    );
    for (const [index, block] of blocks.entries()) {
      const intervals = block.map((did, place) =>
        chain.readings(
          intervalIndex(chain.state.nextInterval + place),
          Object.fromEntries(did.map((what, member) => [`dep${member + 1}`, what])),
        ),
      );
      const amount = issues[index];
      const content = { kind: "issue", to: memberNamed(chain.context, "dep1").id } as const;
      const issue = amount === undefined ? [] : [{ ...content, amount: microCoins(amount) }];
      const signed = issue.map((one) =>
        signTransaction(chain.context, { signer: GRID_ADMIN, sequence: index + 1, content: one }),
      );
      const parent = chain.state;
      const entry = chain.append(chain.assembleOf(intervals, 0, signed));
      const { accounts, issued } = chain.state.money;
      assert.is(
        [...accounts.values()].reduce<bigint>((sum, one) => sum + one, 0n),
        issued,
      );
      assert.is(
        issued,
        issues.slice(0, index + 1).reduce((sum, one) => sum + one, 0n),
      );
      assert.equal(readState(encodeState(chain.state)), { kind: "accept", value: chain.state });
      assert.is(judgeBlock(chain.context, parent, entry.block, null).kind, "accept");
      const read = readBlock(entry.block);
      assert.ok(read.kind === "accept");
      for (const { settlement } of read.value.body.intervals)
        ineligible += settlement?.ineligible.length ?? 0;
    }
  };
  fc.assert(fc.property(street, holds), { seed, numRuns: 60 });
  assert.ok(ineligible > 0, "nobody was ever ineligible");
});

money("of late energy reads back at the highest prices that a policy may name", () => {
  const most = 10n ** 12n;
  const chain = chainWith({
    prices: [testStep(at(0), { trade: most, supplierSells: most })],
    cap: pricePerKwh(most),
    fee: pricePerKwh(most),
    carbon: { grams: [["grid-mix", 100_000]], rate: pricePerKwh(most) },
  });
  chain.settle([{ dep1: [0, 0], dep2: [0, 0] }]);
  const late = chain.readings(at(0), { dep3: [0, 1] });
  const { block } = chain.assembleOf([chain.readings(at(1), { dep1: [0, 0] })], 0, [], late);
  assert.is(block.body.late[0]?.correction.prices.consumed, 102n * most);
  assert.is(readBlock(encodeBlock(block)).kind, "accept");
});

money.run();
