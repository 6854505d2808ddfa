/** Which meters a command is about: those of a configuration, or one on a port named by options. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { isLineAddress, isNetworkAddress, LINE_ADDRESS_FORM } from "../config/lineAddress.ts";
import type { LineConfig } from "../config/schema.ts";
import type { MeterRole } from "../core/membership/enrolment.ts";
import { usageError } from "./cliError.ts";
import { chosenDefinition } from "./definitionChoice.ts";
import type { CliDependencies, LineTarget, MeterTarget } from "./dependencies.ts";
import { configOf, type PlaceFlags } from "./place.ts";
import { wholeNumber } from "./wholeNumber.ts";

/** Options that {@link withLine} adds. */
export type LineFlags = {
  readonly port?: string;
  readonly baud: string;
  readonly parity: LineConfig["parity"];
  readonly stopBits: string;
  readonly rs485: LineConfig["rs485"];
};

/** Options that {@link withMeter} adds. */
export type MeterFlags = PlaceFlags &
  LineFlags & {
    readonly unit: string;
    readonly definition?: string;
    readonly timeoutMs: string;
  };

/** A meter to read; its role is known from a configuration only. */
export type Wanted = { readonly role: MeterRole | null; readonly target: MeterTarget };

/** What a configuration has as its default. */
const UNIT_CHANGE_GAP_MS = 200;

/** @param command to be told which line @returns the same, with the port and its settings */
export function withLine(command: Command): Command {
  return command
    .option("--port <port>", `${LINE_ADDRESS_FORM}, without a configuration`)
    .option("--baud <rate>", "speed, with --port", "9600")
    .addOption(
      new Option("--parity <parity>", "parity, with --port").choices(["none", "even", "odd"]).default("none"),
    )
    .option("--stop-bits <count>", "stop bits, with --port", "1")
    .addOption(rs485Option());
}

/** @returns the option of who switches the transceiver */
export function rs485Option(): Option {
  return new Option("--rs485 <by>", "who switches between sending and listening, with --port")
    .choices(["adapter", "kernel-rts-high", "kernel-rts-low"])
    .default("adapter");
}

/** @param command to be told which meter @returns the same, with line, unit and definition */
export function withMeter(command: Command): Command {
  return withLine(command)
    .option("--unit <id>", "Modbus unit id, with --port", "1")
    .option("--definition <id or file>", "kind of meter, or a YAML file that describes it, with --port")
    .option("--timeout-ms <ms>", "longest wait for one answer, with --port", "1000");
}

/**
 * @param flags as given
 * @param dependencies of the composition root
 * @returns every meter of the configuration, or the one on --port
 * @throws CliError `CLI_USAGE`; ConfigError
 */
export function wantedMeters(flags: MeterFlags, dependencies: CliDependencies): readonly Wanted[] {
  if (flags.port !== undefined) return [single(flags.port, flags, dependencies)];
  return configOf(flags, dependencies).lines.flatMap(({ meters, ...line }) =>
    meters.map(({ role, definition, unitId, invert, timeoutMs }) => ({
      role,
      target: { ...line, definition, unitId, invert, timeoutMs },
    })),
  );
}

/**
 * @param text as given
 * @returns the port: a path from the root, or an address
 * @throws CliError `CLI_USAGE`
 */
export function portOf(text: string): string {
  if (!isLineAddress(text))
    throw usageError(`--port is ${JSON.stringify(text)}`, `give ${LINE_ADDRESS_FORM}`);
  return isNetworkAddress(text) ? text : resolve(text);
}

/** @param port as given @param flags of the line @returns the line @throws CliError `CLI_USAGE` */
export function lineOf(port: string, { baud, parity, stopBits, rs485 }: LineFlags): LineTarget {
  return {
    port: portOf(port),
    // Any rate the adapter can do may be tried; a configuration keeps to those that meters have.
    baudRate: wholeNumber("--baud", baud, 300, 921_600) as LineConfig["baudRate"],
    parity,
    stopBits: wholeNumber("--stop-bits", stopBits, 1, 2) as LineConfig["stopBits"],
    rs485,
    unitChangeGapMs: UNIT_CHANGE_GAP_MS,
  };
}

function single(port: string, flags: MeterFlags, dependencies: CliDependencies): Wanted {
  const known = dependencies.meterDefinitions().map(({ id }) => id);
  const { definition } = flags;
  if (definition === undefined || chosenDefinition(definition, dependencies) === undefined) {
    throw usageError(
      definition === undefined ? "--definition is missing" : `there is no definition ${definition}`,
      `give --definition one of: ${known.join(", ")}`,
    );
  }
  const target: MeterTarget = {
    ...lineOf(port, flags),
    definition,
    unitId: wholeNumber("--unit", flags.unit, 1, 247),
    invert: false,
    timeoutMs: wholeNumber("--timeout-ms", flags.timeoutMs, 50, 30_000),
  };
  return { role: null, target };
}
