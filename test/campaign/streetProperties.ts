/** The market's properties of one random street each, as the campaign runs them. */
import fc from "fast-check";
import { type Money, posted } from "../../agent/core/market/accounts.ts";
import { clear } from "../../agent/core/market/auction.ts";
import { type BalanceInput, balance } from "../../agent/core/market/balance.ts";
import { pair } from "../../agent/core/market/pairing.ts";
import { claim, excessByFuel } from "../../agent/core/market/provenance.ts";
import { postingsOf, settle } from "../../agent/core/market/settle.ts";
import { type TradedInterval, tradeInterval } from "../../agent/core/market/tradeInterval.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";
import { microCoins, pricePerKwh, wh } from "../../agent/core/units.ts";
import { auctionCase } from "../support/auctionCases.ts";
import {
  auctionPermutationViolations,
  clearingViolations,
  pairViolations,
} from "../support/auctionProperties.ts";
import { type BidCase, bidCase } from "../support/bidCases.ts";
import { cutInput, marketCase } from "../support/marketCases.ts";
import { cutViolations, outcomeViolations } from "../support/marketProperties.ts";
import { moneyViolations } from "../support/moneyProperties.ts";
import { claimViolations } from "../support/provenanceProperties.ts";
import { testPolicy } from "../support/testPolicy.ts";
import { type CampaignProperty, property } from "./campaignProperty.ts";

/** Prices from nothing to ones that leave a fraction on every trade. */
const MOST_PRICE = 399_999n;

/** A street with bids, and the policy and accounts it is settled by. */
type SettledCase = BidCase & {
  readonly policy: Policy;
  readonly money: Money;
  readonly ineligible: ReadonlySet<MemberId>;
};

/** @returns Σ sold = Σ bought, nobody beyond its position, residuals and orders exact; pro-rata where there is no auction */
export function energyConserved(): CampaignProperty {
  return property(settledCase(), (street) => {
    const { outcome } = traded(street, street.input);
    return outcomeViolations(inputOf(street), outcome, street.policy.pricing);
  });
}

/** @returns every coin that one account loses another gets, to the micro-coin */
export function coinsConserved(): CampaignProperty {
  return property(settledCase(), (street) => {
    const { policy, money, ineligible } = street;
    const { outcome, price, fuels } = traded(street, street.input);
    const settlement = settle({ outcome, policy, price, fuels, ineligible: [...ineligible] });
    // More than 64 bits hold: no coin moves at all.
    if (settlement === null) return [];
    const after = posted(money, postingsOf(outcome, settlement));
    return after === null ? [] : moneyViolations(policy, outcome, settlement, money, after);
  });
}

/** @returns in whatever sequence members, bids and orders come in, outcome, price and fuels are the same */
export function permutationFree(): CampaignProperty {
  return property(settledCase(), (street) => {
    const { terms } = street;
    const turnedRound = { ...street, terms: { ...terms, bids: [...terms.bids].reverse() } };
    const [one, other] = [traded(street, street.input), traded(turnedRound, street.permuted)];
    return textOf(one) === textOf(other) ? [] : ["permutation-matters"];
  });
}

/** @returns a member cut into k moves the others by at most k Wh together */
export function cutBounded(): CampaignProperty {
  return property(
    marketCase().filter(({ cut }) => cut !== null),
    ({ input, cut }) => {
      if (cut === null) return [];
      const [whole, parted] = [balance(input), balance(cutInput(input, cut))];
      return cutViolations(whole, parted, cut.member, cut.parts.length);
    },
  );
}

/** @returns nobody pays above its limit or sells below it, nobody is left who agrees, no price allows more */
export function auctionRational(): CampaignProperty {
  return property(auctionCase(), ({ input, permuted, preferences }) => {
    const [cleared, again] = [clear(input), clear(permuted)];
    const trades = pair(cleared.sold, cleared.bought, preferences);
    const same = pair(again.sold, again.bought, preferences);
    return [
      ...clearingViolations(input, cleared),
      ...pairViolations(cleared, preferences, trades),
      ...auctionPermutationViolations([cleared, trades], [again, same]),
    ];
  });
}

/** @returns what trades and feed-in claim of a fuel is never more than there was */
export function claimsOnce(): CampaignProperty {
  return property(settledCase(), (street) => {
    const { outcome } = traded(street, street.input);
    const excesses = new Map(
      street.input.positions.map(({ member, position }) => {
        const excess = wh(position > 0n ? position : 0n);
        return [member, excessByFuel(excess, street.generated.get(member)!)] as const;
      }),
    );
    return claimViolations(outcome, street.generated, excesses, claim(outcome, excesses));
  });
}

function traded(
  street: Pick<SettledCase, "policy" | "terms" | "areas" | "generated" | "ineligible">,
  input: BalanceInput,
): TradedInterval {
  const { policy, terms, areas, generated } = street;
  const sources = new Map(
    [...generated].map(([member, amounts]) => [member, { area: areas.get(member)!, generated: amounts }]),
  );
  return tradeInterval({ input: inputOf({ ...street, input }), policy, bids: terms.bids, sources });
}

function inputOf({ input, ineligible }: Pick<SettledCase, "input" | "ineligible">): BalanceInput {
  return { ...input, ineligible };
}

function settledCase(): fc.Arbitrary<SettledCase> {
  const price = fc.bigInt({ min: 0n, max: MOST_PRICE }).map(pricePerKwh);
  const draw = fc.record({
    isAuction: fc.boolean(),
    supplierSells: price,
    supplierBuys: price,
    trade: fc.bigInt({ min: 20n, max: 60n }).map(pricePerKwh),
    fee: price,
    rate: price,
    diesel: fc.nat(1_000),
    balances: fc.array(fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }), { maxLength: 9 }),
    barred: fc.array(fc.boolean(), { maxLength: 9 }),
  });
  return fc.tuple(bidCase(), draw).map(([street, drawn]): SettledCase => {
    const members = [...street.input.tieOrder].sort();
    const { interval, bounds } = street.terms;
    const { trade, supplierSells, supplierBuys } = drawn;
    const policy = testPolicy(interval, {
      pricing: drawn.isAuction ? "auction" : "schedule",
      prices: [{ from: interval, trade, supplierSells, supplierBuys }],
      ...bounds,
      fee: drawn.fee,
      carbon: {
        grams: [
          ["diesel", drawn.diesel],
          ["grid-mix", 400],
        ],
        rate: drawn.rate,
      },
    });
    const balances = members.map((member, at) => [member, microCoins(drawn.balances[at] ?? 0n)] as const);
    const issued = microCoins(balances.reduce((sum, [, amount]) => sum + amount, 0n));
    return {
      ...street,
      policy,
      money: { issued, accounts: new Map(balances) },
      ineligible: new Set(members.filter((_, at) => drawn.barred[at] === true)),
    };
  });
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? `${inner}n` : inner));
}
