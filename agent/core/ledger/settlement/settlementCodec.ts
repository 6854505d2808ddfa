/** How the money of an interval stands in a block: one encoding, and one leaf a fact under the block's root. */
import {
  type Cbor,
  coins,
  count,
  type Decoder,
  encode,
  energy,
  list,
  nullable,
  oneOf,
  price,
  tuple,
} from "../../codec.ts";
import { PROVENANCES } from "../../market/provenance.ts";
import type { ResidualEntry, Settlement, TradeEntry } from "../../market/settle.ts";
import { memberDecoder, memberIdBytes } from "../../membership/address.ts";
import type { IntervalIndex } from "../../units.ts";

/** As many as a block holds trades and residuals of one interval. */
const MAX_ENTRIES = { trades: 2_000, residuals: 1_000 } as const;

/** @param settlement of an interval, null without a policy @returns its place in a block */
export function cborSettlement(settlement: Settlement | null): Cbor {
  if (settlement === null) return null;
  const { ineligible, trades, residuals } = settlement;
  return [
    settlement.policyVersion,
    settlement.price,
    ineligible.map(memberIdBytes),
    trades.map(cborTradeEntry),
    residuals.map(cborResidualEntry),
  ];
}

/** @param interval that was settled @param settlement of it @returns one leaf a fact: the price, and the money of each trade and residual in their order */
export function settlementLeaves(
  interval: IntervalIndex,
  settlement: Settlement | null,
): readonly Uint8Array[] {
  if (settlement === null) return [];
  const { policyVersion, price: traded, ineligible, trades, residuals } = settlement;
  return [
    encode(["price", interval, [policyVersion, traded]]),
    ...ineligible.map((member) => encode(["ineligible", interval, memberIdBytes(member)])),
    ...trades.map((entry, index) => encode(["trade-money", interval, [index, cborTradeEntry(entry)]])),
    ...residuals.map((entry, index) =>
      encode(["residual-money", interval, [index, cborResidualEntry(entry)]]),
    ),
  ];
}

/** Decoder of {@link cborSettlement}. */
export const settlementDecoder: Decoder<Settlement | null> = nullable((value) => {
  const [policyVersion, traded, ineligible, trades, residuals] = tuple(
    count(),
    nullable(price),
    list(memberDecoder, MAX_ENTRIES.residuals),
    list(tradeEntryDecoder, MAX_ENTRIES.trades),
    list(residualEntryDecoder, MAX_ENTRIES.residuals),
  )(value);
  return { policyVersion, price: traded, ineligible, trades, residuals };
});

function cborTradeEntry({ price: at, paid, received, fee, carbon, fuels }: TradeEntry): Cbor {
  return [at, paid, received, fee, carbon, fuels.map(([fuel, wh]) => [fuel, wh])];
}

function cborResidualEntry({ price: at, amount, carbon }: ResidualEntry): Cbor {
  return [at, amount, carbon];
}

const tradeEntryDecoder: Decoder<TradeEntry> = (value) => {
  const [at, paid, received, fee, carbon, fuels] = tuple(
    price,
    coins,
    coins,
    coins,
    coins,
    list(tuple(oneOf(PROVENANCES), energy), PROVENANCES.length),
  )(value);
  return { price: at, paid, received, fee, carbon, fuels };
};

const residualEntryDecoder: Decoder<ResidualEntry> = (value) => {
  const [at, amount, carbon] = tuple(price, coins, coins)(value);
  return { price: at, amount, carbon };
};
