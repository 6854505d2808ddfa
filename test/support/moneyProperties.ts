/**
 * What must hold of the money of one interval, priced again by a few lines of its own: nothing here calls the code
 * under test.
 *
 * @source docs/market.md, "Settlement"
 */
import type { Money } from "../../agent/core/market/accounts.ts";
import type { IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { Settlement } from "../../agent/core/market/settle.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";

/** Name of a property that does not hold. */
export type MoneyViolation =
  | "coins-not-conserved"
  | "money-not-parallel"
  | "price-out-of-bounds"
  | "account-wrong";

/**
 * Checks one settled interval.
 *
 * @param policy in force
 * @param outcome of the interval
 * @param settlement that is claimed for it
 * @param before money before
 * @param after money that is claimed to be left
 * @returns the properties that do not hold
 */
export function moneyViolations(
  policy: Policy,
  outcome: IntervalOutcome,
  settlement: Settlement,
  before: Money,
  after: Money,
): readonly MoneyViolation[] {
  const isParallel =
    settlement.trades.length === outcome.trades.length &&
    settlement.residuals.length === outcome.residuals.length;
  if (!isParallel) return ["money-not-parallel"];
  const { price } = settlement;
  const isPriced =
    outcome.trades.length === 0 || (price !== null && price >= policy.floor && price <= policy.cap);
  const due = accountsAfter(policy, outcome, settlement, before);
  const names = new Set<string>([...due.keys(), ...after.accounts.keys()]);
  const held = after.accounts as ReadonlyMap<string, bigint>;
  const isRight = [...names].every((name) => (due.get(name) ?? 0n) === (held.get(name) ?? 0n));
  const total = [...held.values()].reduce((sum, amount) => sum + amount, 0n);
  return [
    ...(total === after.issued && after.issued === before.issued ? [] : ["coins-not-conserved" as const]),
    ...(isPriced ? [] : ["price-out-of-bounds" as const]),
    ...(isRight ? [] : ["account-wrong" as const]),
  ];
}

function accountsAfter(
  policy: Policy,
  { interval, trades, residuals }: IntervalOutcome,
  { price, trades: entries }: Settlement,
  before: Money,
): ReadonlyMap<string, bigint> {
  const accounts = new Map<string, bigint>(before.accounts);
  const move = (from: string, to: string, amount: bigint) => {
    accounts.set(from, (accounts.get(from) ?? 0n) - amount);
    accounts.set(to, (accounts.get(to) ?? 0n) + amount);
  };
  const step = policy.prices.filter(({ from }) => from <= interval).at(-1)!;
  const grams = new Map<string, number>(policy.carbon.grams);
  const premium = (fuels: readonly (readonly [string, bigint])[]) =>
    up(
      fuels.reduce((sum, [fuel, wh]) => sum + wh * BigInt(grams.get(fuel) ?? 0) * policy.carbon.rate, 0n),
      1_000_000n,
    );
  for (const [index, { from, to, wh }] of trades.entries()) {
    const value = wh * (price ?? 0n);
    move(to, from, value / 1_000n);
    move(to, "rounding", up(value, 1_000n) - value / 1_000n);
    move(to, "fees", up(wh * policy.fee, 1_000n));
    move(to, "carbon", premium(entries[index]!.fuels));
  }
  for (const { member, kind, wh } of residuals) {
    if (kind === "fed-in") move("supplier", member, (wh * step.supplierBuys) / 1_000n);
    else move(member, kind === "bought" ? "supplier" : "imbalance", up(wh * step.supplierSells, 1_000n));
    if (kind === "bought") move(member, "carbon", premium([[policy.supplierFuel, wh]]));
  }
  return accounts;
}

function up(value: bigint, by: bigint): bigint {
  return value % by === 0n ? value / by : value / by + 1n;
}
