/** `edso regulator report`: what the Regulator is told of a street, from a gateway's ledger or from an export of it. */
import { Command, Option } from "commander";
import { readBlock } from "../core/ledger/blocks/block.ts";
import { verifyNext } from "../core/ledger/chain/chain.ts";
import { openStreetBook, type StreetBook, withBlock } from "../core/ledger/reports/streetBook.ts";
import { streetReport } from "../core/ledger/reports/streetReport.ts";
import type { SettledInterval } from "../core/ledger/settlement/settledInterval.ts";
import { genesisState, type LedgerContext } from "../core/ledger/state/context.ts";
import { readBlocksFile } from "./blocksFile.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { readGenesisFile } from "./genesisFile.ts";
import { intervalOption } from "./intervalOption.ts";
import { withLedger } from "./ledger.ts";
import { bookedBlocks } from "./ledgerBlocks.ts";
import { firstState } from "./ledgerVerify.ts";
import { type PlaceFlags, withPlace } from "./place.ts";
import { reportCsv, reportText, reportView } from "./reportText.ts";

type Flags = PlaceFlags & {
  readonly blocks?: string;
  readonly genesis?: string;
  readonly from?: string;
  readonly to?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
};

/** What a report is made from. */
type Street = {
  readonly context: LedgerContext;
  readonly book: StreetBook;
  readonly intervals: readonly SettledInterval[];
};

/** @param dependencies of the composition root @returns the command group */
export function regulatorCommand(dependencies: CliDependencies): Command {
  const regulator = new Command("regulator").description("what the Regulator of a street looks at");
  withPlace(regulator.command("report"))
    .description("print the street's mix, curtailments, feed-in and base load, interval by interval")
    .option(
      "--blocks <file>",
      "an export (`edso ledger export --format cbor`) instead of a gateway; verified first",
    )
    .option("--genesis <file>", "of the street that the export is of")
    .option("--from <time>", "day, instant in UTC, or interval that it begins with")
    .option("--to <time>", "day, instant in UTC, or interval that it ends before")
    .addOption(new Option("--csv", "print the intervals as CSV, with units in the header").conflicts("json"))
    .option("--json", "print it as JSON")
    .action((flags: Flags) => report(flags, dependencies));
  return regulator;
}

async function report(flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const { context, book, intervals } = await streetOf(flags, dependencies);
  const { intervalMs } = context.genesis;
  const bound = (option: "from" | "to", otherwise: number) => {
    const text = flags[option];
    return text === undefined ? otherwise : intervalOption(`--${option}`, text, intervalMs);
  };
  const [from, to] = [bound("from", 0), bound("to", Number.MAX_SAFE_INTEGER)];
  const inPeriod = intervals.filter(({ interval }) => interval >= from && interval < to);
  const view = reportView(streetReport(inPeriod, book), context.genesis);
  if (flags.json === true) terminal.out(`${JSON.stringify(view)}\n`);
  else if (flags.csv === true) await terminal.write(reportCsv(view));
  else terminal.out(reportText(view));
}

async function streetOf(flags: Flags, dependencies: CliDependencies): Promise<Street> {
  if (flags.blocks !== undefined) return exportedStreet(flags.blocks, flags.genesis, dependencies);
  let street: Street | null = null;
  await withLedger(flags, "agent-first", dependencies, async (source, context) => {
    let book = openStreetBook(context.genesis, await firstState(await source.head(), source, context));
    const intervals: SettledInterval[] = [];
    for await (const booked of bookedBlocks(source, context)) {
      book = booked.book;
      intervals.push(...booked.block.body.intervals);
    }
    street = { context, book, intervals };
  });
  if (street === null) throw new Error("the ledger was not read");
  return street;
}

/** Nobody vouches for a file, so every block of it is recomputed and every signature checked. */
async function exportedStreet(
  blocks: string,
  genesis: string | undefined,
  { verify }: CliDependencies,
): Promise<Street> {
  if (genesis === undefined) throw usageError("--blocks needs --genesis", "name the street's genesis.cbor");
  const context = await readGenesisFile(genesis, verify);
  let state = genesisState(context);
  let book = openStreetBook(context.genesis, state);
  const intervals: SettledInterval[] = [];
  for (const entry of await readBlocksFile(blocks)) {
    const verified = verifyNext(context, state, entry);
    const read = readBlock(entry.block);
    if (verified.kind !== "accept" || read.kind !== "accept") {
      const reason = verified.kind === "accept" ? "BAD_SHAPE" : verified.code;
      const why = `${blocks}: height ${entry.height}: ${reason}`;
      throw new CliError("LEDGER_DAMAGED", { height: entry.height, reason, why });
    }
    state = verified.value.state;
    book = withBlock(book, read.value);
    intervals.push(...read.value.body.intervals);
  }
  return { context, book, intervals };
}
