/** A household's part of the whole ledger at hand: its lines, its intervals, and who everybody was. */

import { type StatementLine, statementLines } from "../core/ledger/reports/statementLine.ts";
import {
  keysOf,
  openStreetBook,
  type StreetBook,
  supplierFuelIn,
} from "../core/ledger/reports/streetBook.ts";
import type { SettledInterval } from "../core/ledger/settlement/settledInterval.ts";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import { balanceOf } from "../core/market/accounts.ts";
import type { MemberId } from "../core/membership/address.ts";
import type { IntervalIndex, MicroCoins } from "../core/units.ts";
import { microCoins } from "../core/units.ts";
import { CliError } from "./cliError.ts";
import { bookedBlocks, readBlocks } from "./ledgerBlocks.ts";
import type { LedgerSource } from "./ledgerSource.ts";
import { firstState } from "./ledgerVerify.ts";

/** What the blocks say of one household. */
export type HouseholdLedger = {
  readonly book: StreetBook;
  readonly keys: ReadonlySet<MemberId>;
  /** What its account held before the first block at hand. */
  readonly found: MicroCoins;
  readonly lines: readonly StatementLine[];
  readonly intervals: readonly SettledInterval[];
  /** Null when no block is committed yet. */
  readonly firstInterval: IntervalIndex | null;
  readonly lastInterval: IntervalIndex | null;
};

/**
 * Reads every block twice: first for who is who, since a household may have had another key, then for its lines.
 *
 * @param source of the blocks; read, not verified
 * @param context of the genesis
 * @param name of the household, or one of its member ids
 * @returns what the blocks say of it
 * @throws CliError `MEMBER_UNKNOWN`, `LEDGER_BEGINS_LATER`, and as `readBlocks`
 */
export async function householdLedger(
  source: LedgerSource,
  context: LedgerContext,
  name: string,
): Promise<HouseholdLedger> {
  const head = await source.head();
  const begin = await firstState(head, source, context);
  let book = openStreetBook(context.genesis, begin);
  for await (const booked of bookedBlocks(source, context)) book = booked.book;
  const keys = keysOf(book, name);
  if (keys.size === 0) throw new CliError("MEMBER_UNKNOWN", { member: name, known: namesOf(book) });
  const lines: StatementLine[] = [];
  const intervals: SettledInterval[] = [];
  for await (const { block } of readBlocks(source, begin.height + 1, head?.height ?? 0)) {
    lines.push(...statementLines(block, keys, supplierFuelIn(book)));
    intervals.push(...block.body.intervals.map((settled) => withoutReadings(settled)));
  }
  return {
    book,
    keys,
    found: microCoins([...keys].reduce((sum, key) => sum + balanceOf(begin.money, key), 0n)),
    lines,
    intervals,
    firstInterval: intervals[0]?.interval ?? null,
    lastInterval: intervals.at(-1)?.interval ?? null,
  };
}

/** A year of readings is not needed for a statement, and long. */
function withoutReadings(settled: SettledInterval): SettledInterval {
  return { ...settled, readings: [] };
}

function namesOf({ households }: StreetBook): string {
  return [...new Set([...households.values()].map(({ name }) => name))].sort().join(", ");
}
