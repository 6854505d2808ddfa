/** `edso meter monitor`: reads the meters again and again and shows how it goes, with --raw each frame on the wire. */
import type { Command } from "commander";
import { isAgentError } from "../core/errors.ts";
import type { WireFrame } from "../ports/commissioning.ts";
import { withBorrowedLines } from "./borrowedLines.ts";
import { usageError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { hexText } from "./hexText.ts";
import { lineOf, type MeterFlags, type Wanted, wantedMeters, withMeter } from "./meterTarget.ts";
import { type OpenLines, openLines } from "./openLines.ts";
import { withPlace } from "./place.ts";
import type { Terminal } from "./terminal.ts";
import { pause, untilInterrupted } from "./untilInterrupted.ts";
import { wholeNumber } from "./wholeNumber.ts";

type MonitorFlags = MeterFlags & {
  readonly every: string;
  readonly raw?: boolean;
  readonly listen?: boolean;
  readonly json?: boolean;
};

const MS_PER_SECOND = 1_000;
/** How often a listener looks whether it was interrupted. */
const LISTEN_STEP_MS = 60_000;

/** @param command without options @param dependencies of the composition root */
export function defineMeterMonitor(command: Command, dependencies: CliDependencies): void {
  withMeter(withPlace(command))
    .description("read the meters until Ctrl-C and show how it goes")
    .option("--every <seconds>", "pause between read-outs", "5")
    .option("--raw", "show each frame on the wire")
    .option("--listen", "send nothing: show what others say on the line of --port")
    .option("--json", "one line of JSON for each read-out and frame")
    .action((flags: MonitorFlags) => monitor(flags, dependencies));
}

async function monitor(flags: MonitorFlags, dependencies: CliDependencies): Promise<void> {
  const everyMs = wholeNumber("--every", flags.every, 1, 86_400) * MS_PER_SECOND;
  const isJson = flags.json === true;
  const { terminal } = dependencies;
  const onFrame = (frame: WireFrame): void => terminal.out(frameText(frame, isJson));
  if (flags.listen === true) return await listen(flags, dependencies, onFrame);
  const wanted = wantedMeters(flags, dependencies);
  const ports = wanted.map(({ target }) => target.port);
  await withBorrowedLines(ports, flags, dependencies, () =>
    untilInterrupted(terminal, async (signal) => {
      const lines = openLines(dependencies, flags.raw === true ? { onFrame } : {});
      try {
        while (!signal.aborted) {
          for (const meter of wanted) if (!signal.aborted) await readOne(meter, lines, isJson, terminal);
          await pause(everyMs, signal);
        }
      } finally {
        await lines.close();
      }
    }),
  );
}

async function listen(
  flags: MonitorFlags,
  dependencies: CliDependencies,
  onFrame: (frame: WireFrame) => void,
): Promise<void> {
  const { port } = flags;
  if (port === undefined) throw usageError("--listen needs a line", "give --port");
  const line = lineOf(port, flags);
  await withBorrowedLines([line.port], flags, dependencies, () =>
    untilInterrupted(dependencies.terminal, async (signal) => {
      const open = await dependencies.openLine(line, { onFrame });
      dependencies.terminal.error(`listening on ${line.port}\n`);
      while (!signal.aborted) await pause(LISTEN_STEP_MS, signal);
      await open.close();
    }),
  );
}

async function readOne(
  { target }: Wanted,
  lines: OpenLines,
  isJson: boolean,
  terminal: Terminal,
): Promise<void> {
  const { definition, unitId, port } = target;
  const startMs = performance.now();
  let result: string;
  let values = 0;
  try {
    values = (await lines.readOut(target)).values.length;
    result = "ok";
  } catch (error) {
    if (!isAgentError(error)) throw error;
    result = error.code;
  }
  const durationMs = Math.round(performance.now() - startMs);
  const at = new Date().toISOString();
  if (isJson) {
    const told = { at, port, definition, unitId, result, values, durationMs };
    terminal.out(`${JSON.stringify({ schema: "edso.meter-monitor/1", ...told })}\n`);
    return;
  }
  const what = result === "ok" ? `${values} values` : result;
  terminal.out(
    `${at}  unit ${unitId} ${definition}: ${what} in ${durationMs} ms${countersText(lines, target)}\n`,
  );
}

function countersText(lines: OpenLines, target: Wanted["target"]): string {
  const counters = lines.counters(target);
  if (counters === null) return "";
  const told = Object.entries(counters).filter(([, count]) => count > 0);
  return ` (so far ${told.map(([name, count]) => `${name} ${count}`).join(", ")})`;
}

function frameText({ direction, bytes, says, atMs }: WireFrame, isJson: boolean): string {
  const hex = hexText(bytes);
  if (isJson) {
    const told = { direction, hex: hex.replaceAll(" ", ""), says, atMs: Math.round(atMs) };
    return `${JSON.stringify({ schema: "edso.wire-frame/1", ...told })}\n`;
  }
  const arrow = direction === "sent" ? ">" : "<";
  return `  ${(atMs / MS_PER_SECOND).toFixed(3).padStart(9)} s ${arrow} ${hex}${says === null ? "" : `  ${says}`}\n`;
}
