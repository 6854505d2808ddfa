/**
 * Random excesses of many fuels, which no street of today has: a gateway enrols one generation meter. What each trade
 * and the feed-in claim of them, by the product.
 */
import fc from "fast-check";
import { type Cbor, encode } from "../../agent/core/codec.ts";
import { claim, excessByFuel, type FuelAmounts, PROVENANCES } from "../../agent/core/market/provenance.ts";
import { memberIdFromBytes } from "../../agent/core/membership/address.ts";
import { type Wh, wh } from "../../agent/core/units.ts";
import { amountUpTo } from "./drawPolicy.ts";

/** What one seller generated, its excess, and what of it each trade and the feed-in take. */
export type DrawnClaims = {
  readonly generated: FuelAmounts;
  readonly excess: Wh;
  readonly trades: readonly Wh[];
  readonly fedIn: Wh;
};

const MOST_TRADES = 6;
const SELLER = memberIdFromBytes(new Uint8Array(20).fill(1));
const BUYER = memberIdFromBytes(new Uint8Array(20).fill(2));

/** @returns arbitrary of one seller */
export function drawnClaims(): fc.Arbitrary<DrawnClaims> {
  const amount = amountUpTo(2n, 5n, 40n, 3_000n, 2n ** 57n);
  return fc
    .record({
      amounts: fc.tuple(...PROVENANCES.map(() => amount)),
      consumed: amount,
      sizes: fc.array(amount, { maxLength: MOST_TRADES }),
      isSoldOut: fc.boolean(),
    })
    .map(({ amounts, consumed, sizes, isSoldOut }) => {
      const generated = PROVENANCES.map((fuel, index) => [fuel, wh(amounts[index] ?? 0n)] as const);
      const all = amounts.reduce((sum, one) => sum + one, 0n);
      const excess = all > consumed ? all - consumed : 0n;
      let left = excess;
      const trades = sizes.map((size) => {
        const sold = size < left ? size : left;
        left -= sold;
        return wh(sold);
      });
      return {
        generated: generated.filter(([, one]) => one > 0n),
        excess: wh(excess),
        trades: trades.filter((sold) => sold > 0n),
        fedIn: wh(isSoldOut ? 0n : left),
      };
    });
}

/** @param drawn one seller @returns canonical bytes: its excess by fuel, and what each trade and the feed-in claimed */
export function claimsOfFirst({ generated, excess, trades, fedIn }: DrawnClaims): Uint8Array {
  const byFuel = excessByFuel(excess, generated);
  const residuals = fedIn > 0n ? [{ member: SELLER, kind: "fed-in", wh: fedIn } as const] : [];
  const claims = claim(
    { trades: trades.map((sold) => ({ from: SELLER, to: BUYER, wh: sold })), residuals },
    new Map([[SELLER, byFuel]]),
  );
  const cbor = (amounts: FuelAmounts): Cbor => amounts.map(([fuel, amount]) => [fuel, amount]);
  return encode([[cbor(byFuel), claims.trades.map(cbor)], claims.residuals.map(cbor)]);
}

/** @param drawn one seller @returns its line */
export function lineOfClaims({ generated, excess, trades, fedIn }: DrawnClaims): string {
  return JSON.stringify({
    generated: generated.map(([fuel, amount]) => [fuel, String(amount)]),
    excess: String(excess),
    trades: trades.map(String),
    fedIn: String(fedIn),
  });
}
