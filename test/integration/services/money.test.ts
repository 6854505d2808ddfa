/** Money in a whole street: a policy and coins arrive as transactions, and every gateway has the same accounts. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { GRID_ADMIN, type TransactionContent } from "../../../agent/core/ledger/state/transaction.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { height, microCoins } from "../../../agent/core/units.ts";
import { signTransaction } from "../../support/chainBuilder.ts";
import { MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";
import { signPolicy, testPolicy, testStep } from "../../support/testPolicy.ts";

const test = suite("money of a street");

const ENERGIES = { dep1: [1_000, 0], dep2: [0, 600], dep3: [0, 400] } as const;
const idOf = (name: string) => memberIdOf(publicKeyOf(secretKeyOf(name)));

function asAdmin(street: MemoryStreet, sequence: number, content: TransactionContent): void {
  const signed = signTransaction(street.context, { signer: GRID_ADMIN, sequence, content });
  assert.is(street.gateway("dep1").agent.governance.take(signed).kind, "accept");
}

async function accountsOf(street: MemoryStreet, name: string): Promise<Readonly<Record<string, string>>> {
  const { accounts } = await street.gateway(name).agent.money.accounts();
  return Object.fromEntries(accounts.map(({ name: account, balance }) => [account, balance]));
}

async function refusalsOf(street: MemoryStreet): Promise<readonly (string | null)[]> {
  const { agent } = street.gateway("dep2");
  const { ledger } = await agent.status();
  const found: (string | null)[] = [];
  for (let at = 1; at <= ledger.height; at += 1) {
    const stored = await agent.block(height(at));
    const read = readBlock(stored!.block);
    if (read.kind !== "accept") throw new Error(read.code);
    found.push(...read.value.body.transactions.map(({ refusal }) => refusal));
  }
  return found;
}

test("a policy and coins are deployed, hold from their interval on, and outlast a power cut", async () => {
  const street = new MemoryStreet({ gateways: 4, mode: "grid-tied" });
  await street.start();
  await street.pass(2, ENERGIES);
  assert.is((await accountsOf(street, "dep1")).dep1, "0");
  const { nextInterval, inForce } = await street.gateway("dep1").agent.money.policies();
  assert.is(inForce, null);
  const from = nextInterval + 4;
  asAdmin(street, 1, { kind: "issue", to: idOf("dep2"), amount: microCoins(5_000_000n) });
  asAdmin(street, 2, {
    kind: "policy",
    signed: signPolicy(
      testPolicy(from, { prices: [testStep(from), testStep(from + 1, { trade: 100_000n })] }),
    ),
  });
  await street.pass(4, ENERGIES);
  assert.equal(await accountsOf(street, "dep3"), {
    dep1: "0",
    dep2: "5000000",
    dep3: "0",
    dep4: "0",
    supplier: "0",
    imbalance: "0",
    fees: "0",
    rounding: "0",
    carbon: "0",
  });
  street.cutPower("dep4");
  await street.restart("dep4");
  await street.pass(5, ENERGIES);
  const policies = await street.gateway("dep4").agent.money.policies();
  assert.is(policies.inForce, 1);
  const settled = policies.nextInterval - from;
  assert.ok(settled >= 2);
  // 600 Wh at 0.2, then at 0.1 coins a kWh; the fee is 0.003
  const paid = 120_000n + 60_000n * BigInt(settled - 1) + 1_800n * BigInt(settled);
  for (const name of ["dep1", "dep2", "dep3", "dep4"]) {
    const accounts = await accountsOf(street, name);
    assert.is(accounts.dep2, `${5_000_000n - paid}`, name);
    const total = Object.values(accounts).reduce((sum, balance) => sum + BigInt(balance), 0n);
    assert.is(total, 5_000_000n);
  }
  await street.stop();
});

test("what is not entitled or comes too late stands in a block with its reason, and moves nothing", async () => {
  const street = new MemoryStreet({ gateways: 4 });
  await street.start();
  await street.pass(2, ENERGIES);
  const { nextInterval } = await street.gateway("dep1").agent.money.policies();
  asAdmin(street, 1, { kind: "policy", signed: signPolicy(testPolicy(nextInterval)) });
  asAdmin(street, 2, { kind: "policy", signed: signPolicy(testPolicy(nextInterval + 50), "grid-admin") });
  await street.gateway("dep2").agent.submit({
    kind: "issue",
    to: idOf("dep2"),
    amount: microCoins(1n),
  });
  await street.pass(3, ENERGIES);
  assert.equal([...(await refusalsOf(street))].sort(), [
    "ISSUE_NOT_GRID_ADMIN",
    "POLICY_BAD_SIGNATURE",
    "POLICY_PAST",
  ]);
  const { policies } = await street.gateway("dep3").agent.money.policies();
  assert.equal(policies, []);
  assert.is((await street.gateway("dep3").agent.money.accounts()).issued, "0");
  await street.stop();
});

test("who has no credit left buys nothing from its neighbours, and sells all the same", async () => {
  const street = new MemoryStreet({
    gateways: 4,
    mode: "grid-tied",
    policiesFrom: (first) => [
      signPolicy(
        testPolicy(first, {
          creditLimit: microCoins(100_000n),
          creditLimits: [[idOf("dep3"), microCoins(10n ** 9n)]],
        }),
      ),
    ],
  });
  await street.start();
  await street.pass(5, ENERGIES);
  const { agent } = street.gateway("dep1");
  const { ledger } = await agent.status();
  const last = (await agent.intervals(height(ledger.height)))?.at(-1);
  assert.equal(last?.settlement?.ineligible, ["dep2"]);
  assert.ok(last?.trades.every(({ to }) => to === "dep3"));
  await street.stop();
});

test.run();
