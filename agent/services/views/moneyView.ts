/** The policies and the accounts of the committed state, as people see them. */
import { toHex } from "../../core/bytes.ts";
import { contextOfNext, type LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState } from "../../core/ledger/state/state.ts";
import { balanceOf, NAMED_ACCOUNTS } from "../../core/market/accounts.ts";
import { mayBuy, policyAt } from "../../core/market/policy.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { type Policy, policyHash } from "../../core/membership/policy.ts";
import type { AccountsView, AccountView, MoneyApi, PoliciesView, PolicyView } from "../../ports/moneyView.ts";
import { namesOf } from "./governanceView.ts";

/** @param facts gives the context and the state after the head @returns what the local API asks about money */
export function moneyApi(
  facts: () => { readonly context: LedgerContext; readonly state: LedgerState },
): MoneyApi {
  return {
    policies: async () => policiesView(facts().context, facts().state),
    accounts: async () => accountsView(facts().context, facts().state),
  };
}

/** @param anyContext of the epoch @param state after the head @returns the body of `GET /api/v1/policy` */
export function policiesView(anyContext: LedgerContext, state: LedgerState): PoliciesView {
  const context = contextOfNext(anyContext, state);
  const { regulatorKey, intervalMs } = context.genesis;
  const nameOf = namesOf(context);
  return {
    schema: "edso.policies/1",
    regulator: toHex(regulatorKey),
    intervalMs,
    nextInterval: state.nextInterval,
    inForce: policyAt(state.policies, state.nextInterval)?.version ?? null,
    policies: state.policies.map(({ policy }) => policyView(policy, nameOf)),
  };
}

/** @param anyContext of the epoch @param state after the head @returns the body of `GET /api/v1/accounts` */
export function accountsView(anyContext: LedgerContext, state: LedgerState): AccountsView {
  const context = contextOfNext(anyContext, state);
  const policy = policyAt(state.policies, state.nextInterval);
  const members = context.roster.members.map(({ id, name }): AccountView => {
    const balance = balanceOf(state.money, id);
    return { account: id, name, balance: `${balance}`, mayBuy: mayBuy(policy, id, balance) };
  });
  const known = new Set<string>([...context.roster.byId.keys(), ...NAMED_ACCOUNTS]);
  const left = [...state.money.accounts.keys()].filter((account) => !known.has(account));
  return {
    schema: "edso.accounts/1",
    height: state.height,
    issued: `${state.money.issued}`,
    accounts: [
      ...members.sort((one, other) => (one.name < other.name ? -1 : 1)),
      ...[...left.sort(), ...NAMED_ACCOUNTS].map((account): AccountView => {
        return { account, name: account, balance: `${balanceOf(state.money, account)}`, mayBuy: null };
      }),
    ],
  };
}

function policyView(policy: Policy, nameOf: (member: MemberId) => string): PolicyView {
  const { carbon, feedInLimit } = policy;
  return {
    version: policy.version,
    hash: policyHash(policy),
    from: policy.from,
    to: policy.to,
    pricing: policy.pricing,
    prices: policy.prices.map(({ from, trade, supplierSells, supplierBuys }) => ({
      from,
      trade: `${trade}`,
      supplierSells: `${supplierSells}`,
      supplierBuys: `${supplierBuys}`,
    })),
    floor: `${policy.floor}`,
    cap: `${policy.cap}`,
    feedInLimitWh: feedInLimit === null ? null : Number(feedInLimit),
    creditLimit: `${policy.creditLimit}`,
    creditLimits: policy.creditLimits.map(([member, limit]) => ({
      member: nameOf(member),
      limit: `${limit}`,
    })),
    fee: `${policy.fee}`,
    supplierFuel: policy.supplierFuel,
    mixTarget: policy.mixTarget.map(([fuel, permille]) => ({ fuel, permille })),
    carbon: {
      grams: carbon.grams.map(([fuel, gramsPerKwh]) => ({ fuel, gramsPerKwh })),
      rate: `${carbon.rate}`,
    },
    connectionRatings: policy.connectionRatings.map(([member, ratingW]) => ({
      member: nameOf(member),
      ratingW,
    })),
  };
}
