/** Random auctions: limits that agree often, seldom or never, inside the bounds and out, wishes, and every scale of energy. */
import fc from "fast-check";
import type { AuctionInput, Offer } from "../../agent/core/market/auction.ts";
import type { Origin, Preferences, Wish } from "../../agent/core/market/pairing.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { Fuel } from "../../agent/core/membership/enrolment.ts";
import { pricePerKwh, wh } from "../../agent/core/units.ts";
import { testMember } from "./marketCases.ts";

/** One random auction, and the same in another sequence. */
export type AuctionCase = {
  readonly input: AuctionInput;
  readonly permuted: AuctionInput;
  readonly preferences: Preferences;
};

/** What one member is drawn from. */
type Draw = {
  readonly isSeller: boolean;
  readonly amount: bigint;
  readonly limit: bigint;
  readonly key: number;
  readonly area: string | null;
  readonly fuel: Fuel | null;
  readonly hasWish: boolean;
};

const MOST_MEMBERS = 10;
const HUGE = 2n ** 70n;
const ENERGIES = [1n, 3n, 20n, 5_000n, HUGE] as const;
/** Highest limit: few prices with many ties up to prices that no two share. */
const PRICES = [0n, 2n, 9n, 50n, 1_000_000_000_000n] as const;
const AREAS = ["north", "south", null] as const;
const SOME_FUELS = ["solar", "wind", "diesel", null] as const;

/** @returns arbitrary of one random auction */
export function auctionCase(): fc.Arbitrary<AuctionCase> {
  const draw = fc.record({
    isSeller: fc.boolean(),
    amount: fc.bigInt({ min: 0n, max: HUGE }),
    limit: fc.bigInt({ min: 0n, max: HUGE }),
    key: fc.nat(1_000),
    area: fc.constantFrom(...AREAS),
    fuel: fc.constantFrom(...SOME_FUELS),
    hasWish: fc.boolean(),
  });
  return fc
    .record({
      draws: fc.array(draw, { maxLength: MOST_MEMBERS }),
      energy: fc.constantFrom(...ENERGIES),
      highest: fc.constantFrom(...PRICES),
      low: fc.bigInt({ min: 0n, max: HUGE }),
      high: fc.bigInt({ min: 0n, max: HUGE }),
    })
    .map(({ draws, energy, highest, low, high }) => caseOf(draws, energy, highest, [low, high]));
}

function caseOf(
  draws: readonly Draw[],
  energy: bigint,
  highest: bigint,
  [low, high]: readonly [bigint, bigint],
): AuctionCase {
  const members = draws.map((draw, index) => ({ ...draw, id: testMember(index) }));
  const offers = (isSeller: boolean): readonly Offer[] =>
    members
      .filter((member) => member.isSeller === isSeller)
      .map(({ id, amount, limit }) => ({
        member: id,
        wh: wh(amount % (energy + 1n)),
        limit: pricePerKwh(limit % (highest + 1n)),
      }));
  const floor = low % (highest / 3n + 1n);
  const input: AuctionInput = {
    bounds: { floor: pricePerKwh(floor), cap: pricePerKwh(floor + (high % (highest - floor + 1n))) },
    sells: offers(true),
    buys: offers(false),
    order: [...members].sort((left, right) => left.key - right.key).map((member) => member.id),
  };
  const permuted = { ...input, sells: [...input.sells].reverse(), buys: [...input.buys].reverse() };
  return { input, permuted, preferences: preferencesOf(members) };
}

function preferencesOf(members: readonly (Draw & { readonly id: MemberId })[]): Preferences {
  const wishes = new Map<MemberId, Wish>();
  const origins = new Map<MemberId, Origin>();
  for (const { id, isSeller, hasWish, area, fuel } of members) {
    if (isSeller) origins.set(id, { area: area ?? "street", fuels: new Set(fuel === null ? [] : [fuel]) });
    else if (hasWish) wishes.set(id, { area, fuel });
  }
  return { wishes, origins };
}
