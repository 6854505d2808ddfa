/** Policies of test streets: round prices, and each part replaceable by what a test wants. */
import {
  type Policy,
  type PriceStep,
  policySignBytes,
  type SignedPolicy,
} from "../../agent/core/membership/policy.ts";
import { signMessage } from "../../agent/core/signature.ts";
import { type IntervalIndex, intervalIndex, microCoins, pricePerKwh, wh } from "../../agent/core/units.ts";
import { secretKeyOf } from "./memoryStreet.ts";

/** Prices in micro-coins per kWh: what members trade at, what the supplier asks and what it gives. */
export const TEST_PRICES = {
  trade: pricePerKwh(200_000n),
  supplierSells: pricePerKwh(300_000n),
  supplierBuys: pricePerKwh(80_000n),
} as const;

/** @param from interval @param prices other than the usual @returns a step of a policy's prices */
export function testStep(
  from: number,
  prices: Partial<Record<keyof typeof TEST_PRICES, bigint>> = {},
): PriceStep {
  const changed = Object.entries(prices).map(([name, price]) => [name, pricePerKwh(price)]);
  return { from: intervalIndex(from), ...TEST_PRICES, ...Object.fromEntries(changed) };
}

/** @param from first interval @param changes to the usual @returns version 1, in force for a thousand intervals */
export function testPolicy(from: IntervalIndex | number, changes: Partial<Policy> = {}): Policy {
  return {
    microgridId: "test-street",
    version: 1,
    from: intervalIndex(from),
    to: intervalIndex(from + 1_000),
    pricing: "schedule",
    prices: [testStep(from)],
    floor: pricePerKwh(50_000n),
    cap: pricePerKwh(400_000n),
    feedInLimit: null,
    creditLimit: microCoins(1_000_000_000n),
    creditLimits: [],
    fee: pricePerKwh(3_000n),
    supplierFuel: "grid-mix",
    mixTarget: [
      ["solar", 600],
      ["grid-mix", 400],
    ],
    carbon: { grams: [["grid-mix", 400]], rate: pricePerKwh(50_000n) },
    connectionRatings: [],
    ...changes,
  };
}

/** @param policy any @param key name of the key that signs, the Regulator's by default @returns it with a signature */
export function signPolicy(policy: Policy, key = "regulator"): SignedPolicy {
  return { policy, signature: signMessage(secretKeyOf(key), policySignBytes(policy)) };
}

/** Energy of a test, for short. */
export const energyWh = (value: number | bigint) => wh(BigInt(value));
