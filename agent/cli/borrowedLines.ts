/** Lines that the running agent lends to a command, and gets back however the command ends. */
import { ConfigError } from "../config/configError.ts";
import type { BorrowedLine, CliDependencies } from "./dependencies.ts";
import { configOf, type PlaceFlags } from "./place.ts";

/**
 * Does something with lines that an agent may have open.
 *
 * @param ports of the lines
 * @param flags which gateway it is about
 * @param dependencies of the composition root
 * @param act what to do; the lines are given back after it
 * @returns what it returned
 */
export async function withBorrowedLines<Result>(
  ports: readonly string[],
  flags: PlaceFlags,
  dependencies: CliDependencies,
  act: () => Promise<Result>,
): Promise<Result> {
  const socket = socketOf(flags, dependencies);
  const loans: BorrowedLine[] = [];
  try {
    for (const port of new Set(socket === null ? [] : ports)) {
      const loan = socket === null ? null : await dependencies.borrowLine(socket, port);
      if (loan === null) continue;
      loans.push(loan);
      dependencies.terminal.error(`the agent lends ${port}; it reads no meter there meanwhile\n`);
    }
    return await act();
  } finally {
    for (const loan of loans) await loan.giveBack();
    if (loans.length > 0) dependencies.terminal.error("the agent has its line back\n");
  }
}

/** A port may be looked at where no gateway is set up yet, or its configuration is the very thing to be mended. */
function socketOf(flags: PlaceFlags, dependencies: CliDependencies): string | null {
  try {
    return configOf(flags, dependencies).api.socket;
  } catch (error) {
    const isAskedFor = flags.config !== undefined || flags.data !== undefined;
    if (error instanceof ConfigError && !isAskedFor) return null;
    throw error;
  }
}
