/** A statement as scripts see it: names instead of keys, Wh and micro-coins as integers in their units. */
import { formatLineRef } from "../core/ledger/reports/lineRef.ts";
import type { BalancedLine, Statement, StatementEnergy } from "../core/ledger/reports/statement.ts";
import { changeOf, type StatementLine } from "../core/ledger/reports/statementLine.ts";
import type { StreetBook } from "../core/ledger/reports/streetBook.ts";
import type { MemberId } from "../core/membership/address.ts";
import { intervalStartMs } from "../core/metering/interval.ts";

/** One line; micro-coins are decimal integers as text, since JSON numbers end at 2^53. */
export type StatementLineView = {
  /** To be given to `edso explain`. */
  readonly reference: string;
  readonly interval: number;
  /** Begin of the interval. */
  readonly start: string;
  /** The interval that it was settled in; later than its own for a correction. */
  readonly bookedInterval: number;
  readonly kind: string;
  readonly counterparty: string | null;
  readonly area: string | null;
  readonly fuels: readonly { readonly fuel: string; readonly wh: number }[];
  readonly receivedWh: number;
  readonly givenWh: number;
  readonly priceMicroCoinsPerKwh: string | null;
  readonly amountMicroCoins: string;
  readonly feeMicroCoins: string;
  readonly carbonMicroCoins: string;
  readonly changeMicroCoins: string;
  readonly balanceMicroCoins: string;
};

/** What was exchanged with one neighbour. */
export type NeighbourView = {
  readonly name: string;
  readonly area: string;
  readonly fuels: readonly string[];
  readonly receivedWh: number;
  readonly givenWh: number;
  readonly changeMicroCoins: string;
};

/** `edso statement --json` */
export type StatementView = {
  readonly schema: "edso.statement/1";
  readonly member: string;
  readonly from: string;
  readonly to: string;
  readonly fromInterval: number;
  /** The first one after the period. */
  readonly toInterval: number;
  readonly openingMicroCoins: string;
  readonly closingMicroCoins: string;
  readonly energyWh: Readonly<Record<keyof StatementEnergy, number>>;
  readonly missingIntervals: number;
  readonly neighbours: readonly NeighbourView[];
  readonly lines: readonly StatementLineView[];
};

/**
 * @param statement of a household
 * @param member its name
 * @param book names everybody else
 * @param intervalMs length of an interval
 * @returns what is printed
 */
export function statementView(
  statement: Statement,
  member: string,
  book: StreetBook,
  intervalMs: number,
): StatementView {
  const { period, opening, closing, lines, energy, missingIntervals } = statement;
  const instant = (interval: typeof period.from) =>
    new Date(intervalStartMs(interval, intervalMs)).toISOString();
  const energies = Object.entries(energy).map(([name, amount]) => [name, Number(amount)]);
  return {
    schema: "edso.statement/1",
    member,
    from: instant(period.from),
    to: instant(period.to),
    fromInterval: period.from,
    toInterval: period.to,
    openingMicroCoins: String(opening),
    closingMicroCoins: String(closing),
    energyWh: Object.fromEntries(energies) as StatementView["energyWh"],
    missingIntervals,
    neighbours: neighboursOf(lines, book),
    lines: lines.map(({ line, balance }) => ({
      ...statementLineView(line, book, intervalMs),
      balanceMicroCoins: String(balance),
    })),
  };
}

/** @param line of a statement @param book names its counterparty @param intervalMs length of an interval @returns the line as scripts see it, without the balance */
export function statementLineView(
  line: StatementLine,
  book: StreetBook,
  intervalMs: number,
): Omit<StatementLineView, "balanceMicroCoins"> {
  const { counterparty } = line;
  const household = book.households.get(counterparty as MemberId);
  return {
    reference: formatLineRef(line.ref),
    interval: line.interval,
    start: new Date(intervalStartMs(line.interval, intervalMs)).toISOString(),
    bookedInterval: line.booked,
    kind: line.kind,
    counterparty: household?.name ?? counterparty,
    area: household?.area ?? null,
    fuels: line.fuels.map(([fuel, wh]) => ({ fuel, wh: Number(wh) })),
    receivedWh: Number(line.received),
    givenWh: Number(line.given),
    priceMicroCoinsPerKwh: line.price === null ? null : String(line.price),
    amountMicroCoins: String(line.amount),
    feeMicroCoins: String(line.fee),
    carbonMicroCoins: String(line.carbon),
    changeMicroCoins: String(changeOf(line)),
  };
}

function neighboursOf(lines: readonly BalancedLine[], { households }: StreetBook): readonly NeighbourView[] {
  const byName = new Map<string, NeighbourView>();
  for (const { line } of lines) {
    const household = households.get(line.counterparty as MemberId);
    if (household === undefined) continue;
    const { name, area } = household;
    const before = byName.get(name);
    const fuels = line.kind === "bought" ? line.fuels.map(([fuel]) => fuel) : [];
    byName.set(name, {
      name,
      area,
      fuels: [...new Set([...(before?.fuels ?? []), ...fuels])].sort(),
      receivedWh: (before?.receivedWh ?? 0) + Number(line.received),
      givenWh: (before?.givenWh ?? 0) + Number(line.given),
      changeMicroCoins: String(BigInt(before?.changeMicroCoins ?? 0) + changeOf(line)),
    });
  }
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}
