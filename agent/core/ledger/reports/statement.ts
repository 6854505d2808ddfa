/**
 * A household's statement of a period: where its energy came from and went to, what it cost, and what its account held
 * before and after. Everything follows from the blocks alone, so anybody who has them gets the same.
 *
 * @source docs/market.md, "Statement"
 */
import type { MemberId } from "../../membership/address.ts";
import type { IntervalIndex, MicroCoins, Wh } from "../../units.ts";
import { microCoins, wh } from "../../units.ts";
import type { SettledInterval } from "../settlement/settledInterval.ts";
import { changeOf, type StatementLine } from "./statementLine.ts";

/** Intervals `[from, to)`. */
export type Period = { readonly from: IntervalIndex; readonly to: IntervalIndex };

/** Energy of a period in Wh; what was stated in time but for the last two. */
export type StatementEnergy = {
  readonly generated: Wh;
  readonly consumed: Wh;
  /** Own generation that was consumed in the same interval. */
  readonly ownUse: Wh;
  readonly fromNeighbours: Wh;
  readonly fromSupplier: Wh;
  /** Consumed in an islanded street by a household that could not buy on credit. */
  readonly fromImbalance: Wh;
  /** Consumed, though nobody had sold it: what curtailment is ordered over. */
  readonly uncovered: Wh;
  readonly toNeighbours: Wh;
  readonly toSupplier: Wh;
  readonly unsold: Wh;
  /** Stated after the interval was closed, and settled as a correction. */
  readonly lateGenerated: Wh;
  readonly lateConsumed: Wh;
};

/** A line, and what the account held after it. */
export type BalancedLine = { readonly line: StatementLine; readonly balance: MicroCoins };

/** The statement of a household. */
export type Statement = {
  readonly period: Period;
  readonly opening: MicroCoins;
  readonly closing: MicroCoins;
  readonly lines: readonly BalancedLine[];
  readonly energy: StatementEnergy;
  /** Intervals of the period that closed without a reading of the household. */
  readonly missingIntervals: number;
};

/** What a statement is made from: of every block from the first at hand, so that the balances are whole. */
export type StatementInput = {
  readonly period: Period;
  /** What the account held before that block; 0 at the genesis. */
  readonly found: MicroCoins;
  /** In the order in which the ledger settled them. */
  readonly lines: readonly StatementLine[];
  /** Settled intervals of the period. */
  readonly intervals: readonly SettledInterval[];
  readonly keys: ReadonlySet<MemberId>;
};

/**
 * Makes a statement. A line belongs to the period that it is booked in, so that the statement of a period that is over never
 * changes; a correction stands in the period in which the ledger took it.
 *
 * @param input lines of the whole chain, intervals of the period
 * @returns the statement: opening + Σ changes = closing
 * @source docs/market.md, "Statement"
 */
export function statementOf({ period, found, lines, intervals, keys }: StatementInput): Statement {
  const opening =
    found +
    sum(
      lines.filter(({ booked }) => booked < period.from),
      changeOf,
    );
  const own = lines.filter(({ booked }) => booked >= period.from && booked < period.to);
  let balance = opening;
  const balanced = own.map((line): BalancedLine => {
    balance += changeOf(line);
    return { line, balance: microCoins(balance) };
  });
  return {
    period,
    opening: microCoins(opening),
    closing: microCoins(balance),
    lines: balanced,
    energy: energyOf(own, intervals, keys),
    missingIntervals: intervals.filter(({ outcome }) =>
      outcome.missing.some(({ member }) => keys.has(member)),
    ).length,
  };
}

function energyOf(
  lines: readonly StatementLine[],
  intervals: readonly SettledInterval[],
  keys: ReadonlySet<MemberId>,
): StatementEnergy {
  const positions = intervals.flatMap(({ outcome }) =>
    outcome.positions.filter(({ member }) => keys.has(member)),
  );
  const of = (...kinds: readonly StatementLine["kind"][]) => lines.filter(({ kind }) => kinds.includes(kind));
  const received = (...kinds: readonly StatementLine["kind"][]) => sum(of(...kinds), (line) => line.received);
  const given = (...kinds: readonly StatementLine["kind"][]) => sum(of(...kinds), (line) => line.given);
  const deficit = sum(positions, ({ position }) => (position < 0n ? -position : 0n));
  const excess = sum(positions, ({ position }) => (position > 0n ? position : 0n));
  const consumed = sum(positions, (position) => position.consumed);
  return {
    generated: wh(sum(positions, (position) => position.generated)),
    consumed: wh(consumed),
    ownUse: wh(consumed - deficit),
    fromNeighbours: wh(received("bought")),
    fromSupplier: wh(received("supplier-bought")),
    fromImbalance: wh(received("imbalance")),
    uncovered: wh(deficit - received("bought", "supplier-bought", "imbalance")),
    toNeighbours: wh(given("sold")),
    toSupplier: wh(given("supplier-fed-in")),
    unsold: wh(excess - given("sold", "supplier-fed-in")),
    lateGenerated: wh(given("correction")),
    lateConsumed: wh(received("correction")),
  };
}

function sum<Item>(items: readonly Item[], amount: (item: Item) => bigint): bigint {
  return items.reduce((total, item) => total + amount(item), 0n);
}
