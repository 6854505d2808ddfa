/** `edso trades`: who gave how much to whom, and what became of curtailment orders, in the newest blocks, in one, or in one interval. */
import { Command } from "commander";
import type { BlockTradeView, ComplianceView } from "./blockView.ts";
import { CliError, usageError } from "./cliError.ts";
import { coinsText, spentOn } from "./coinsText.ts";
import type { CliDependencies } from "./dependencies.ts";
import { newestHeight, withLedger } from "./ledger.ts";
import { heightOfInterval, namedBlocks } from "./ledgerBlocks.ts";
import type { LedgerSource } from "./ledgerSource.ts";
import { type PlaceFlags, withPlace } from "./place.ts";
import { textTable } from "./textTable.ts";
import { wholeNumber } from "./wholeNumber.ts";

const DEFAULT_BLOCKS = "10";
const MAX_BLOCKS = 100_000;

type Flags = PlaceFlags & {
  readonly last: string;
  readonly height?: string;
  readonly interval?: string;
  readonly json?: boolean;
};

/** The newest blocks, one of them, or the one that settled an interval. */
type Wanted = { readonly last: number } | { readonly height: number } | { readonly interval: number };

/** One trade, and where it was settled. */
type TradeRow = BlockTradeView & { readonly height: number; readonly interval: number };

/** What became of an order, and the block that says so. */
type OrderRow = ComplianceView & { readonly height: number; readonly interval: number };

/** @param dependencies of the composition root @returns the command */
export function tradesCommand(dependencies: CliDependencies): Command {
  return withPlace(new Command("trades"))
    .description("print trades as from, to, Wh, price and coins; paid is with fee and carbon")
    .option("--last <blocks>", "of the newest blocks", DEFAULT_BLOCKS)
    .option("--height <height>", "of one block")
    .option("--interval <interval>", "of one interval, in the three columns of the paper's Fig. 9")
    .option("--json", "print them as JSON")
    .action((flags: Flags) => printTrades(flags, dependencies));
}

async function printTrades(flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const wanted = wantedOf(flags);
  await withLedger(flags, "agent-first", dependencies, async (source, { roster }) => {
    const [from, to] = await rangeOf(wanted, source);
    const trades: TradeRow[] = [];
    const orders: OrderRow[] = [];
    for await (const { view } of namedBlocks(source, roster, from, to)) {
      const { height } = view;
      for (const { interval, trades: settled, compliance } of view.intervals) {
        if ("interval" in wanted && interval !== wanted.interval) continue;
        trades.push(...settled.map((trade) => ({ height, interval, ...trade })));
        orders.push(...compliance.map((entry) => ({ height, interval, ...entry })));
      }
    }
    if (flags.json === true) {
      terminal.out(
        `${JSON.stringify({ schema: "edso.trades/2", fromHeight: from, toHeight: to, trades, orders })}\n`,
      );
    } else if ("interval" in wanted) {
      terminal.out(intervalText(trades, wanted.interval));
    } else {
      terminal.out(tradesText(trades, from, to) + ordersText(orders));
    }
  });
}

function wantedOf({ last, height, interval }: Flags): Wanted {
  if (height !== undefined && interval !== undefined)
    throw usageError("--height and --interval name two things", "give one of them");
  if (interval !== undefined)
    return { interval: wholeNumber("--interval", interval, 0, Number.MAX_SAFE_INTEGER) };
  if (height === undefined) return { last: wholeNumber("--last", last, 1, MAX_BLOCKS) };
  return { height: wholeNumber("--height", height, 1, Number.MAX_SAFE_INTEGER) };
}

async function rangeOf(wanted: Wanted, source: LedgerSource): Promise<readonly [from: number, to: number]> {
  if ("interval" in wanted) {
    const at = await heightOfInterval(source, wanted.interval);
    return [at, at];
  }
  const newest = await newestHeight(source);
  if ("last" in wanted) return [Math.max(1, newest - wanted.last + 1), newest];
  if (wanted.height > newest) {
    throw new CliError("LEDGER_NO_BLOCK", { height: wanted.height, newestHeight: newest });
  }
  return [wanted.height, wanted.height];
}

function intervalText(trades: readonly TradeRow[], interval: number): string {
  if (trades.length === 0) return `no trades in interval ${interval}\n`;
  const rows = trades.map(({ from, to, wh }) => [from, to, String(wh)]);
  return `${textTable(["from", "to", "Wh"], rows, ["left", "left", "right"]).join("\n")}\n`;
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

/** Nothing where nobody was curtailed. */
function ordersText(orders: readonly OrderRow[]): string {
  if (orders.length === 0) return "";
  const rows = orders.map(({ height, interval, member, kind, maxWh, measuredWh, acknowledged, result }) => [
    String(height),
    String(interval),
    member,
    kind,
    String(maxWh),
    measuredWh === null ? "n/a" : String(measuredWh),
    acknowledged ? "yes" : "no",
    result,
  ]);
  const header = [
    "height",
    "interval",
    "order to",
    "limits",
    "at most Wh",
    "measured",
    "acknowledged",
    "result",
  ];
  const lines = textTable(header, rows, ["right", "right", "left", "left", "right", "right", "left", "left"]);
  return `\n${lines.join("\n")}\n`;
}
