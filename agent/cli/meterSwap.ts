/** `edso meter swap`: tells the running agent that a meter was taken off and another put in its place. */
import { type Command, Option } from "commander";
import { isAgentError } from "../core/errors.ts";
import { METER_ROLES, METER_SERIAL, type MeterRole } from "../core/membership/enrolment.ts";
import type { SwapRequest, TransactionView } from "../ports/governanceView.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";

type SwapFlags = PlaceFlags & {
  readonly role: MeterRole;
  readonly old: string;
  readonly new: string;
  readonly oldEnd: string;
  readonly newStart: string;
  readonly socket?: string;
  readonly json?: boolean;
};

/** What an installer does about a refusal. */
const FIXES: Readonly<Record<string, string>> = {
  SWAP_NOT_METER: "give the role and the serial number that are enrolled; `edso config show` prints them",
  SWAP_REGISTERS: "give one register of each meter, at `grid` two: import and export, with a comma between",
  SWAP_SERIAL_TAKEN: "read the serial number off the new meter again: another enrolled meter has this one",
  SWAP_BELOW_LAST: "read the old meter's end again: it is below what the ledger has of it already",
  SWAP_SETTLED: "try again in the next interval",
  SWAP_TOO_MANY: "wait until the swaps before are settled",
  SWAP_NOT_NOW: "wait until the agent reads its meters under a trusted clock; `edso status` says so",
};
const WH_DIGITS = 3;

/** @param command without options @param dependencies of the composition root */
export function defineMeterSwap(command: Command, dependencies: CliDependencies): void {
  withPlace(command)
    .description("say that a meter was swapped; before the new one is on the line")
    .addOption(new Option("--role <role>", "its role").choices(METER_ROLES).makeOptionMandatory())
    .requiredOption("--old <serial>", "serial number of the meter that was taken off")
    .requiredOption("--new <serial>", "serial number of the meter in its place")
    .requiredOption("--old-end <kWh>", "what the old meter showed last; at `grid` import,export")
    .requiredOption("--new-start <kWh>", "what the new meter shows first; likewise")
    .option("--socket <path>", "socket of the agent, without a configuration")
    .option("--json", "print the transaction as JSON")
    .action((flags: SwapFlags) => swap(flags, dependencies));
}

async function swap(flags: SwapFlags, dependencies: CliDependencies): Promise<void> {
  const request: SwapRequest = {
    role: flags.role,
    oldSerial: serialOf("--old", flags.old),
    newSerial: serialOf("--new", flags.new),
    oldEndWh: registersOf("--old-end", flags.oldEnd),
    newStartWh: registersOf("--new-start", flags.newStart),
  };
  const client = dependencies.agentClient(flags.socket ?? configOf(flags, dependencies).api.socket);
  const view = await client.swapMeter(request).catch((error: unknown) => {
    throw refusalOf(error);
  });
  dependencies.terminal.out(flags.json === true ? `${JSON.stringify(view)}\n` : swapText(view, request));
}

function serialOf(option: string, text: string): string {
  if (!METER_SERIAL.test(text))
    throw usageError(`${option} is ${JSON.stringify(text)}`, "give 1 to 32 characters, without spaces");
  return text;
}

/** As on the display, in kWh; what is below a Wh is left out, as it is of every register. */
function registersOf(option: string, text: string): readonly number[] {
  const values = text.split(",").map((part) => {
    const [, whole, fraction = ""] = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(part.trim()) ?? [];
    return whole === undefined
      ? Number.NaN
      : Number(whole + fraction.slice(0, WH_DIGITS).padEnd(WH_DIGITS, "0"));
  });
  if (values.length > 2 || values.some(Number.isNaN))
    throw usageError(`${option} is ${JSON.stringify(text)}`, "give kWh as on the display, such as 12345.67");
  return values;
}

function refusalOf(error: unknown): unknown {
  const code = isAgentError(error) && error.code === "API_REFUSED" ? String(error.detail.apiCode) : "";
  const fix = FIXES[code];
  if (!isAgentError(error) || fix === undefined) return error;
  return new CliError(
    "METER_SWAP_REFUSED",
    { swapCode: code, why: `${code}: ${error.detail.reason}`, fix },
    error,
  );
}

function swapText(
  { signer, sequence, id }: TransactionView,
  { role, oldSerial, newSerial }: SwapRequest,
): string {
  return [
    `the ${role} meter of ${signer} is ${newSerial} in place of ${oldSerial}; transaction ${sequence} waits for a block`,
    `id  ${id}`,
    "next:",
    "  1. put the new meter on the line, with the old one's unit id, speed and parity",
    "  2. where it is of another kind, set its definition in the configuration and start the agent again",
    "  3. edso meter test: does it answer, and does it count the right way",
    "",
  ].join("\n");
}
