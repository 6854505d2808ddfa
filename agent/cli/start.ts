/** `edso start`: runs the agent until it is stopped by a signal or fails. */
import { Command } from "commander";
import type { CliDependencies, RunningAgent } from "./dependencies.ts";
import { watchParent } from "./parentWatch.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import type { StopSignal } from "./terminal.ts";

/** What a shell reports for a process that a signal ended. */
const EXIT_BY_SIGNAL: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** @param dependencies of the composition root @returns the command */
export function startCommand(dependencies: CliDependencies): Command {
  return withPlace(new Command("start"))
    .description("run this gateway's agent until it is stopped")
    .action((flags: PlaceFlags) => runAgent(flags, dependencies));
}

/** The first signal stops in order; whoever sends a second one wants no order any more. */
async function runAgent(flags: PlaceFlags, dependencies: CliDependencies): Promise<void> {
  const { terminal, env } = dependencies;
  const config = configOf(flags, dependencies);
  const stopping = new AbortController();
  const stopListening = terminal.onSignal((signal) => {
    if (stopping.signal.aborted) terminal.exitNow(EXIT_BY_SIGNAL[signal]);
    stopping.abort();
  });
  watchParent(env, () => stopping.abort());
  try {
    const agent = await dependencies.startAgent(config);
    await stopWhen(stopping.signal, agent);
  } finally {
    stopListening();
  }
}

/** A failure ends the command, also one while it stops. */
async function stopWhen(signal: AbortSignal, agent: RunningAgent): Promise<void> {
  const stopped = new Promise<void>((resolve, reject) => {
    const stop = () => void agent.stop().then(resolve, reject);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  await Promise.race([agent.done, stopped]);
}
