/** Who pays what in the case study. The paper names no price: prices, fee, credit and what is issued are ours. */
import type { Policy, PriceStep } from "../../agent/core/membership/policy.ts";
import {
  type IntervalIndex,
  intervalIndex,
  type MicroCoins,
  microCoins,
  pricePerKwh,
} from "../../agent/core/units.ts";

/** What the GridAdmin issues to each DEP in block 1. */
export const ISSUED: MicroCoins = microCoins(100_000_000n);
/** More than anybody buys for in a run: nobody is left out for want of coins. */
const CREDIT_LIMIT = 1_000_000_000n;
const HOURS_PER_DAY = 24;
/** As many as a run may have. */
const DAYS = 4;
/** Price between members from an hour of the day on, micro-coins per kWh: odd ones, so that rounding shows. */
const TARIFF = [
  { t: 1, trade: 104_500n },
  { t: 7, trade: 151_300n },
  { t: 18, trade: 203_900n },
  { t: 22, trade: 118_700n },
] as const;
const SUPPLIER = { supplierSells: pricePerKwh(300_000n), supplierBuys: pricePerKwh(50_000n) } as const;

/**
 * @param microgridId of the street
 * @param from its first interval
 * @returns the policy that the genesis holds, not yet signed
 */
export function casePolicy(microgridId: string, from: IntervalIndex): Policy {
  return {
    microgridId,
    version: 1,
    from,
    to: intervalIndex(from + DAYS * HOURS_PER_DAY),
    pricing: "schedule",
    prices: Array.from({ length: DAYS }, (_, day) => TARIFF.map((step) => stepOf(day, step))).flat(),
    floor: pricePerKwh(50_000n),
    cap: pricePerKwh(300_000n),
    feedInLimit: null,
    creditLimit: microCoins(CREDIT_LIMIT),
    creditLimits: [],
    fee: pricePerKwh(1_250n),
    supplierFuel: "grid-mix",
    mixTarget: [["solar", 1_000]],
    carbon: { grams: [["grid-mix", 400]], rate: pricePerKwh(50_000n) },
    connectionRatings: [],
  };
}

function stepOf(day: number, { t, trade }: (typeof TARIFF)[number]): PriceStep {
  return { from: intervalIndex(day * HOURS_PER_DAY + t), trade: pricePerKwh(trade), ...SUPPLIER };
}
