/**
 * What a running gateway tells of the street's money: bodies of the local API. Amounts are whole micro-coins, and prices
 * micro-coins per kWh, as text: a JSON number would not hold them exactly.
 */

/** Whole micro-coins in decimal digits, with a sign when below 0. */
export type MicroCoinsText = string;

/** One policy, by names. */
export type PolicyView = {
  readonly version: number;
  /** What the Regulator signed. */
  readonly hash: string;
  /** In force in the intervals [from, to). */
  readonly from: number;
  readonly to: number;
  readonly pricing: "schedule" | "auction";
  readonly prices: readonly {
    readonly from: number;
    readonly trade: MicroCoinsText;
    readonly supplierSells: MicroCoinsText;
    readonly supplierBuys: MicroCoinsText;
  }[];
  readonly floor: MicroCoinsText;
  readonly cap: MicroCoinsText;
  /** Of the whole street in one interval; null for no limit. */
  readonly feedInLimitWh: number | null;
  readonly creditLimit: MicroCoinsText;
  readonly creditLimits: readonly { readonly member: string; readonly limit: MicroCoinsText }[];
  readonly fee: MicroCoinsText;
  readonly supplierFuel: string;
  readonly mixTarget: readonly { readonly fuel: string; readonly permille: number }[];
  readonly carbon: {
    readonly grams: readonly { readonly fuel: string; readonly gramsPerKwh: number }[];
    /** Per kg. */
    readonly rate: MicroCoinsText;
  };
  readonly connectionRatings: readonly { readonly member: string; readonly ratingW: number }[];
};

/** `GET /api/v1/policy` */
export type PoliciesView = {
  readonly schema: "edso.policies/1";
  /** The Regulator's public key, hexadecimal. */
  readonly regulator: string;
  readonly intervalMs: number;
  /** The interval that the next block begins with. */
  readonly nextInterval: number;
  /** Version of the policy in force in it; null for none. */
  readonly inForce: number | null;
  /** In force, to come, or over but for corrections. */
  readonly policies: readonly PolicyView[];
};

/** One account. */
export type AccountView = {
  /** Address of a member, or the name of an account that belongs to none. */
  readonly account: string;
  readonly name: string;
  readonly balance: MicroCoinsText;
  /** Whether its member may buy from others in the next block; null for an account of no member. */
  readonly mayBuy: boolean | null;
};

/** `GET /api/v1/accounts` */
export type AccountsView = {
  readonly schema: "edso.accounts/1";
  readonly height: number;
  /** What all accounts hold together. */
  readonly issued: MicroCoinsText;
  /** Members by name, then the named accounts. */
  readonly accounts: readonly AccountView[];
};

/** What the local API asks about money. */
export interface MoneyApi {
  policies(): Promise<PoliciesView>;
  accounts(): Promise<AccountsView>;
}
