/** `edso meter test`: asks one meter, shows what was seen on the wire, and says what to look at. */
import type { Command } from "commander";
import { isDefinitionFile } from "../config/schema.ts";
import type { LineTestReport, WireBytes, WireTry } from "../ports/commissioning.ts";
import { withBorrowedLines } from "./borrowedLines.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies, LineTarget } from "./dependencies.ts";
import { hexText } from "./hexText.ts";
import { lineSettings } from "./meterFailure.ts";
import { lineOf, type MeterFlags, wantedMeters, withMeter } from "./meterTarget.ts";
import { withPlace } from "./place.ts";
import { untilInterrupted } from "./untilInterrupted.ts";
import { wholeNumber } from "./wholeNumber.ts";
import { hintOf } from "./wiringHints.ts";

type TestFlags = MeterFlags & { readonly json?: boolean };
type Tested = LineTarget & {
  readonly unitId: number;
  readonly definition: string | null;
  readonly timeoutMs: number;
};

/** Of all tries the first ones tell the story. */
const SHOWN_TRIES = 3;

/** @param command without options @param dependencies of the composition root */
export function defineMeterTest(command: Command, dependencies: CliDependencies): void {
  withMeter(withPlace(command))
    .description("test each configured meter, or one on a port: what is seen on the wire, what to mend")
    .option("--json", "print what was seen as JSON")
    .action((flags: TestFlags) => testMeters(flags, dependencies));
}

async function testMeters(flags: TestFlags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const meters = testedMeters(flags, dependencies);
  const ports = meters.map(({ port }) => port);
  const failing = await withBorrowedLines(ports, flags, dependencies, () =>
    untilInterrupted(terminal, async (signal) => {
      const failed: string[] = [];
      for (const meter of meters) {
        if (signal.aborted) break;
        const report = await dependencies.testLine({
          ...meter,
          definition:
            meter.definition === null || isDefinitionFile(meter.definition) ? null : meter.definition,
          settings: meter,
          answerTimeoutMs: meter.timeoutMs,
          signal,
          onStep: (step) => terminal.error(`${meter.port}: ${step}\n`),
        });
        terminal.out(flags.json === true ? reportJson(meter, report) : reportText(meter, report));
        if (report.verdict.kind !== "works") failed.push(hintOf(report.verdict, meter.unitId));
      }
      return failed;
    }),
  );
  const [first] = failing;
  if (first !== undefined)
    throw new CliError("METER_UNREADABLE", { why: "not every request was answered", fix: first });
}

/** Whoever tests need not know the kind of meter: any register will do. */
function testedMeters(flags: TestFlags, dependencies: CliDependencies): readonly Tested[] {
  if (flags.port === undefined || flags.definition !== undefined)
    return wantedMeters(flags, dependencies).map(({ target }) => target);
  const unitId = wholeNumber("--unit", flags.unit, 1, 247);
  const timeoutMs = wholeNumber("--timeout-ms", flags.timeoutMs, 50, 30_000);
  if (flags.port === "") throw usageError("--port is empty", "name the device");
  return [{ ...lineOf(flags.port, flags), unitId, timeoutMs, definition: null }];
}

function reportText(meter: Tested, { verdict, tries, unasked, hasEcho }: LineTestReport): string {
  const answered = tries.filter(({ outcome }) => outcome === "answered" || outcome === "refused");
  const times = answered.map(({ durationMs }) => durationMs).sort((left, right) => left - right);
  const kind = meter.definition === null ? "" : ` ${meter.definition},`;
  return [
    `${meter.port} (${lineSettings(meter)}),${kind} unit ${meter.unitId}: ${answered.length} of ${tries.length} answered`,
    ...tries.slice(0, SHOWN_TRIES).flatMap(tryText),
    ...(unasked.length === 0 ? [] : ["came unasked:", ...unasked.map(bytesText)]),
    ...(hasEcho ? ["the adapter hears what it sends itself; edso takes that out by itself"] : []),
    ...(times.length === 0 ? [] : [`answers took ${times[0]} to ${times.at(-1)} ms`]),
    hintOf(verdict, meter.unitId),
    "",
  ].join("\n");
}

function tryText(tried: WireTry): readonly string[] {
  const { outcome, exceptionCode, foreignUnitId, durationMs, wire } = tried;
  const exception = exceptionCode === null ? "" : ` with exception ${exceptionCode}`;
  const foreign = foreignUnitId === null ? "" : `, unit ${foreignUnitId}`;
  return [`${outcome}${exception}${foreign} after ${durationMs} ms`, ...wire.map(bytesText)];
}

function bytesText({ direction, bytes }: WireBytes): string {
  return `  ${direction === "sent" ? ">" : "<"} ${hexText(bytes)}`;
}

function reportJson(meter: Tested, report: LineTestReport): string {
  const { verdict, hasEcho } = report;
  const bytesJson = ({ direction, bytes, atMs }: WireBytes) => ({
    direction,
    hex: hexText(bytes).replaceAll(" ", ""),
    atMs: Math.round(atMs),
  });
  const tries = report.tries.map(({ wire, ...tried }) => ({ ...tried, wire: wire.map(bytesJson) }));
  const { port, unitId, definition } = meter;
  const hint = hintOf(verdict, unitId);
  const unasked = report.unasked.map(bytesJson);
  const told = {
    schema: "edso.meter-test/1",
    port,
    unitId,
    definition,
    verdict,
    hint,
    hasEcho,
    tries,
    unasked,
  };
  return `${JSON.stringify(told)}\n`;
}
