import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MarketError, type MarketErrorCode } from "../../../../../agent/core/market/marketError.ts";
import { split } from "../../../../../agent/core/market/split.ts";
import { wh } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const D = testMember(3);

const shares = suite("split");

/** By hand: quotas are total · amount / Σ amounts. */
const EXAMPLES = [
  {
    name: "gives the largest remainder the Wh left over",
    total: 7n,
    amounts: [5n, 3n, 2n],
    is: [4n, 2n, 1n],
  },
  { name: "breaks equal remainders by the order", total: 10n, amounts: [5n, 5n, 5n], is: [4n, 3n, 3n] },
  { name: "hands out two Wh left over to two members", total: 8n, amounts: [4n, 4n, 4n], is: [3n, 3n, 2n] },
  {
    name: "gives everybody its amount when there is enough",
    total: 99n,
    amounts: [5n, 3n, 2n],
    is: [5n, 3n, 2n],
  },
  {
    name: "gives everybody its amount when there is just enough",
    total: 10n,
    amounts: [5n, 3n, 2n],
    is: [5n, 3n, 2n],
  },
  { name: "gives nothing when there is nothing", total: 0n, amounts: [5n, 3n, 2n], is: [0n, 0n, 0n] },
  {
    name: "never gives a member with amount 0 the odd Wh",
    total: 1n,
    amounts: [0n, 1n, 1n],
    is: [0n, 1n, 0n],
  },
  { name: "gives one Wh to the largest amount", total: 1n, amounts: [2n, 3n, 2n], is: [0n, 1n, 0n] },
  {
    name: "is exact beyond 2^53",
    total: 1_152_921_504_606_846_977n,
    amounts: [1_152_921_504_606_846_976n, 1_152_921_504_606_846_976n, 0n],
    is: [576_460_752_303_423_489n, 576_460_752_303_423_488n, 0n],
  },
];

for (const { name, total, amounts, is } of EXAMPLES) {
  shares(name, () => {
    const [a, b, c] = amounts.map(wh) as [
      ReturnType<typeof wh>,
      ReturnType<typeof wh>,
      ReturnType<typeof wh>,
    ];
    const given = [
      { member: C, wh: c },
      { member: A, wh: a },
      { member: B, wh: b },
    ];
    assert.equal(
      [...split(wh(total), given, [A, D, B, C])],
      [
        [A, is[0]],
        [B, is[1]],
        [C, is[2]],
      ],
    );
  });
}

shares("gives the odd Wh to whoever comes first in another order", () => {
  const amounts = [A, B, C].map((member) => ({ member, wh: wh(5n) }));
  assert.equal(
    [...split(wh(10n), amounts, [C, A, B])],
    [
      [C, 4n],
      [A, 3n],
      [B, 3n],
    ],
  );
});

shares("splits among nobody", () => {
  assert.equal([...split(wh(5n), [], [A])], []);
});

const one = { member: A, wh: wh(1n) };
const REFUSALS: readonly { name: string; code: MarketErrorCode; run: () => unknown }[] = [
  { name: "a negative total", code: "MARKET_NEGATIVE_ENERGY", run: () => split(wh(-1n), [one], [A]) },
  {
    name: "a negative amount",
    code: "MARKET_NEGATIVE_ENERGY",
    run: () => split(wh(1n), [{ member: A, wh: wh(-1n) }], [A]),
  },
  { name: "a member twice", code: "MARKET_DUPLICATE_MEMBER", run: () => split(wh(1n), [one, one], [A]) },
  {
    name: "a member outside the order",
    code: "MARKET_NOT_IN_TIE_ORDER",
    run: () => split(wh(1n), [one], [B]),
  },
];

for (const { name, code, run } of REFUSALS) {
  shares(`refuses ${name}`, () => {
    assert.throws(run, (error: unknown) => error instanceof MarketError && error.code === code);
  });
}

shares.run();
