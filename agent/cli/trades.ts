/** `edso trades`: who gave how much to whom, in the newest blocks or in one. */
import { Command } from "commander";
import type { BlockTradeView } from "./blockView.ts";
import { CliError } from "./cliError.ts";
import { coinsText, spentOn } from "./coinsText.ts";
import type { CliDependencies } from "./dependencies.ts";
import { newestHeight, withLedger } from "./ledger.ts";
import { namedBlocks } from "./ledgerBlocks.ts";
import { type PlaceFlags, withPlace } from "./place.ts";
import { textTable } from "./textTable.ts";
import { wholeNumber } from "./wholeNumber.ts";

const DEFAULT_BLOCKS = "10";
const MAX_BLOCKS = 100_000;

type Flags = PlaceFlags & { readonly last: string; readonly height?: string; readonly json?: boolean };

/** The newest blocks, or one. */
type Wanted = { readonly last: number } | { readonly height: number };

/** One trade, and where it was settled. */
type TradeRow = BlockTradeView & { readonly height: number; readonly interval: number };

/** @param dependencies of the composition root @returns the command */
export function tradesCommand(dependencies: CliDependencies): Command {
  return withPlace(new Command("trades"))
    .description("print trades as from, to, Wh, price and coins; paid is with fee and carbon")
    .option("--last <blocks>", "of the newest blocks", DEFAULT_BLOCKS)
    .option("--height <height>", "of one block")
    .option("--json", "print them as JSON")
    .action((flags: Flags) => printTrades(flags, dependencies));
}

async function printTrades(flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const wanted = wantedOf(flags);
  await withLedger(flags, "agent-first", dependencies, async (source, { roster }) => {
    const [from, to] = rangeOf(wanted, await newestHeight(source));
    const trades: TradeRow[] = [];
    for await (const { view } of namedBlocks(source, roster, from, to)) {
      for (const { interval, trades: settled } of view.intervals) {
        trades.push(...settled.map((trade) => ({ height: view.height, interval, ...trade })));
      }
    }
    if (flags.json === true) {
      terminal.out(
        `${JSON.stringify({ schema: "edso.trades/2", fromHeight: from, toHeight: to, trades })}\n`,
      );
    } else {
      terminal.out(tradesText(trades, from, to));
    }
  });
}

function wantedOf(flags: Flags): Wanted {
  if (flags.height === undefined) return { last: wholeNumber("--last", flags.last, 1, MAX_BLOCKS) };
  return { height: wholeNumber("--height", flags.height, 1, Number.MAX_SAFE_INTEGER) };
}

function rangeOf(wanted: Wanted, newest: number): readonly [from: number, to: number] {
  if ("last" in wanted) return [Math.max(1, newest - wanted.last + 1), newest];
  if (wanted.height > newest) {
    throw new CliError("LEDGER_NO_BLOCK", { height: wanted.height, newestHeight: newest });
  }
  return [wanted.height, wanted.height];
}

function tradesText(trades: readonly TradeRow[], from: number, to: number): string {
  if (to < from) return "no block is committed yet\n";
  if (trades.length === 0) return `no trades in blocks ${from} to ${to}\n`;
  const rows = trades.map(({ height, interval, from: seller, to: buyer, wh, money }) => [
    String(height),
    String(interval),
    seller,
    buyer,
    String(wh),
    ...(money === null
      ? ["-", "-", "-"]
      : [coinsText(money.price), coinsText(spentOn(money)), coinsText(money.received)]),
  ]);
  const columns = ["height", "interval", "from", "to", "Wh", "price/kWh", "paid", "received"];
  const lines = textTable(columns, rows, [
    "right",
    "right",
    "left",
    "left",
    "right",
    "right",
    "right",
    "right",
  ]);
  return `${lines.join("\n")}\n`;
}
