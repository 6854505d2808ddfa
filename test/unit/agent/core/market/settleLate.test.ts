/** The money of late energy: at the worse for its member. @source docs/market.md, "Corrections" */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NO_LATE_MONEY, settleEnergyLate } from "../../../../../agent/core/market/settleLate.ts";
import type { Policy } from "../../../../../agent/core/membership/policy.ts";
import { intervalIndex, pricePerKwh } from "../../../../../agent/core/units.ts";
import { signPolicy, testPolicy, testStep } from "../../../../support/testPolicy.ts";

const at = intervalIndex;
/** From 10 on dear to buy from members, from 20 on dear to buy from the supplier, from 30 on nearly worthless to sell. */
const policy = testPolicy(0, {
  to: at(40),
  prices: [
    testStep(0),
    testStep(10, { trade: 400_000n }),
    testStep(20, { supplierSells: 500_000n }),
    testStep(30, { trade: 60_000n, supplierBuys: 90_000n }),
  ],
});
const late = (from: number, to: number, generated: bigint, consumed: bigint, by: Policy = policy) =>
  settleEnergyLate([signPolicy(by)], at(from), at(to), { generated, consumed });

const settling = suite("late energy, settled");

settling("costs what the supplier asks with its carbon, where that is the more", () => {
  // 300,000 and 400 g at 50 µ each
  assert.equal(late(5, 5, 0n, 10n), {
    policyVersion: 1,
    prices: { consumed: 320_000n, generated: 80_000n },
    amount: -3_200n,
  });
});

settling("costs the trade price with fee and dearest carbon, where that is the more", () => {
  assert.equal(late(10, 10, 0n, 10n).prices.consumed, 400_000n + 3_000n + 20_000n);
});

settling("earns the lesser of what the supplier gives and the trade price", () => {
  assert.is(late(5, 5, 10n, 0n).amount, 800n);
  assert.equal(late(30, 30, 10n, 0n).prices.generated, 60_000n);
});

settling("meets itself within one interval, and never across several", () => {
  assert.is(late(5, 5, 10n, 10n).amount, 0n);
  assert.is(late(5, 5, 13n, 10n).amount, 240n);
  assert.is(late(5, 6, 10n, 10n).amount, 800n - 3_200n);
});

settling("takes the worst price of all its intervals, and of no other", () => {
  assert.equal(late(5, 9, 1n, 1n).prices, { consumed: 320_000n, generated: 80_000n });
  assert.equal(late(9, 10, 1n, 1n).prices, { consumed: 423_000n, generated: 80_000n });
  assert.equal(late(0, 39, 1n, 1n).prices, { consumed: 520_000n, generated: 60_000n });
});

settling("rounds against the member, also where consumption comes out below zero", () => {
  const odd = testPolicy(0, {
    prices: [testStep(0, { supplierSells: 300_001n, supplierBuys: 80_001n })],
    carbon: { grams: [], rate: pricePerKwh(0n) },
  });
  assert.is(late(5, 5, 0n, 1n, odd).amount, -301n);
  assert.is(late(5, 5, 1n, 0n, odd).amount, 80n);
  assert.is(late(5, 6, 0n, -1n, odd).amount, 80n);
});

settling("has no price where no policy held, and the worst of those that did", () => {
  assert.equal(late(40, 45, 5n, 5n), NO_LATE_MONEY);
  assert.is(late(39, 45, 0n, 1n).policyVersion, 1);
  const next = testPolicy(40, {
    version: 2,
    to: at(50),
    prices: [testStep(40, { supplierSells: 900_000n })],
  });
  const both = settleEnergyLate([signPolicy(policy), signPolicy(next)], at(35), at(45), {
    generated: 0n,
    consumed: 1_000n,
  });
  assert.equal(both, {
    policyVersion: 2,
    prices: { consumed: 920_000n, generated: 60_000n },
    amount: -920_000n,
  });
});

settling("is settled between floor and cap under an auction, whose price nobody keeps", () => {
  const auction = testPolicy(0, {
    pricing: "auction",
    floor: pricePerKwh(70_000n),
    cap: pricePerKwh(390_000n),
  });
  assert.equal(late(5, 5, 1n, 1n, auction).prices, { consumed: 413_000n, generated: 70_000n });
});

settling.run();
