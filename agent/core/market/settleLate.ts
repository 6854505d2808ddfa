/**
 * The settlement of late energy: stated after its interval was closed, at the worse, for its member, of the prices that
 * held then.
 *
 * @source docs/market.md, "Corrections"
 */
import type { Fuel } from "../membership/enrolment.ts";
import type { Policy, SignedPolicy } from "../membership/policy.ts";
import { type IntervalIndex, type MicroCoins, microCoins, type PricePerKwh, pricePerKwh } from "../units.ts";
import { gramsOf } from "./policy.ts";
import { costOf, worthOf } from "./settle.ts";

/** What consumed and generated late energy is settled at, micro-coins per kWh. */
export type LatePrices = { readonly consumed: PricePerKwh; readonly generated: PricePerKwh };

/** The money of late energy. */
export type LateMoney = {
  /** Of the newest policy that held in its intervals; null where none did. */
  readonly policyVersion: number | null;
  readonly prices: LatePrices;
  /** What the member's account changes by; any sign. */
  readonly amount: MicroCoins;
};

/** Where nothing is to be paid. */
export const NO_LATE_MONEY: LateMoney = {
  policyVersion: null,
  prices: { consumed: pricePerKwh(0n), generated: pricePerKwh(0n) },
  amount: microCoins(0n),
};
/** Grams in a kilogram. */
const GRAMS_PER_KG = 1_000n;

/**
 * Settles late energy. In one interval what was generated covers what was consumed, and the rest has a price; over several
 * nobody knows what of it met, so that each is settled as a whole.
 *
 * @param deployed policies
 * @param from first @param to last interval of the energy
 * @param energy generated and consumed, Wh; consumed may be a little below 0
 * @returns its money; without a policy in any of its intervals none
 * @source docs/market.md, "Corrections"
 */
export function settleEnergyLate(
  deployed: readonly SignedPolicy[],
  from: IntervalIndex,
  to: IntervalIndex,
  { generated, consumed }: { readonly generated: bigint; readonly consumed: bigint },
): LateMoney {
  const held = deployed.map(({ policy }) => policy).filter((policy) => policy.from <= to && from < policy.to);
  if (held.length === 0) return NO_LATE_MONEY;
  const each = held.map((policy) => latePrices(policy, from, to));
  const prices: LatePrices = {
    consumed: pricePerKwh(highest(each.map((price) => price.consumed))),
    generated: pricePerKwh(lowest(each.map((price) => price.generated))),
  };
  const amount =
    from === to
      ? changeFor(generated - consumed, prices)
      : changeFor(generated, prices) + changeFor(-consumed, prices);
  return {
    policyVersion: Math.max(...held.map(({ version }) => version)),
    prices,
    amount: microCoins(amount),
  };
}

/**
 * For the member the worst of what it can have paid or got in these intervals, whoever its energy came from or went to.
 *
 * @param policy that held @param from first @param to last interval of the energy
 * @returns the highest price of what was consumed, fee and carbon in it, and the lowest of what was generated
 * @source docs/market.md, "Corrections"
 */
export function latePrices(policy: Policy, from: IntervalIndex, to: IntervalIndex): LatePrices {
  const steps = policy.prices.filter(({ from: begins }, index) => {
    const next = policy.prices[index + 1];
    return begins <= to && (next === undefined || next.from > from);
  });
  const premiums = policy.carbon.grams.map(([fuel]) => premiumPerKwh(policy, fuel));
  const bought = premiumPerKwh(policy, policy.supplierFuel);
  const mostTraded = policy.fee + highest(premiums);
  return {
    consumed: pricePerKwh(
      highest(
        steps.flatMap(({ trade, supplierSells }) => [
          supplierSells + bought,
          (policy.pricing === "auction" ? policy.cap : trade) + mostTraded,
        ]),
      ),
    ),
    generated: pricePerKwh(
      lowest(
        steps.flatMap(({ trade, supplierBuys }) => [
          supplierBuys,
          policy.pricing === "auction" ? policy.floor : trade,
        ]),
      ),
    ),
  };
}

/** @param energy Wh; above 0 is generated, below 0 consumed @returns what the account changes by */
function changeFor(energy: bigint, { consumed, generated }: LatePrices): bigint {
  return energy >= 0n ? worthOf(energy, generated) : -costOf(-energy, consumed);
}

/** Rounded up, as premiums are. */
function premiumPerKwh(policy: Policy, fuel: Fuel): bigint {
  return (gramsOf(policy, fuel) * policy.carbon.rate + GRAMS_PER_KG - 1n) / GRAMS_PER_KG;
}

function highest(values: readonly bigint[]): bigint {
  let most = 0n;
  for (const value of values) if (value > most) most = value;
  return most;
}

function lowest(values: readonly bigint[]): bigint {
  let least = values[0] ?? 0n;
  for (const value of values) if (value < least) least = value;
  return least;
}
