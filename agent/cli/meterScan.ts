/** `edso meter scan`: finds the meters of a line whatever speed, parity and unit they are set to. */
import type { Command } from "commander";
import type {
  BareLine,
  CharacterSettings,
  FoundDevice,
  ScanProgress,
  ScanReport,
} from "../ports/commissioning.ts";
import { withBorrowedLines } from "./borrowedLines.ts";
import { usageError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { lineSettings } from "./meterFailure.ts";
import { portOf, rs485Option } from "./meterTarget.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import type { Terminal } from "./terminal.ts";
import { textTable } from "./textTable.ts";
import { untilInterrupted } from "./untilInterrupted.ts";
import { wholeNumber } from "./wholeNumber.ts";
import { SILENT_LINE } from "./wiringHints.ts";

type ScanFlags = PlaceFlags & {
  readonly port?: string;
  readonly baud: string;
  readonly parity: string;
  readonly units: string;
  readonly timeoutMs: string;
  readonly rs485: BareLine["rs485"];
  readonly json?: boolean;
};

const PARITIES: readonly CharacterSettings["parity"][] = ["none", "even", "odd"];
const BAUD_RATES = "9600,19200,2400,4800,38400,57600,115200,1200";
const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
/** Garbled answers of more places than these are one piece of news. */
const MOST_GARBLED_SHOWN = 5;

/** @param command without options @param dependencies of the composition root */
export function defineMeterScan(command: Command, dependencies: CliDependencies): void {
  withPlace(command)
    .description("find meters of unknown speed, parity and unit, and name them")
    .option("--port <port>", "line to scan (default: the only line of the configuration)")
    .option("--baud <rates>", "speeds to try, with commas", BAUD_RATES)
    .option("--parity <parities>", "parities to try, with commas", PARITIES.join(","))
    .option("--units <ids>", "units to ask, such as 1-247 or 1,2,10-20", "1-247")
    .option("--timeout-ms <ms>", "longest wait for one answer", "120")
    .addOption(rs485Option())
    .option("--json", "print what was found as JSON")
    .action((flags: ScanFlags) => scan(flags, dependencies));
}

async function scan(flags: ScanFlags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const line = lineToScan(flags, dependencies);
  const settings = line.port.includes("://") ? [settingsOfServer()] : settingsOf(flags);
  const unitIds = unitIdsOf(flags.units);
  const answerTimeoutMs = wholeNumber("--timeout-ms", flags.timeoutMs, 20, 5_000);
  const teller = progressTeller(terminal);
  const report = await withBorrowedLines([line.port], flags, dependencies, () =>
    untilInterrupted(terminal, (signal) => {
      const { onProgress, onFound } = teller;
      return dependencies.scanLine({
        ...line,
        settings,
        unitIds,
        answerTimeoutMs,
        signal,
        onProgress,
        onFound,
      });
    }),
  );
  teller.end();
  if (flags.json === true) terminal.out(`${JSON.stringify(reportJson(line.port, report))}\n`);
  else terminal.out(reportText(report));
  for (const hint of hintsOf(report)) terminal.error(`${hint}\n`);
}

/** @param text such as `1-3,7` @returns each once, rising @throws CliError `CLI_USAGE` */
export function unitIdsOf(text: string): readonly number[] {
  const units = new Set<number>();
  for (const part of text.split(",")) {
    const [first = "", last = first, ...rest] = part.split("-");
    if (rest.length > 0)
      throw usageError(`--units is ${JSON.stringify(text)}`, "give such as 1-247 or 1,2,10-20");
    const from = wholeNumber("--units", first, 1, 247);
    for (let unitId = from; unitId <= wholeNumber("--units", last, from, 247); unitId++) units.add(unitId);
  }
  return [...units].sort((left, right) => left - right);
}

function lineToScan(flags: ScanFlags, dependencies: CliDependencies): BareLine {
  if (flags.port !== undefined) return { port: portOf(flags.port), rs485: flags.rs485 };
  const { lines } = configOf(flags, dependencies);
  const [line, ...others] = lines;
  if (line === undefined || others.length > 0)
    throw usageError(
      "the configuration has several lines",
      `give --port, one of: ${lines.map(({ port }) => port).join(", ")}`,
    );
  return { port: line.port, rs485: line.rs485 };
}

/** A server has its own line; what it is set to is out of reach. */
function settingsOfServer(): CharacterSettings {
  return { baudRate: 9600, parity: "none", stopBits: 1 };
}

function settingsOf({ baud, parity }: ScanFlags): readonly CharacterSettings[] {
  const rates = baud.split(",").map((rate) => wholeNumber("--baud", rate, 300, 921_600));
  const parities = parity.split(",").map((name) => {
    const known = PARITIES.find((candidate) => candidate === name);
    if (known === undefined)
      throw usageError(`--parity is ${JSON.stringify(parity)}`, `give some of ${PARITIES.join(",")}`);
    return known;
  });
  // Parities change slowest: most meters have none.
  return parities.flatMap((each) =>
    rates.map((baudRate) => ({ baudRate, parity: each, stopBits: 1 as const })),
  );
}

/** On a terminal one line that is written over; elsewhere a line for each setting. */
function progressTeller(terminal: Terminal) {
  let last = "";
  const onProgress = (progress: ScanProgress): void => {
    const at = lineSettings(progress.settings);
    const text = `${at}, unit ${progress.unitId}: ${progress.asked} of ${progress.toAsk} asked, ${etaText(progress)} to go`;
    if (terminal.isTerminal) terminal.error(`\r${text}\u001b[K`);
    else if (at !== last) terminal.error(`${text}\n`);
    last = at;
  };
  const clear = (): void => {
    if (terminal.isTerminal && last !== "") terminal.error("\r\u001b[K");
  };
  const onFound = (found: FoundDevice): void => {
    clear();
    terminal.error(`found unit ${found.unitId} at ${lineSettings(found.settings)}: ${nameOf(found)}\n`);
  };
  return { onProgress, onFound, end: clear };
}

function etaText({ asked, toAsk, elapsedMs }: ScanProgress): string {
  const seconds = Math.ceil(((toAsk - asked) * elapsedMs) / Math.max(1, asked) / MS_PER_SECOND);
  if (seconds < 2 * SECONDS_PER_MINUTE) return `${seconds} s`;
  return `${Math.ceil(seconds / SECONDS_PER_MINUTE)} min`;
}

function nameOf({ model, definitions }: FoundDevice): string {
  if (model !== null) return model;
  return definitions.length > 0 ? `one of ${definitions.join(", ")}` : "a device that edso does not know";
}

function reportText({ devices }: ScanReport): string {
  if (devices.length === 0) return "no meter found\n";
  const rows = devices.map((device) => [
    lineSettings(device.settings),
    String(device.unitId),
    nameOf(device),
    device.definitions.join(", ") || "n/a",
    device.meterSerial ?? "n/a",
    device.by === "values" ? "by its values" : (device.by ?? ""),
  ]);
  return `${textTable(["line", "unit", "meter", "definition", "serial", "told"], rows).join("\n")}\n`;
}

function reportJson(port: string, report: ScanReport): object {
  return { schema: "edso.meter-scan/1", port, isComplete: report.asked === report.toAsk, ...report };
}

function hintsOf({ devices, garbled, asked, toAsk, hasEcho }: ScanReport): readonly string[] {
  const hints: string[] = [];
  const places = garbled
    .slice(0, MOST_GARBLED_SHOWN)
    .map(({ settings, unitId }) => `unit ${unitId} at ${lineSettings(settings)}`);
  if (garbled.length > 0)
    hints.push(
      `bytes that are no frame came from ${places.join(", ")}: two meters with one unit id, or noise`,
    );
  if (hasEcho) hints.push("the adapter hears what it sends itself; edso takes that out by itself");
  if (devices.length === 0 && garbled.length === 0 && asked === toAsk) hints.push(SILENT_LINE);
  if (asked < toAsk) hints.push(`ended early: ${asked} of ${toAsk} asked`);
  const settings = new Set(devices.map((device) => lineSettings(device.settings)));
  if (settings.size > 1)
    hints.push("meters of one line must share speed and parity: set them alike at their displays");
  return hints;
}
