/** From local times and coins to intervals and micro-coins. @source docs/policy.md */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compilePolicy, microCoinsOf } from "../../../../agent/cli/compilePolicy.ts";
import { parsePolicyFile } from "../../../../agent/config/policyFile.ts";
import { encode } from "../../../../agent/core/codec.ts";
import { MAX_TRANSACTION_BYTES } from "../../../../agent/core/ledger/state/transaction.ts";
import { policyFault } from "../../../../agent/core/membership/judgePolicy.ts";
import { cborSignedPolicy } from "../../../../agent/core/membership/policy.ts";
import { failsWith } from "../../../support/failure.ts";
import { testMember } from "../../../support/marketCases.ts";
import { policyFileText } from "../../../support/policyText.ts";
import { signPolicy } from "../../../support/testPolicy.ts";

const QUARTER_MS = 900_000;
const compiled = (changes: Readonly<Record<string, string>> = {}) =>
  compilePolicy(parsePolicyFile(policyFileText(changes), "policy.yaml"));
const instant = (interval: number) => new Date(interval * QUARTER_MS).toISOString();

const compiling = suite("policy, compiled");

compiling("begins and ends at local midnight, and changes at local hours", () => {
  const [policy, ...more] = compiled();
  assert.is(more.length, 0);
  assert.is(instant(policy!.from), "2027-01-03T23:00:00.000Z");
  assert.is(instant(policy!.to), "2027-01-05T23:00:00.000Z");
  assert.equal(
    policy!.prices.map(({ from, trade, supplierSells }) => [
      instant(from).slice(0, 16),
      trade,
      supplierSells,
    ]),
    [
      ["2027-01-03T23:00", 130_000n, 220_000n],
      ["2027-01-04T05:00", 180_000n, 300_001n],
      ["2027-01-04T20:00", 130_000n, 220_000n],
      ["2027-01-05T05:00", 180_000n, 300_001n],
      ["2027-01-05T20:00", 130_000n, 220_000n],
    ],
  );
  assert.is(policyFault(policy!), undefined);
});

compiling("keeps the local hour when the clocks change, in spring and in autumn", () => {
  const spring = compiled({ from: "2027-03-28", to: "2027-03-29" })[0]!;
  assert.equal(
    spring.prices.map(({ from }) => instant(from).slice(11, 16)),
    ["23:00", "04:00", "19:00"],
  );
  assert.is(spring.to - spring.from, 23 * 4);
  const autumn = compiled({ from: "2027-10-31", to: "2027-11-01" })[0]!;
  assert.equal(
    autumn.prices.map(({ from }) => instant(from).slice(11, 16)),
    ["22:00", "05:00", "20:00"],
  );
  assert.is(autumn.to - autumn.from, 25 * 4);
});

compiling("prices the hour that comes twice twice alike, and the one that is left out not at all", () => {
  const tariff = `
  - { from: "00:00", trade: 0.10, supplierSells: 0.2, supplierBuys: 0.05 }
  - { from: "02:00", trade: 0.20, supplierSells: 0.2, supplierBuys: 0.05 }
  - { from: "03:00", trade: 0.30, supplierSells: 0.2, supplierBuys: 0.05 }`;
  const tradesOf = (from: string, to: string) =>
    compiled({ tariff, from, to })[0]!.prices.map(({ from: at, trade }) => [
      instant(at).slice(11, 16),
      trade,
    ]);
  assert.equal(tradesOf("2027-10-31", "2027-11-01"), [
    ["22:00", 100_000n],
    ["00:00", 200_000n],
    ["02:00", 300_000n],
  ]);
  assert.equal(tradesOf("2027-03-28", "2027-03-29"), [
    ["23:00", 100_000n],
    ["01:00", 300_000n],
  ]);
});

compiling("has other prices on Saturdays and Sundays, where they are given", () => {
  const weekendTariff = `
  - { from: "00:00", trade: 0.09, supplierSells: 0.2, supplierBuys: 0.05 }`;
  const { prices } = compiled({ weekendTariff, from: "2027-01-01", to: "2027-01-05" })[0]!;
  const cheap = prices.filter(({ trade }) => trade === 90_000n);
  assert.equal(
    cheap.map(({ from }) => instant(from)),
    ["2027-01-01T23:00:00.000Z"],
  );
  assert.is(instant(prices[prices.indexOf(cheap[0]!) + 1]!.from), "2027-01-03T23:00:00.000Z");
});

compiling("becomes as many policies as fit a transaction each, one after the other", () => {
  const policies = compiled({ version: "4", to: "2028-01-04" });
  assert.ok(policies.length > 1);
  for (const [index, policy] of policies.entries()) {
    assert.is(policy.version, 4 + index);
    assert.is(policyFault(policy), undefined);
    assert.is(policy.from, policies[index - 1]?.to ?? policy.from);
    assert.ok(encode(cborSignedPolicy(signPolicy(policy))).length < MAX_TRANSACTION_BYTES - 100);
  }
  assert.is(instant(policies.at(-1)!.to), "2028-01-03T23:00:00.000Z");
});

compiling("takes lists by member in the order of addresses, and by fuel in that of the format", () => {
  const [one, other] = [testMember(0), testMember(1)];
  const policy = compiled({
    creditLimits: `{ ${one}: 5, ${other}: "0.000001" }`,
    connectionRatingsW: `{ ${other}: 4000, ${one}: 5000 }`,
    mixTarget: "{ grid-mix: 1, solar: 2 }",
    feedInLimitWh: "9000",
  })[0]!;
  assert.equal(
    new Map(policy.creditLimits),
    new Map([
      [one, 5_000_000n],
      [other, 1n],
    ]),
  );
  assert.is(policyFault(policy), undefined);
  assert.equal(policy.mixTarget, [
    ["solar", 2],
    ["grid-mix", 1],
  ]);
  assert.is(policy.feedInLimit, 9_000n);
});

compiling(
  "refuses an end before the beginning, too many intervals, and an address that is none",
  async () => {
    for (const changes of [
      { to: "2027-01-04" },
      { to: "2027-01-01" },
      { intervalSeconds: "1", to: "2027-03-01" },
      { creditLimits: "{ meter1nobody: 5 }" },
    ])
      await failsWith(() => compiled(changes), "CLI_USAGE");
  },
);

compiling("reads coins exactly", () => {
  for (const [coins, microCoins] of [
    ["0", 0n],
    ["0.1", 100_000n],
    ["0.000001", 1n],
    ["12", 12_000_000n],
    ["999999999999.999999", 999_999_999_999_999_999n],
  ] as const)
    assert.is(microCoinsOf(coins), microCoins);
});

compiling.run();
