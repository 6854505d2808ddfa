/** `edso status`: what the running agent does, and what is in its way. */
import { Command } from "commander";
import type { CliDependencies } from "./dependencies.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { statusText } from "./statusText.ts";

type Flags = PlaceFlags & { readonly socket?: string; readonly json?: boolean };

/** @param dependencies of the composition root @returns the command */
export function statusCommand(dependencies: CliDependencies): Command {
  return withPlace(new Command("status"))
    .description("print what the running agent does")
    .option("--socket <path>", "socket of the agent, without a configuration")
    .option("--json", "print it as JSON")
    .action((flags: Flags) => printStatus(flags, dependencies));
}

async function printStatus(flags: Flags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const socket = flags.socket ?? configOf(flags, dependencies).api.socket;
  const status = await dependencies.agentClient(socket).status();
  terminal.out(flags.json === true ? `${JSON.stringify(status)}\n` : statusText(status, terminal.hasColour));
}
