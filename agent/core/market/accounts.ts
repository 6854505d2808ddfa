/**
 * The street's money: one account a member, and five with names. Every coin was issued by the GridAdmin; beside issuing,
 * coins only move, so that all accounts together always hold what was issued.
 *
 * @source docs/market.md, "Money"
 */
import { type Cbor, coins, type Decoder, encode, list, MAX_COINS, signedCoins, tuple } from "../codec.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../membership/address.ts";
import { type MicroCoins, microCoins } from "../units.ts";

/** Accounts that belong to no member. The supplier's and the imbalance's may run far below 0: what members owe, they hold. */
export const NAMED_ACCOUNTS = ["supplier", "imbalance", "fees", "rounding", "carbon"] as const;
export type NamedAccount = (typeof NAMED_ACCOUNTS)[number];
export type AccountId = MemberId | NamedAccount;

/** All accounts after a block, in micro-coins; an account that is not in it holds 0. */
export type Money = {
  readonly issued: MicroCoins;
  readonly accounts: ReadonlyMap<AccountId, MicroCoins>;
};

/** What an account changes by, in micro-coins. */
export type Posting = { readonly account: AccountId; readonly amount: MicroCoins };

/** Nothing issued, nothing owed. */
export const NO_MONEY: Money = { issued: microCoins(0n), accounts: new Map() };
/** Members that are and were; the state's bound of them. */
const MAX_ACCOUNTS = 10_000;

/** @param money any @param account any @returns what it holds, micro-coins of any sign */
export function balanceOf({ accounts }: Money, account: AccountId): MicroCoins {
  return accounts.get(account) ?? microCoins(0n);
}

/**
 * Moves coins.
 *
 * @param money before
 * @param postings that together are 0
 * @returns the money after them, or null when an account would leave 64 bits, and then nothing moves
 * @throws RangeError when they are not 0 together: such a list is never made
 */
export function posted(money: Money, postings: readonly Posting[]): Money | null {
  const total = postings.reduce((sum, { amount }) => sum + amount, 0n);
  if (total !== 0n) throw new RangeError(`postings leave ${total} micro-coins over`);
  const accounts = new Map(money.accounts);
  for (const { account, amount } of postings) add(accounts, account, amount);
  return [...accounts.values()].every(isWithinBounds) ? { ...money, accounts } : null;
}

/** @param money before @param to a member's account @param amount micro-coins > 0 @returns the money with so many more coins, or null when that is more than 64 bits hold */
export function issued(money: Money, to: MemberId, amount: MicroCoins): Money | null {
  const accounts = new Map(money.accounts);
  add(accounts, to, amount);
  const all = microCoins(money.issued + amount);
  return isWithinBounds(all) && isWithinBounds(accounts.get(to) ?? 0n) ? { issued: all, accounts } : null;
}

/** @param money before @param from account of a key that left @param to the same household's new one @returns the money with all that it held under the new key */
export function moved(money: Money, from: MemberId, to: MemberId): Money {
  const amount = money.accounts.get(from);
  if (amount === undefined) return money;
  const accounts = new Map(money.accounts);
  accounts.delete(from);
  add(accounts, to, amount);
  return { ...money, accounts };
}

/** @param amount micro-coins @returns false for more than 64 bits with a sign hold */
export function isWithinBounds(amount: bigint): boolean {
  return amount <= MAX_COINS && amount >= -MAX_COINS;
}

/** @param money after a block @returns its leaves under the state's root, one an account */
export function moneyLeaves(money: Money): readonly Uint8Array[] {
  return [
    encode(["issued", money.issued]),
    ...cborAccounts(money).map((entry) => encode(["account", entry])),
  ];
}

/** @param money any @returns its place in an encoded state */
export function cborMoney(money: Money): Cbor {
  return [money.issued, cborAccounts(money)];
}

/** Decoder of {@link cborMoney}. */
export const moneyDecoder: Decoder<Money> = (value) => {
  const [all, accounts] = tuple(coins, list(tuple(accountDecoder, signedCoins), MAX_ACCOUNTS))(value);
  return { issued: all, accounts: new Map(accounts) };
};

const accountDecoder: Decoder<AccountId> = (value) => {
  const named = NAMED_ACCOUNTS.find((name) => name === value);
  return named ?? memberDecoder(value);
};

function cborAccounts({ accounts }: Money): readonly Cbor[] {
  const named = new Set<string>(NAMED_ACCOUNTS);
  return [...accounts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([account, amount]) => [named.has(account) ? account : memberIdBytes(account as MemberId), amount]);
}

function add(accounts: Map<AccountId, MicroCoins>, account: AccountId, amount: MicroCoins): void {
  const sum = microCoins((accounts.get(account) ?? 0n) + amount);
  if (sum === 0n) accounts.delete(account);
  else accounts.set(account, sum);
}
