/** `edso statement`: where a household's energy came from and went to, what it cost, and the proof of each line. */
import { Command, Option } from "commander";
import { type Period, statementOf } from "../core/ledger/reports/statement.ts";
import { laterInterval } from "../core/metering/interval.ts";
import { usageError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { type HouseholdLedger, householdLedger } from "./householdLedger.ts";
import { intervalOption } from "./intervalOption.ts";
import { withLedger } from "./ledger.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { statementCsv, statementText } from "./statementText.ts";
import { statementView } from "./statementView.ts";

type Flags = PlaceFlags & {
  readonly member?: string;
  readonly from?: string;
  readonly to?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
};

/** @param dependencies of the composition root @returns the command */
export function statementCommand(dependencies: CliDependencies): Command {
  return withPlace(new Command("statement"))
    .description("print a household's energy, prices and coins, each line with its place in the ledger")
    .option("--member <name>", "whose (default: this gateway's)")
    .option(
      "--from <time>",
      "day, instant in UTC, or interval that it begins with (default: the first settled)",
    )
    .option(
      "--to <time>",
      "day, instant in UTC, or interval that it ends before (default: after the last settled)",
    )
    .addOption(new Option("--csv", "print the lines as CSV, with units in the header").conflicts("json"))
    .option("--json", "print it as JSON")
    .action((flags: Flags) => print(flags, dependencies));
}

async function print(flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const member = flags.member ?? configOf(flags, dependencies).name;
  await withLedger(flags, "agent-first", dependencies, async (source, context) => {
    const { intervalMs } = context.genesis;
    const household = await householdLedger(source, context, member);
    const period = periodOf(flags, household, intervalMs);
    const inPeriod = household.intervals.filter(
      ({ interval }) => interval >= period.from && interval < period.to,
    );
    const statement = statementOf({ ...household, period, intervals: inPeriod });
    const view = statementView(statement, member, household.book, intervalMs);
    if (flags.json === true) terminal.out(`${JSON.stringify(view)}\n`);
    else if (flags.csv === true) await terminal.write(statementCsv(view));
    else terminal.out(statementText(view));
  });
}

function periodOf(
  flags: Flags,
  { firstInterval, lastInterval }: HouseholdLedger,
  intervalMs: number,
): Period {
  if (firstInterval === null || lastInterval === null)
    throw usageError("no block is committed yet, so there is nothing to state", "wait for the first block");
  const from = flags.from === undefined ? firstInterval : intervalOption("--from", flags.from, intervalMs);
  const to =
    flags.to === undefined ? laterInterval(lastInterval, 1) : intervalOption("--to", flags.to, intervalMs);
  if (to <= from)
    throw usageError("the period ends before it begins", "write an earlier --from or a later --to");
  return { from, to };
}
