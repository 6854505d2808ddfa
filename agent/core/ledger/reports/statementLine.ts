/**
 * The lines of a statement: whatever changed the account of a household in a block, each with the place in the ledger
 * that proves it.
 *
 * @source docs/market.md, "Statement"
 */
import type { NamedAccount } from "../../market/accounts.ts";
import type { Residual } from "../../market/balance.ts";
import type { FuelAmounts } from "../../market/provenance.ts";
import type { MemberId } from "../../membership/address.ts";
import type { Fuel } from "../../membership/enrolment.ts";
import {
  type IntervalIndex,
  type MicroCoins,
  microCoins,
  type PricePerKwh,
  type Wh,
  wh,
} from "../../units.ts";
import type { Block, BlockHeader } from "../blocks/block.ts";
import type { LateEntry } from "../settlement/lateSection.ts";
import type { SettledInterval } from "../settlement/settledInterval.ts";
import { type LineRef, SECTIONS } from "./lineRef.ts";

/** What a line is about; the supplier's are those of a grid-tied street, the imbalance's of an islanded one. */
export type LineKind =
  | "bought"
  | "sold"
  | "supplier-bought"
  | "supplier-fed-in"
  | "imbalance"
  | "correction"
  | "issued";

/** One change of a household's account. */
export type StatementLine = {
  readonly ref: LineRef;
  /** The interval that it is about; of a correction over several the last one, of issued coins the block's last. */
  readonly interval: IntervalIndex;
  /** The interval that it is booked in: later than its own for a correction, since closed intervals never change. */
  readonly booked: IntervalIndex;
  readonly kind: LineKind;
  /** Who gave or took the energy; null for coins that were issued, and late energy beyond what the connection carries. */
  readonly counterparty: MemberId | NamedAccount | null;
  /** Energy that came to the household, and that left it. A correction may have both, and its first a little below 0. */
  readonly received: Wh;
  readonly given: Wh;
  /** What it was made from, where the ledger says so. */
  readonly fuels: FuelAmounts;
  /** Null where no price was in force, or, of a correction, where both directions have one of their own. */
  readonly price: PricePerKwh | null;
  /** What the energy cost (below 0) or earned, or what was issued. */
  readonly amount: MicroCoins;
  /** Paid beside the price, ≥ 0. */
  readonly fee: MicroCoins;
  readonly carbon: MicroCoins;
};

const NOTHING = microCoins(0n);
const NO_ENERGY = wh(0n);

/** @param line of a statement @returns what the account changed by */
export function changeOf({ amount, fee, carbon }: StatementLine): MicroCoins {
  return microCoins(amount - fee - carbon);
}

/**
 * @param block as read
 * @param keys of one household: it may have had several
 * @param supplierFuel of a policy by its version; null where it is not known
 * @returns its lines in the order in which the ledger settled them
 */
export function statementLines(
  { header, body }: Block,
  keys: ReadonlySet<MemberId>,
  supplierFuel: (policyVersion: number) => Fuel | null = () => null,
): readonly StatementLine[] {
  return [
    ...body.late.flatMap((entry, place) =>
      keys.has(entry.correction.member) ? [correctionLine(header, entry, place)] : [],
    ),
    ...body.intervals.flatMap((settled) => [
      ...tradeLines(header.height, settled, keys),
      ...residualLines(header.height, settled, keys, supplierFuel),
    ]),
    ...body.transactions.flatMap(({ signed, refusal }, place) => {
      const { content } = signed.transaction;
      if (content.kind !== "issue" || refusal !== null || !keys.has(content.to)) return [];
      return [issuedLine(header, content.amount, place)];
    }),
  ];
}

function correctionLine({ height, from }: BlockHeader, entry: LateEntry, place: number): StatementLine {
  const { interval } = entry.signed.reading;
  const { against, consumed, generated, prices, policyVersion, amount } = entry.correction;
  const isOneWay = policyVersion !== null && (consumed === 0n || generated === 0n);
  const price = generated === 0n ? prices.consumed : prices.generated;
  return {
    ref: { height, section: SECTIONS.correction, interval, place },
    interval,
    booked: from,
    kind: "correction",
    counterparty: against === "quarantined" ? null : against,
    received: consumed,
    given: generated,
    fuels: [],
    price: isOneWay ? price : null,
    amount,
    fee: NOTHING,
    carbon: NOTHING,
  };
}

function issuedLine({ height, to }: BlockHeader, amount: MicroCoins, place: number): StatementLine {
  return {
    ref: { height, section: SECTIONS.transaction, interval: to, place },
    interval: to,
    booked: to,
    kind: "issued",
    counterparty: null,
    received: NO_ENERGY,
    given: NO_ENERGY,
    fuels: [],
    price: null,
    amount,
    fee: NOTHING,
    carbon: NOTHING,
  };
}

function tradeLines(
  height: LineRef["height"],
  { interval, outcome, settlement }: SettledInterval,
  keys: ReadonlySet<MemberId>,
): readonly StatementLine[] {
  return outcome.trades.flatMap(({ from, to, wh: amount }, place): StatementLine[] => {
    const entry = settlement?.trades[place];
    const ref = { height, section: SECTIONS.trade, interval, place };
    const common = {
      ref,
      interval,
      booked: interval,
      fuels: entry?.fuels ?? [],
      price: entry?.price ?? null,
    };
    const bought: StatementLine = {
      ...common,
      kind: "bought",
      counterparty: from,
      received: amount,
      given: NO_ENERGY,
      amount: microCoins(-(entry?.paid ?? 0n)),
      fee: entry?.fee ?? NOTHING,
      carbon: entry?.carbon ?? NOTHING,
    };
    const sold: StatementLine = {
      ...common,
      kind: "sold",
      counterparty: to,
      received: NO_ENERGY,
      given: amount,
      amount: entry?.received ?? NOTHING,
      fee: NOTHING,
      carbon: NOTHING,
    };
    return [...(keys.has(to) ? [bought] : []), ...(keys.has(from) ? [sold] : [])];
  });
}

const RESIDUAL_KINDS = {
  bought: { kind: "supplier-bought", counterparty: "supplier" },
  imbalance: { kind: "imbalance", counterparty: "imbalance" },
  "fed-in": { kind: "supplier-fed-in", counterparty: "supplier" },
} as const satisfies Record<
  Residual["kind"],
  { readonly kind: LineKind; readonly counterparty: NamedAccount }
>;

function residualLines(
  height: LineRef["height"],
  { interval, outcome, settlement }: SettledInterval,
  keys: ReadonlySet<MemberId>,
  supplierFuel: (policyVersion: number) => Fuel | null,
): readonly StatementLine[] {
  return outcome.residuals.flatMap(({ member, kind, wh: energy }, place): StatementLine[] => {
    if (!keys.has(member)) return [];
    const entry = settlement?.residuals[place];
    const isGiven = kind === "fed-in";
    const fuel = kind === "bought" && settlement !== null ? supplierFuel(settlement.policyVersion) : null;
    return [
      {
        ref: { height, section: SECTIONS.residual, interval, place },
        interval,
        booked: interval,
        ...RESIDUAL_KINDS[kind],
        received: isGiven ? NO_ENERGY : energy,
        given: isGiven ? energy : NO_ENERGY,
        fuels: fuel === null ? [] : [[fuel, energy]],
        price: entry?.price ?? null,
        amount: microCoins(isGiven ? (entry?.amount ?? 0n) : -(entry?.amount ?? 0n)),
        fee: NOTHING,
        carbon: entry?.carbon ?? NOTHING,
      },
    ];
  });
}
