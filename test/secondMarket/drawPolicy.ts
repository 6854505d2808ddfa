/** A random policy for a window of intervals: every pricing, free of charge, with ties, and at the most that one may say. */
import fc from "fast-check";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { FUELS } from "../../agent/core/membership/enrolment.ts";
import { type Policy, PRICINGS, type PriceStep } from "../../agent/core/membership/policy.ts";
import {
  type IntervalIndex,
  intervalIndex,
  microCoins,
  type PricePerKwh,
  pricePerKwh,
  wh,
} from "../../agent/core/units.ts";

/** Where a policy holds: [from, to). */
export type Window = { readonly from: IntervalIndex; readonly to: IntervalIndex; readonly version: number };

/** Upper bounds of prices in µcoin per kWh: free, many ties, a few, coins, and the most that a policy may say. */
export const PRICE_SCALES = [0n, 4n, 40n, 400_000n, 10n ** 12n] as const;
/** Upper bounds of accounts in µcoin: nothing, around a credit limit, and near what 64 bits hold. */
export const COIN_SCALES = [0n, 5n, 10n ** 9n, 2n ** 63n - 1n] as const;
const MOST_STEPS = 4;
const MOST_GRAMS = 1_200;
const FOSSIL = ["diesel", "grid-mix"] as const;
const HUGE = 2n ** 63n - 1n;

type PriceDraw = readonly [trade: PricePerKwh, sells: PricePerKwh, buys: PricePerKwh, gap: number];

/** @param window of the policy @param members some of which it names @param scale of its prices @returns arbitrary of it */
export function drawnPolicy(
  { from, to, version }: Window,
  members: readonly MemberId[],
  scale: bigint,
): fc.Arbitrary<Policy> {
  const price = priceUpTo(scale);
  const coins = amountUpTo(...COIN_SCALES).map(microCoins);
  return fc
    .record({
      bounds: fc.tuple(price, price).map(([one, other]) => (one < other ? [one, other] : [other, one])),
      prices: fc.array(fc.tuple(price, price, price, fc.nat(2)), { minLength: 1, maxLength: MOST_STEPS }),
      pricing: fc.constantFrom(...PRICINGS),
      feedInLimit: fc.option(amountUpTo(0n, 3n, 1_000n, 10n ** 17n).map(wh), { freq: 2 }),
      creditLimit: coins,
      creditLimits: fc
        .subarray([...members])
        .chain((some) => fc.tuple(...some.map((id) => fc.tuple(fc.constant(id), coins)))),
      rated: fc.subarray(members.slice(0, 2)),
      fee: price,
      supplierFuel: fc.constantFrom(...FUELS),
      grams: fc
        .subarray([...FOSSIL])
        .chain((some) => fc.tuple(...some.map((fuel) => fc.tuple(fc.constant(fuel), fc.nat(MOST_GRAMS))))),
      rate: price,
    })
    .map(({ bounds, prices, rated, grams, rate, ...drawn }): Policy => {
      const [floor = pricePerKwh(0n), cap = floor] = bounds;
      return {
        ...drawn,
        microgridId: "test-street",
        version,
        from,
        to,
        prices: stepsOf(prices, { from, to }, [floor, cap]),
        floor,
        cap,
        mixTarget: [],
        carbon: { grams, rate },
        connectionRatings: rated.map((member) => [member, 1] as const),
      };
    });
}

/** @param scale greatest price @returns arbitrary of a price from 0 on */
export function priceUpTo(scale: bigint): fc.Arbitrary<PricePerKwh> {
  return fc.bigInt({ min: 0n, max: scale }).map(pricePerKwh);
}

/** @param scales of which one is drawn too @returns arbitrary of an amount from 0 up to that one */
export function amountUpTo(...scales: readonly bigint[]): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.bigInt({ min: 0n, max: HUGE }), fc.constantFrom(...scales))
    .map(([amount, scale]) => amount % (scale + 1n));
}

function stepsOf(
  prices: readonly PriceDraw[],
  { from, to }: Pick<Window, "from" | "to">,
  [floor, cap]: readonly [PricePerKwh, PricePerKwh],
): readonly PriceStep[] {
  let at = from - 1;
  return prices
    .map(([trade, supplierSells, supplierBuys, gap], index) => {
      at += index === 0 ? 1 : 1 + gap;
      return { from: intervalIndex(at), trade: clamped(trade, floor, cap), supplierSells, supplierBuys };
    })
    .filter((step) => step.from < to);
}

function clamped(price: PricePerKwh, floor: PricePerKwh, cap: PricePerKwh): PricePerKwh {
  if (price < floor) return floor;
  return price > cap ? cap : price;
}
