/**
 * What a policy says of one interval: which one is in force, and at which prices.
 *
 * @source docs/market.md, "Policy"
 */
import type { MemberId } from "../membership/address.ts";
import type { GenesisBody } from "../membership/genesis.ts";
import type { Policy, PriceStep, SignedPolicy } from "../membership/policy.ts";
import type { RosterMember } from "../membership/roster.ts";
import { plausibleWh } from "../metering/energy.ts";
import { type IntervalIndex, type MicroCoins, microCoins, type Wh } from "../units.ts";
import type { Provenance } from "./provenance.ts";

/** @param deployed policies, none overlapping @param interval any @returns the one in force then, null without one */
export function policyAt(deployed: readonly SignedPolicy[], interval: IntervalIndex): Policy | null {
  return deployed.find(({ policy }) => policy.from <= interval && interval < policy.to)?.policy ?? null;
}

/** @param policy in force then @param interval within it @returns its prices then */
export function stepAt(policy: Policy, interval: IntervalIndex): PriceStep {
  const step = policy.prices.findLast(({ from }) => from <= interval);
  if (step === undefined) throw new RangeError(`policy ${policy.version} has no price at ${interval}`);
  return step;
}

/** @param policy any @param member any @returns how far its account may be below 0 while it still buys, µcoin ≥ 0 */
export function creditLimitOf(policy: Policy, member: MemberId): MicroCoins {
  return policy.creditLimits.find(([id]) => id === member)?.[1] ?? policy.creditLimit;
}

/**
 * @param genesis of the street
 * @param policy in force then; null for none
 * @param member whose connection it is
 * @returns what can pass the connection in one interval, Wh: by the policy's rating of it, else by the enrolled one
 */
export function connectionBound(
  { intervalMs, timeLapse }: Pick<GenesisBody, "intervalMs" | "timeLapse">,
  policy: Policy | null,
  { id, connectionRatingW }: Pick<RosterMember, "id" | "connectionRatingW">,
): Wh {
  const named = policy?.connectionRatings.find(([member]) => member === id)?.[1];
  return plausibleWh(named ?? connectionRatingW, intervalMs, timeLapse);
}

/** @param policy any @param fuel any, or not declared @returns grams of CO₂ per kWh that it is charged for */
export function gramsOf({ carbon }: Policy, fuel: Provenance): bigint {
  return BigInt(carbon.grams.find(([name]) => name === fuel)?.[1] ?? 0);
}

/** @param policies deployed @param oldest closed interval that may still be corrected @returns those that may still matter: not over, or correctable, and the newest version */
export function stillDeployed(
  policies: readonly SignedPolicy[],
  oldest: IntervalIndex,
): readonly SignedPolicy[] {
  const newest = Math.max(0, ...policies.map(({ policy }) => policy.version));
  const kept = policies.filter(({ policy }) => policy.to > oldest || policy.version === newest);
  return kept.length === policies.length ? policies : kept;
}

/** Who may buy from others. @source docs/market.md, "Eligibility" */
export function mayBuy(policy: Policy | null, member: MemberId, balance: MicroCoins): boolean {
  return policy === null || balance > microCoins(-creditLimitOf(policy, member));
}
