/** Why a meter could not be read, what was tried, and what an installer should look at. */
import { isNetworkAddress } from "../config/lineAddress.ts";
import { isAgentError } from "../core/errors.ts";
import { CliError } from "./cliError.ts";
import type { MeterDefinitionInfo, MeterTarget } from "./dependencies.ts";

/** How a line or a meter is set; the factory may set rates that no configuration names. */
export type LineSettings = Pick<MeterTarget, "parity" | "stopBits"> & { readonly baudRate: number };

/** By the driver's code. @source docs/drivers.md */
const HINTS: Readonly<Record<string, string>> = {
  DRIVER_TIMEOUT:
    "check that the meter has power, swap A and B, compare unit id, baud rate and parity with the meter's display",
  DRIVER_CRC:
    "compare baud rate and parity with the meter's display; fit the 120 ohm terminators; keep the cable off mains wiring",
  DRIVER_WRONG_UNIT: "another meter answers: give every meter of the line its own unit id",
  DRIVER_BAD_ANSWER: "compare baud rate and parity with the meter's display, and --definition with its label",
  DRIVER_EXCEPTION: "the meter answers but has no such register: compare --definition with its label",
  DRIVER_BAD_VALUE:
    "the meter answers, but marks its energy as absent: compare --definition with its label, and its settings with `edso meter list --json`, cautions",
  DRIVER_NO_MODEL:
    "the device has no such SunSpec model: switch SunSpec on in its settings, or choose another definition",
  DRIVER_WRONG_MODEL: "the models of the device have moved: try again",
  DRIVER_PORT_OPEN:
    "check that the adapter is plugged in (ls /dev/serial/by-id), that your user is in group dialout, and that no agent has the port",
  DRIVER_PORT_GONE: "plug the adapter in again",
  DRIVER_PORT_LENT: "another command has the line: wait until it has ended",
};
const NETWORK_HINT =
  "check address and port (502 for most), that the host is switched on, and that it takes another connection";

/**
 * @param error that reading threw
 * @param target what was tried
 * @param definitions what could have been
 * @returns an error that tells all of it; whatever is no failure of a driver as it was
 */
export function meterFailure(
  error: unknown,
  target: MeterTarget,
  definitions: readonly MeterDefinitionInfo[],
): Error {
  if (!isAgentError(error) || !error.code.startsWith("DRIVER_")) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const { port, unitId, definition, timeoutMs } = target;
  const tried = { port, line: lineSettings(target), unitId, definition, timeoutMs };
  const why = `${error.code}; tried ${definition} on ${port} at ${tried.line}, unit ${unitId}, waiting ${timeoutMs} ms`;
  const isFar = isMatterOfPort(error.code) && isNetworkAddress(port);
  const hint = isFar ? NETWORK_HINT : (HINTS[error.code] ?? "check wiring and settings");
  const fix = isMatterOfPort(error.code) ? hint : `${hint}${settingsHint(definition, definitions)}`;
  return new CliError("METER_UNREADABLE", { ...tried, driverCode: error.code, why, fix }, error);
}

/** @param settings of a line @returns them as on a nameplate, `9600 8N1` */
export function lineSettings({ baudRate, parity, stopBits }: LineSettings): string {
  return `${baudRate} 8${parity.charAt(0).toUpperCase()}${stopBits}`;
}

function isMatterOfPort(code: string): boolean {
  return code.startsWith("DRIVER_PORT_");
}

function settingsHint(id: string, definitions: readonly MeterDefinitionInfo[]): string {
  const factory = definitions.find((definition) => definition.id === id)?.factory;
  const leaves =
    factory === undefined || factory === null
      ? ""
      : `; it leaves the factory at ${lineSettings(factory)}${factory.unitId === undefined ? "" : `, unit ${factory.unitId}`}`;
  return `${leaves}; \`edso meter list\` names the other kinds`;
}
