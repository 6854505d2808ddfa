/** `edso meter read`: every quantity of the meters, once or again and again. */
import type { Command } from "commander";
import type { MeterReadOut } from "../ports/meter.ts";
import { withBorrowedLines } from "./borrowedLines.ts";
import { chosenDefinition, definitionWarning } from "./definitionChoice.ts";
import type { CliDependencies, MeterDefinitionInfo } from "./dependencies.ts";
import { lineSettings, meterFailure } from "./meterFailure.ts";
import { type MeterFlags, type Wanted, wantedMeters, withMeter } from "./meterTarget.ts";
import { type OpenLines, openLines } from "./openLines.ts";
import { withPlace } from "./place.ts";
import { textTable } from "./textTable.ts";
import { pause, untilInterrupted } from "./untilInterrupted.ts";
import { wholeNumber } from "./wholeNumber.ts";

type ReadFlags = MeterFlags & {
  readonly repeat?: string | true;
  readonly every: string;
  readonly json?: boolean;
};
type WasRead = Wanted & { readonly readOut: MeterReadOut; readonly ageMs: number };

const MS_PER_SECOND = 1_000;

/** @param command without options @param dependencies of the composition root */
export function defineMeterRead(command: Command, dependencies: CliDependencies): void {
  withMeter(withPlace(command))
    .description("read every quantity, of all configured meters or of one on a port")
    .option("--repeat [count]", "read again and again, this often or until Ctrl-C")
    .option("--every <seconds>", "pause between read-outs, with --repeat", "10")
    .option("--json", "print the values as JSON, one line each time")
    .action((flags: ReadFlags) => read(flags, dependencies));
}

async function read(flags: ReadFlags, dependencies: CliDependencies): Promise<void> {
  const wanted = wantedMeters(flags, dependencies);
  const rounds = roundsOf(flags);
  const everyMs = wholeNumber("--every", flags.every, 1, 86_400) * MS_PER_SECOND;
  if (flags.json !== true) warn(wanted, dependencies);
  const ports = wanted.map(({ target }) => target.port);
  await withBorrowedLines(ports, flags, dependencies, () =>
    untilInterrupted(dependencies.terminal, async (signal) => {
      const lines = openLines(dependencies);
      let failure: Error | undefined;
      try {
        for (let round = 1; round <= rounds && !signal.aborted; round++) {
          if (round > 1) await pause(everyMs, signal);
          if (signal.aborted) break;
          const failed = await readRound(wanted, lines, flags.json === true, dependencies);
          failure = failed;
          if (failed !== undefined && round < rounds) dependencies.terminal.error(`${failed.message}\n`);
        }
      } finally {
        await lines.close();
      }
      // Once interrupted, what was asked for is done.
      if (failure !== undefined && !signal.aborted) throw failure;
    }),
  );
}

/** What could be read is printed even when another meter fails. */
async function readRound(
  wanted: readonly Wanted[],
  lines: OpenLines,
  isJson: boolean,
  dependencies: CliDependencies,
): Promise<Error | undefined> {
  const { terminal } = dependencies;
  const meters: WasRead[] = [];
  let failure: Error | undefined;
  for (const { role, target } of wanted) {
    try {
      const readOut = await lines.readOut(target);
      meters.push({ role, target, readOut, ageMs: Math.max(0, Date.now() - readOut.takenAtMs) });
    } catch (error) {
      failure ??= meterFailure(error, target, dependencies.meterDefinitions());
    }
  }
  if (meters.length === 0) return failure;
  if (isJson)
    terminal.out(`${JSON.stringify({ schema: "edso.meter-read/1", meters: meters.map(meterJson) })}\n`);
  else terminal.out(meters.map(meterText).join("\n"));
  return failure;
}

/** Each kind once, however many meters are of it. */
function warn(wanted: readonly Wanted[], dependencies: CliDependencies): void {
  const ids = new Set(wanted.map(({ target }) => target.definition));
  const chosen = [...ids].map((id): MeterDefinitionInfo | undefined => chosenDefinition(id, dependencies));
  for (const line of chosen.flatMap((info) => (info === undefined ? [] : definitionWarning(info))))
    dependencies.terminal.error(`edso: ${line}\n`);
}

function roundsOf({ repeat }: ReadFlags): number {
  if (repeat === undefined) return 1;
  return repeat === true ? Number.POSITIVE_INFINITY : wholeNumber("--repeat", repeat, 1, 1_000_000);
}

function meterText({ role, target, readOut, ageMs }: WasRead): string {
  const { definition, unitId, port } = target;
  const title = `${role === null ? "" : `${role}: `}${definition}, unit ${unitId} on ${port} (${lineSettings(target)})`;
  const age = `${(ageMs / 1000).toFixed(1)} s`;
  const rows = readOut.values.map(({ quantity, value, unit, obis }) => [
    quantity,
    shown(value),
    unit,
    obis ?? "n/a",
    age,
  ]);
  return [
    title,
    `serial ${readOut.meterSerial ?? "n/a: this kind of meter has no register for it"}, read at ${new Date(readOut.takenAtMs).toISOString()}`,
    ...textTable(["quantity", "value", "unit", "OBIS", "age"], rows, [
      "left",
      "right",
      "left",
      "left",
      "right",
    ]),
    "",
  ].join("\n");
}

function meterJson({ role, target, readOut, ageMs }: WasRead): object {
  const { port, definition, unitId } = target;
  const takenAt = new Date(readOut.takenAtMs).toISOString();
  return {
    role,
    port,
    definition,
    unitId,
    meterSerial: readOut.meterSerial,
    takenAt,
    ageMs,
    values: readOut.values,
  };
}

/** What a float32 register can tell, and no more digits. */
function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
