/**
 * What the Regulator is told of a street: totals an interval, no household's own figures. Made from settled intervals
 * alone, and no more than these is needed to check it.
 *
 * @source docs/market.md, "Regulator's report"
 */
import { curtailedWh } from "../../market/curtail.ts";
import {
  claim,
  excessByFuel,
  type FuelAmounts,
  generatedByFuel,
  PROVENANCES,
  type Provenance,
  UNDECLARED,
} from "../../market/provenance.ts";
import type { Policy } from "../../membership/policy.ts";
import { type IntervalIndex, type Wh, wh } from "../../units.ts";
import type { SettledInterval } from "../settlement/settledInterval.ts";
import type { StreetBook } from "./streetBook.ts";

/** Totals of one interval, Wh ≥ 0. */
export type ReportedInterval = {
  readonly interval: IntervalIndex;
  readonly policyVersion: number | null;
  readonly generated: Wh;
  readonly consumed: Wh;
  readonly traded: Wh;
  /** What the base-load supplier had to deliver. */
  readonly baseLoad: Wh;
  readonly fedIn: Wh;
  /** Drawn without having been bought: of an islanded street. */
  readonly uncovered: Wh;
  readonly unsold: Wh;
  /** What the orders that follow from this interval take away from the one they bind. */
  readonly curtailed: Wh;
  readonly orders: number;
  /** Of the orders that bound this interval. */
  readonly complied: number;
  readonly exceeded: number;
  readonly missing: number;
};

/** One fuel's part of the energy that members sold and fed in, and that the supplier delivered. */
export type MixShare = {
  readonly fuel: Provenance;
  readonly wh: Wh;
  /** In thousandths, rounded down. */
  readonly permille: number;
  /** The policy's target; null where it has none. */
  readonly targetPermille: number | null;
};

/** The report of a period. */
export type StreetReport = {
  readonly intervals: readonly ReportedInterval[];
  /** In the order of the fuels; those without energy and target are left out. */
  readonly mix: readonly MixShare[];
};

const PERMILLE = 1_000n;

/**
 * @param intervals settled, of the period
 * @param book of the street: who has which meters, and the policies
 * @returns the report; the target is that of the newest policy that an interval of it was settled by
 */
export function streetReport(intervals: readonly SettledInterval[], book: StreetBook): StreetReport {
  const versions = intervals.flatMap(({ settlement }) => settlement?.policyVersion ?? []);
  const newest = versions.length === 0 ? undefined : book.policies.get(Math.max(...versions));
  return { intervals: intervals.map(reported), mix: mixOf(intervals, book, newest) };
}

function reported({ interval, outcome, compliance, settlement }: SettledInterval): ReportedInterval {
  const { positions, trades, residuals, orders, missing, signal } = outcome;
  const residual = (kind: "bought" | "fed-in") => total(residuals.filter((entry) => entry.kind === kind));
  const [baseLoad, fedIn] = [residual("bought"), residual("fed-in")];
  const isIslanded = baseLoad === 0n && fedIn === 0n;
  return {
    interval,
    policyVersion: settlement?.policyVersion ?? null,
    generated: wh(positions.reduce((sum, { generated }) => sum + generated, 0n)),
    consumed: wh(positions.reduce((sum, { consumed }) => sum + consumed, 0n)),
    traded: total(trades),
    baseLoad,
    fedIn,
    uncovered: wh(isIslanded ? signal.unmet : 0n),
    unsold: wh(signal.unsold - fedIn),
    curtailed: wh(orders.reduce((sum, order) => sum + curtailedWh(order), 0n)),
    orders: orders.length,
    complied: compliance.filter(({ result }) => result === "complied").length,
    exceeded: compliance.filter(({ result }) => result === "exceeded").length,
    missing: missing.length,
  };
}

function mixOf(
  intervals: readonly SettledInterval[],
  { households, policies }: StreetBook,
  newest: Policy | undefined,
): readonly MixShare[] {
  const shares = intervals.flatMap((settled) => [
    ...deliveredBy(settled, policies),
    ...soldBy(settled, households),
  ]);
  const all = shares.reduce((sum, [, amount]) => sum + amount, 0n);
  const targets = new Map<Provenance, number>(newest?.mixTarget ?? []);
  return PROVENANCES.flatMap((fuel): MixShare[] => {
    const amount = shares.reduce((sum, [made, part]) => (made === fuel ? sum + part : sum), 0n);
    const targetPermille = targets.get(fuel) ?? null;
    if (amount === 0n && targetPermille === null) return [];
    const permille = all === 0n ? 0 : Number((amount * PERMILLE) / all);
    return [{ fuel, wh: wh(amount), permille, targetPermille }];
  });
}

/** The supplier's energy is of the fuel that the policy names. */
function deliveredBy(
  { outcome, settlement }: SettledInterval,
  policies: ReadonlyMap<number, Policy>,
): FuelAmounts {
  if (settlement === null) return [];
  const fuel = policies.get(settlement.policyVersion)?.supplierFuel ?? UNDECLARED;
  return [[fuel, total(outcome.residuals.filter(({ kind }) => kind === "bought"))]];
}

/** What members sold and fed in, by the fuels that their meters are enrolled with. */
function soldBy({ outcome, readings }: SettledInterval, households: StreetBook["households"]): FuelAmounts {
  const contents = new Map(readings.map(({ reading }) => [reading.member, reading.content]));
  const excesses = outcome.positions.flatMap(({ member, position }) => {
    const [content, household] = [contents.get(member), households.get(member)];
    if (position <= 0n || content?.kind !== "measured" || household === undefined) return [];
    return [[member, excessByFuel(position, generatedByFuel(household, content))] as const];
  });
  const { trades, residuals } = claim(outcome, new Map(excesses));
  return [...trades, ...residuals].flat();
}

function total(entries: readonly { readonly wh: Wh }[]): Wh {
  return wh(entries.reduce((sum, entry) => sum + entry.wh, 0n));
}
