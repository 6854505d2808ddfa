/**
 * What a policy must hold by itself: its street, its signature, its prices and its lists.
 *
 * @source docs/market.md, "Policy"
 */
import type { Verify } from "../signature.ts";
import { accept, type Refusal, reject, type Verdict } from "../verdict.ts";
import { FUELS, type Fuel } from "./enrolment.ts";
import { type Policy, policySignBytes, type SignedPolicy } from "./policy.ts";

/** Codes a policy is refused with, whatever else is deployed. */
export type PolicyFormRefusal =
  | "POLICY_OTHER_MICROGRID"
  | "POLICY_RANGE"
  | "POLICY_PRICES"
  | "POLICY_BAD_SIGNATURE";

/** Codes policies are refused with beside each other. */
export type PolicyPlaceRefusal = "POLICY_VERSION" | "POLICY_OVERLAPS";

/** Fuels that carbon is counted for. */
export const FOSSIL_FUELS: readonly Fuel[] = ["diesel", "grid-mix"];
const WHOLE_PERMILLE = 1_000;

/**
 * Judges a policy by itself.
 *
 * @param signed as decoded
 * @param street its id and the Regulator's key
 * @param verify judges the signature
 * @returns the same, or why it is refused
 */
export function judgePolicyForm(
  signed: SignedPolicy,
  street: { readonly microgridId: string; readonly regulatorKey: Uint8Array },
  verify: Verify,
): Verdict<SignedPolicy, PolicyFormRefusal> {
  const { policy, signature } = signed;
  if (policy.microgridId !== street.microgridId) return reject("POLICY_OTHER_MICROGRID", policy.microgridId);
  const fault = policyFault(policy);
  if (fault !== undefined) return fault;
  return verify(street.regulatorKey, policySignBytes(policy), signature)
    ? accept(signed)
    : reject("POLICY_BAD_SIGNATURE");
}

/** @param policy any @returns what is wrong with its figures, whoever signed it and wherever it is for; undefined when nothing is */
export function policyFault(policy: Policy): Refusal<"POLICY_RANGE" | "POLICY_PRICES"> | undefined {
  return rangeFault(policy) ?? priceFault(policy);
}

/**
 * Judges a policy beside those before it.
 *
 * @param signed judged by itself
 * @param before those that are deployed
 * @returns the same, or why it does not follow: its version is not the next one, or their intervals overlap
 */
export function judgePolicyPlace(
  signed: SignedPolicy,
  before: readonly SignedPolicy[],
): Verdict<SignedPolicy, PolicyPlaceRefusal> {
  const { version, from, to } = signed.policy;
  const due = nextVersion(before);
  if (version !== due) return reject("POLICY_VERSION", `${version}, where ${due} is due`);
  const other = before.find(({ policy }) => policy.from < to && from < policy.to);
  return other === undefined
    ? accept(signed)
    : reject(
        "POLICY_OVERLAPS",
        `version ${other.policy.version}: ${other.policy.from} to ${other.policy.to}`,
      );
}

/** @param deployed policies @returns the version of the next one */
export function nextVersion(deployed: readonly SignedPolicy[]): number {
  return 1 + Math.max(0, ...deployed.map(({ policy }) => policy.version));
}

function rangeFault(policy: Policy): Refusal<"POLICY_RANGE"> | undefined {
  const { creditLimits, connectionRatings, mixTarget, carbon } = policy;
  const fossil = new Set(FOSSIL_FUELS);
  const faults: Readonly<Record<string, boolean>> = {
    "from and to": policy.to <= policy.from,
    "floor and cap": policy.floor > policy.cap,
    creditLimits: !ascends(creditLimits.map(([member]) => member)),
    connectionRatings: !ascends(connectionRatings.map(([member]) => member)),
    mixTarget:
      !areInOrder(mixTarget.map(([fuel]) => fuel)) ||
      mixTarget.reduce((sum, [, share]) => sum + share, 0) > WHOLE_PERMILLE,
    carbon:
      !areInOrder(carbon.grams.map(([fuel]) => fuel)) || carbon.grams.some(([fuel]) => !fossil.has(fuel)),
  };
  const fault = Object.keys(faults).find((name) => faults[name]);
  return fault === undefined ? undefined : reject("POLICY_RANGE", fault);
}

/** Steps ascend from the policy's first interval on and end before it does; every trade price lies within the bounds. */
function priceFault({ prices, from, to, floor, cap }: Policy): Refusal<"POLICY_PRICES"> | undefined {
  if (prices[0]?.from !== from) return reject("POLICY_PRICES", "the first step is not at from");
  for (const [index, step] of prices.entries()) {
    const previous = prices[index - 1];
    if (step.from >= to || (previous !== undefined && step.from <= previous.from))
      return reject("POLICY_PRICES", `step at ${step.from}`);
    if (step.trade < floor || step.trade > cap)
      return reject("POLICY_PRICES", `trade price at ${step.from} outside floor and cap`);
  }
  return undefined;
}

function ascends(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || (keys[index - 1] ?? "") < key);
}

function areInOrder(fuels: readonly Fuel[]): boolean {
  const places = fuels.map((fuel) => FUELS.indexOf(fuel));
  return places.every((place, index) => index === 0 || (places[index - 1] ?? 0) < place);
}
