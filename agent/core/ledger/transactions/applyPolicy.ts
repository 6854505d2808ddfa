/**
 * What a policy and an issue of coins must satisfy to take effect, and what they do to the state.
 *
 * @source docs/market.md, "Policy" and "Money"
 */
import { issued } from "../../market/accounts.ts";
import type { MemberId } from "../../membership/address.ts";
import {
  judgePolicyForm,
  judgePolicyPlace,
  type PolicyFormRefusal,
  type PolicyPlaceRefusal,
} from "../../membership/judgePolicy.ts";
import { MAX_POLICIES, type SignedPolicy } from "../../membership/policy.ts";
import type { MicroCoins } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState } from "../state/state.ts";
import { GRID_ADMIN, type TransactionSigner } from "../state/transaction.ts";

/** Codes a policy has no effect with. */
export type PolicyEffectRefusal =
  | PolicyFormRefusal
  | PolicyPlaceRefusal
  | "POLICY_NOT_GRID_ADMIN"
  | "POLICY_PAST"
  | "POLICY_TOO_MANY";

/** Codes an issue of coins has no effect with. */
export type IssueEffectRefusal = "ISSUE_NOT_GRID_ADMIN" | "ISSUE_NOT_MEMBER" | "ISSUE_RANGE";

/** From the block that deploys a policy on, so many intervals at least pass before it is in force: everybody can see it first. */
export const POLICY_LEAD_INTERVALS = 2;

/**
 * @param context with the roster of the block
 * @param state with the block's intervals settled
 * @param signer who deploys
 * @param signed by the Regulator
 * @returns the state with the policy, or why it is not deployed
 */
export function applyPolicy(
  { genesis, voters }: LedgerContext,
  state: LedgerState,
  signer: TransactionSigner,
  signed: SignedPolicy,
): Verdict<LedgerState, PolicyEffectRefusal> {
  if (signer !== GRID_ADMIN) return reject("POLICY_NOT_GRID_ADMIN");
  const form = judgePolicyForm(signed, genesis, voters.verify);
  if (form.kind !== "accept") return form;
  const place = judgePolicyPlace(signed, state.policies);
  if (place.kind !== "accept") return place;
  if (signed.policy.from < state.nextInterval + POLICY_LEAD_INTERVALS)
    return reject("POLICY_PAST", `from ${signed.policy.from}`);
  if (state.policies.length >= MAX_POLICIES) return reject("POLICY_TOO_MANY");
  return accept({ ...state, policies: [...state.policies, signed] });
}

/**
 * @param context with the roster of the block
 * @param state before it
 * @param signer who issues
 * @param issue to whom, and how many micro-coins
 * @returns the state with the coins, or why none are issued
 */
export function applyIssue(
  { roster }: LedgerContext,
  state: LedgerState,
  signer: TransactionSigner,
  { to, amount }: { readonly to: MemberId; readonly amount: MicroCoins },
): Verdict<LedgerState, IssueEffectRefusal> {
  if (signer !== GRID_ADMIN) return reject("ISSUE_NOT_GRID_ADMIN");
  if (!roster.byId.has(to)) return reject("ISSUE_NOT_MEMBER", to);
  const money = amount > 0n ? issued(state.money, to, amount) : null;
  return money === null ? reject("ISSUE_RANGE", `${amount}`) : accept({ ...state, money });
}
