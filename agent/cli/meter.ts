/** `edso meter`: lists the kinds of meter there are, and reads one. */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import type { LineConfig } from "../config/schema.ts";
import type { MeterReadOut } from "../ports/meter.ts";
import { usageError } from "./cliError.ts";
import { chosenDefinition, definitionWarning } from "./definitionChoice.ts";
import type { CliDependencies, MeterDefinitionInfo, MeterTarget } from "./dependencies.ts";
import { lineSettings, meterFailure } from "./meterFailure.ts";
import { schemaCommand, validateCommand } from "./meterValidate.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { textTable } from "./textTable.ts";
import { wholeNumber } from "./wholeNumber.ts";

type ReadFlags = PlaceFlags & {
  readonly port?: string;
  readonly baud: string;
  readonly parity: LineConfig["parity"];
  readonly stopBits: string;
  readonly unit: string;
  readonly definition?: string;
  readonly timeoutMs: string;
  readonly json?: boolean;
};

/** A meter to read; its role is known from a configuration only. */
type Wanted = { readonly role: string | null; readonly target: MeterTarget };
type WasRead = Wanted & { readonly readOut: MeterReadOut; readonly ageMs: number };

const UNIT_CHANGE_GAP_MS = 200;

/** @param dependencies of the composition root @returns the command group */
export function meterCommand(dependencies: CliDependencies): Command {
  const meter = new Command("meter").description(
    "list the kinds of meter, read one, check a definition of your own",
  );
  meter
    .command("list")
    .description("print the meter definitions there are")
    .option("--json", "print them as JSON")
    .action((flags: { readonly json?: boolean }) => list(flags.json === true, dependencies));
  withPlace(meter.command("read"))
    .description("read every quantity, of all configured meters or of one on a port")
    .option("--port <path>", "serial device, without a configuration")
    .option("--baud <rate>", "speed, with --port", "9600")
    .addOption(
      new Option("--parity <parity>", "parity, with --port").choices(["none", "even", "odd"]).default("none"),
    )
    .option("--stop-bits <count>", "stop bits, with --port", "1")
    .option("--unit <id>", "Modbus unit id, with --port", "1")
    .option("--definition <id or file>", "kind of meter, or a YAML file that describes it, with --port")
    .option("--timeout-ms <ms>", "longest wait for one answer, with --port", "1000")
    .option("--json", "print the values as JSON")
    .action((flags: ReadFlags) => read(flags, dependencies));
  meter.addCommand(validateCommand(dependencies));
  meter.addCommand(schemaCommand(dependencies));
  return meter;
}

function list(isJson: boolean, { terminal, meterDefinitions }: CliDependencies): void {
  const definitions = meterDefinitions();
  if (isJson) {
    terminal.out(`${JSON.stringify({ schema: "edso.meters/2", definitions })}\n`);
    return;
  }
  const rows = definitions.map(({ id, maker, model, status, factory, tcp }) => [
    id,
    maker,
    model,
    factoryLine({ factory, tcp }),
    String((factory ?? tcp)?.unitId ?? "n/a"),
    status,
  ]);
  const headings = ["definition", "maker", "model", "factory line", "unit", "status"];
  terminal.out(`${textTable(headings, rows).join("\n")}\n`);
}

function factoryLine({ factory, tcp }: Pick<MeterDefinitionInfo, "factory" | "tcp">): string {
  if (factory !== null) return lineSettings(factory);
  return tcp === null ? "n/a" : `TCP ${tcp.port}`;
}

/** What could be read is printed even when another meter fails. */
async function read(flags: ReadFlags, dependencies: CliDependencies): Promise<void> {
  const wanted =
    flags.port === undefined ? configured(flags, dependencies) : [single(flags.port, flags, dependencies)];
  const meters: WasRead[] = [];
  let failure: Error | undefined;
  for (const { role, target } of wanted) {
    try {
      const readOut = await dependencies.readMeter(target);
      meters.push({ role, target, readOut, ageMs: Math.max(0, Date.now() - readOut.takenAtMs) });
    } catch (error) {
      failure ??= meterFailure(error, target, dependencies.meterDefinitions());
    }
  }
  const { terminal } = dependencies;
  if (flags.json !== true) warn(wanted, dependencies);
  if (flags.json === true && meters.length > 0) {
    terminal.out(`${JSON.stringify({ schema: "edso.meter-read/1", meters: meters.map(meterJson) })}\n`);
  } else {
    terminal.out(meters.map(meterText).join("\n"));
  }
  if (failure !== undefined) throw failure;
}

function configured(flags: ReadFlags, dependencies: CliDependencies): readonly Wanted[] {
  return configOf(flags, dependencies).lines.flatMap(({ meters, ...line }) =>
    meters.map(({ role, definition, unitId, invert, timeoutMs }) => ({
      role,
      target: { ...line, definition, unitId, invert, timeoutMs },
    })),
  );
}

/** Each kind once, however many meters are of it. */
function warn(wanted: readonly Wanted[], dependencies: CliDependencies): void {
  const ids = new Set(wanted.map(({ target }) => target.definition));
  const chosen = [...ids].map((id): MeterDefinitionInfo | undefined => chosenDefinition(id, dependencies));
  for (const line of chosen.flatMap((info) => (info === undefined ? [] : definitionWarning(info))))
    dependencies.terminal.error(`edso: ${line}\n`);
}

function single(port: string, flags: ReadFlags, dependencies: CliDependencies): Wanted {
  const known = dependencies.meterDefinitions().map(({ id }) => id);
  const definition = flags.definition;
  if (definition === undefined || chosenDefinition(definition, dependencies) === undefined) {
    throw usageError(
      definition === undefined ? "--definition is missing" : `there is no definition ${definition}`,
      `give --definition one of: ${known.join(", ")}`,
    );
  }
  const target: MeterTarget = {
    port: resolve(port),
    // Any rate the adapter can do may be tried; a configuration keeps to those that meters have.
    baudRate: wholeNumber("--baud", flags.baud, 300, 921_600) as LineConfig["baudRate"],
    parity: flags.parity,
    stopBits: wholeNumber("--stop-bits", flags.stopBits, 1, 2) as LineConfig["stopBits"],
    unitChangeGapMs: UNIT_CHANGE_GAP_MS,
    definition,
    unitId: wholeNumber("--unit", flags.unit, 1, 247),
    invert: false,
    timeoutMs: wholeNumber("--timeout-ms", flags.timeoutMs, 50, 30_000),
  };
  return { role: null, target };
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
