/** The command tree, and the one place where a failure becomes words and an exit code. */
import { Command, CommanderError } from "commander";
import { adminCommand } from "./admin.ts";
import { bidCommand } from "./bid.ts";
import { usageError } from "./cliError.ts";
import { configCommand } from "./config.ts";
import { demoCommand } from "./demo.ts";
import type { CliDependencies } from "./dependencies.ts";
import { dsoCommand, evidenceCommand, submitCommand } from "./dso.ts";
import { explain, explanationJson, explanationText } from "./explain.ts";
import { explainCommand } from "./explainLine.ts";
import { initCommand } from "./init.ts";
import { ledgerCommand } from "./ledger.ts";
import { meterCommand } from "./meter.ts";
import { accountsCommand, policyCommand } from "./policy.ts";
import { recoverCommand } from "./recover.ts";
import { regulatorCommand } from "./regulator.ts";
import { startCommand } from "./start.ts";
import { statementCommand } from "./statement.ts";
import { statusCommand } from "./status.ts";
import { tradesCommand } from "./trades.ts";

/** Ends of commander that are no failure: the text was asked for, and is printed. */
const TOLD = ["commander.helpDisplayed", "commander.version"];
/** Help that was not asked for: a command group without a command. */
const HELP_INSTEAD = "commander.help";
const EXIT_USAGE = 64;

/** @param dependencies of the composition root @returns every command */
export function createProgram(dependencies: CliDependencies): Command {
  const { terminal, version } = dependencies;
  const program = new Command("edso")
    .description("the agent of a household in a street that shares its energy")
    .version(version, "--version", "print the version")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.error(text),
      // Told by `run`, in the form of every other failure.
      outputError: () => {},
    });
  for (const command of [
    initCommand(dependencies),
    startCommand(dependencies),
    demoCommand(dependencies),
    statusCommand(dependencies),
    dsoCommand(dependencies),
    evidenceCommand(dependencies),
    bidCommand(dependencies),
    tradesCommand(dependencies),
    statementCommand(dependencies),
    explainCommand(dependencies),
    policyCommand(dependencies),
    accountsCommand(dependencies),
    ledgerCommand(dependencies),
    meterCommand(dependencies),
    configCommand(dependencies),
    adminCommand(dependencies),
    recoverCommand(dependencies),
    submitCommand(dependencies),
    regulatorCommand(dependencies),
  ]) {
    program.addCommand(inherit(command, program));
  }
  return program;
}

/**
 * Runs one command line.
 *
 * @param argv as in `process.argv`: executable and script first
 * @param dependencies of the composition root
 * @returns the exit code; whatever went wrong has been told on stderr
 */
export async function run(argv: readonly string[], dependencies: CliDependencies): Promise<number> {
  const { terminal } = dependencies;
  try {
    await createProgram(dependencies).parseAsync([...argv]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && TOLD.includes(error.code)) return 0;
    if (error instanceof CommanderError && error.code === HELP_INSTEAD) return EXIT_USAGE;
    const told = explain(error instanceof CommanderError ? misunderstood(error) : error);
    terminal.error(argv.includes("--json") ? explanationJson(told) : explanationText(told));
    return told.exit;
  }
}

function misunderstood(error: CommanderError): Error {
  return usageError(
    error.message.replace(/^error: /, "").replaceAll("\n", " "),
    "see `edso --help`, or --help after a command",
  );
}

/** Commands that were made apart take over how the program ends and prints. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inherit(inner, parent);
  return command;
}
