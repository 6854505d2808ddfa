/** `edso meter test`: asks one meter, shows what was seen on the wire, and says what to look at. */
import type { Command } from "commander";
import { isDefinitionFile } from "../config/schema.ts";
import type { LineTestReport, WireBytes, WireTry } from "../ports/commissioning.ts";
import { withBorrowedLines } from "./borrowedLines.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies, LineTarget } from "./dependencies.ts";
import { hexText } from "./hexText.ts";
import { lineSettings } from "./meterFailure.ts";
import { refuseWrongSigns, signJson, signText, watchSigns } from "./meterSign.ts";
import { lineOf, type MeterFlags, type Wanted, wantedMeters, withMeter } from "./meterTarget.ts";
import { withPlace } from "./place.ts";
import { untilInterrupted } from "./untilInterrupted.ts";
import { wholeNumber } from "./wholeNumber.ts";
import { hintOf } from "./wiringHints.ts";

type TestFlags = MeterFlags & { readonly signSeconds: string; readonly json?: boolean };
type Tested = LineTarget & {
  readonly unitId: number;
  readonly definition: string | null;
  readonly timeoutMs: number;
};
/** A meter to test; as one to read where its kind is known. */
type ToTest = { readonly meter: Tested; readonly wanted: Wanted | null };

/** Of all tries the first ones tell the story. */
const SHOWN_TRIES = 3;
const MS_PER_SECOND = 1_000;

/** @param command without options @param dependencies of the composition root */
export function defineMeterTest(command: Command, dependencies: CliDependencies): void {
  withMeter(withPlace(command))
    .description(
      "test each configured meter, or one on a port: what is seen on the wire, what to mend, which way it counts",
    )
    .option("--sign-seconds <s>", "longest time to watch which way each meter counts; 0 leaves it out", "60")
    .option("--json", "print what was seen as JSON")
    .action((flags: TestFlags) => testMeters(flags, dependencies));
}

async function testMeters(flags: TestFlags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const meters = testedMeters(flags, dependencies);
  const watchMs = wholeNumber("--sign-seconds", flags.signSeconds, 0, 3_600) * MS_PER_SECOND;
  const ports = meters.map(({ meter }) => meter.port);
  await withBorrowedLines(ports, flags, dependencies, () =>
    untilInterrupted(terminal, async (signal) => {
      const failed: string[] = [];
      const answering: Wanted[] = [];
      for (const { meter, wanted } of meters) {
        if (signal.aborted) break;
        const report = await testWire(meter, signal, dependencies);
        terminal.out(flags.json === true ? reportJson(meter, report) : reportText(meter, report));
        if (report.verdict.kind !== "works") failed.push(hintOf(report.verdict, meter.unitId));
        else if (wanted !== null) answering.push(wanted);
      }
      if (watchMs > 0 && answering.length > 0)
        await testSigns(answering, watchMs, signal, flags, dependencies);
      const [fix] = failed;
      if (fix !== undefined)
        throw new CliError("METER_UNREADABLE", { why: "not every request was answered", fix });
    }),
  );
}

function testWire(
  meter: Tested,
  signal: AbortSignal,
  dependencies: CliDependencies,
): Promise<LineTestReport> {
  const { definition, timeoutMs } = meter;
  return dependencies.testLine({
    ...meter,
    definition: definition === null || isDefinitionFile(definition) ? null : definition,
    settings: meter,
    answerTimeoutMs: timeoutMs,
    signal,
    onStep: (step) => dependencies.terminal.error(`${meter.port}: ${step}\n`),
  });
}

async function testSigns(
  wanted: readonly Wanted[],
  watchMs: number,
  signal: AbortSignal,
  flags: TestFlags,
  dependencies: CliDependencies,
): Promise<void> {
  const { terminal } = dependencies;
  terminal.error(`watching for up to ${watchMs / MS_PER_SECOND} s which way the meters count\n`);
  const watched = await watchSigns(wanted, watchMs, signal, dependencies);
  for (const each of watched) terminal.out(flags.json === true ? signJson(each) : signText(each));
  refuseWrongSigns(watched);
}

/** Whoever tests need not know the kind of meter: any register will do. */
function testedMeters(flags: TestFlags, dependencies: CliDependencies): readonly ToTest[] {
  if (flags.port === undefined || flags.definition !== undefined)
    return wantedMeters(flags, dependencies).map((wanted) => ({ meter: wanted.target, wanted }));
  const unitId = wholeNumber("--unit", flags.unit, 1, 247);
  const timeoutMs = wholeNumber("--timeout-ms", flags.timeoutMs, 50, 30_000);
  if (flags.port === "") throw usageError("--port is empty", "name the device");
  return [{ meter: { ...lineOf(flags.port, flags), unitId, timeoutMs, definition: null }, wanted: null }];
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
