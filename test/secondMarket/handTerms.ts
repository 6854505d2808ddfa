/** Policy, accounts and bids of the intervals worked by hand, and the money that has to come out, as a block and a state have them. */
import type { Cbor } from "../../agent/core/codec.ts";
import type { AccountId, Money } from "../../agent/core/market/accounts.ts";
import { type MemberId, memberIdBytes, memberIdFromBytes } from "../../agent/core/membership/address.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";
import { intervalIndex, microCoins, pricePerKwh, wh } from "../../agent/core/units.ts";
import type {
  HandAccount,
  HandInterval,
  HandSettlement,
  HandTerms,
  Letter,
} from "../vectors/marketIntervals.ts";
import type { DrawnTerms } from "./drawTerms.ts";

const ADDRESS_BYTES = 20;
const NOT_CAPITAL = 64;
/** Of every policy that is worked by hand. */
export const POLICY_VERSION = 1;
/** Long enough for every interval that is worked by hand. */
const POLICY_END = 1_000;

/** @param letter of the street @returns the member */
export function idOf(letter: Letter): MemberId {
  return memberIdFromBytes(new Uint8Array(ADDRESS_BYTES).fill(letter.charCodeAt(0) - NOT_CAPITAL));
}

/** @param hand one interval @returns its terms */
export function termsByHand({ interval, terms }: Pick<HandInterval, "interval" | "terms">): DrawnTerms {
  return {
    policies: terms === undefined ? [] : [policyOf(terms)],
    money: moneyOf(terms?.accounts ?? []),
    bids: (terms?.bids ?? []).map(({ member, side, limit, cap, fuel }) => ({
      member: idOf(member),
      bid: {
        side,
        limit: pricePerKwh(limit),
        cap: wh(cap),
        from: intervalIndex(interval),
        to: null,
        wish: { area: null, fuel: fuel ?? null },
      },
    })),
  };
}

/** @param expected money of the interval; nothing without a policy @returns its place in a block */
export function cborSettlementByHand(expected: HandSettlement | undefined): Cbor {
  if (expected === undefined) return null;
  return [
    POLICY_VERSION,
    expected.price,
    expected.ineligible.map((member) => memberIdBytes(idOf(member))),
    expected.trades.map(({ price, paid, received, fee, carbon, fuels }) => [
      ...[price, paid, received, fee, carbon],
      fuels,
    ]),
    expected.residuals.map(({ price, amount, carbon }) => [price, amount, carbon]),
  ];
}

/** @param accounts in their order, all that was issued being 0 @returns their place in a state */
export function cborAccountsByHand(accounts: readonly (readonly [HandAccount, bigint])[]): Cbor {
  return [
    0,
    accounts.map(([account, amount]) => [isLetter(account) ? memberIdBytes(idOf(account)) : account, amount]),
  ];
}

function moneyOf(accounts: HandTerms["accounts"]): Money {
  return {
    issued: microCoins(0n),
    accounts: new Map(
      accounts.map(([account, amount]): [AccountId, ReturnType<typeof microCoins>] => [
        isLetter(account) ? idOf(account) : account,
        microCoins(amount),
      ]),
    ),
  };
}

/** The prices that marketTerms.ts names. */
function policyOf({ policy }: HandTerms): Policy {
  const from = intervalIndex(0);
  const price = pricePerKwh;
  return {
    microgridId: "test-street",
    version: POLICY_VERSION,
    from,
    to: intervalIndex(POLICY_END),
    pricing: policy.pricing ?? "schedule",
    prices: [{ from, trade: price(333_333n), supplierSells: price(400_001n), supplierBuys: price(100_499n) }],
    floor: price(policy.floor ?? 0n),
    cap: price(policy.cap ?? 1_000_000n),
    feedInLimit: policy.feedInLimit === undefined ? null : wh(policy.feedInLimit),
    creditLimit: microCoins(policy.creditLimit ?? 1_000_000n),
    creditLimits: (policy.creditLimits ?? []).map(
      ([member, limit]) => [idOf(member), microCoins(limit)] as const,
    ),
    fee: price(1_500n),
    supplierFuel: "grid-mix",
    mixTarget: [],
    carbon: {
      grams: [
        ["diesel", 700],
        ["grid-mix", 450],
      ],
      rate: price(1_001n),
    },
    connectionRatings: [],
  };
}

function isLetter(account: HandAccount): account is Letter {
  return account.length === 1;
}
