/** `edso policy`: what the Regulator writes, checks and signs, and what is in force. */
import { Command } from "commander";
import { readPolicyFile } from "../config/policyFile.ts";
import { encode } from "../core/codec.ts";
import { policyFault } from "../core/membership/judgePolicy.ts";
import { cborSignedPolicy, type Policy, policySignBytes } from "../core/membership/policy.ts";
import { intervalStartMs } from "../core/metering/interval.ts";
import { intervalIndex } from "../core/units.ts";
import { CliError } from "./cliError.ts";
import { compilePolicy } from "./compilePolicy.ts";
import type { CliDependencies } from "./dependencies.ts";
import { writeNewFile } from "./newFile.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { accountsText, type Choice, policiesText } from "./policyText.ts";
import { textTable } from "./textTable.ts";
import { wholeNumber } from "./wholeNumber.ts";

type AskFlags = PlaceFlags & { readonly socket?: string; readonly json?: boolean };
type ShowFlags = AskFlags & { readonly all?: boolean; readonly interval?: string };
type SignFlags = { readonly keys: string; readonly out: string; readonly json?: boolean };

/** @param dependencies of the composition root @returns the command group */
export function policyCommand(dependencies: CliDependencies): Command {
  const policy = new Command("policy").description(
    "what the Regulator decides: prices, fees, credit, carbon",
  );
  asking(policy.command("show"), "print the policy in force, with the prices of its steps")
    .option("--all", "every policy that is deployed")
    .option("--interval <n>", "the one that holds in that interval")
    .action((flags: ShowFlags) => show(flags, dependencies));
  policy
    .command("check")
    .description("compile a policy file and say what it comes to; nothing is written")
    .argument("<file>", "YAML; docs/policy.md says what it may hold")
    .option("--json", "print the result as JSON")
    .action((path: string, flags: { readonly json?: boolean }) => {
      const { compiled, intervalMs } = checked(path);
      tell(dependencies, flags.json === true, compiled, [], intervalMs);
    });
  policy
    .command("sign")
    .description("compile a policy file and sign it with the Regulator's keys")
    .argument("<file>", "YAML")
    .requiredOption("--keys <dir>", "the Regulator's keys; `edso admin regulator-key` makes them")
    .requiredOption("--out <prefix>", "files to write: PREFIX-<version>.cbor")
    .option("--json", "print the result as JSON")
    .action((path: string, flags: SignFlags) => sign(path, flags, dependencies));
  return policy;
}

/** @param dependencies of the composition root @returns the command */
export function accountsCommand(dependencies: CliDependencies): Command {
  return asking(
    new Command("accounts"),
    "print what every account holds, and who may buy from others",
  ).action(async (flags: AskFlags) => {
    const view = await clientOf(flags, dependencies).accounts();
    dependencies.terminal.out(flags.json === true ? `${JSON.stringify(view)}\n` : accountsText(view));
  });
}

async function show(flags: ShowFlags, dependencies: CliDependencies): Promise<void> {
  const view = await clientOf(flags, dependencies).policies();
  const choice: Choice =
    flags.interval === undefined
      ? { kind: flags.all === true ? "all" : "in-force" }
      : {
          kind: "interval",
          interval: wholeNumber("--interval", flags.interval, 0, Number.MAX_SAFE_INTEGER),
        };
  dependencies.terminal.out(flags.json === true ? `${JSON.stringify(view)}\n` : policiesText(view, choice));
}

async function sign(path: string, flags: SignFlags, dependencies: CliDependencies): Promise<void> {
  const { compiled, intervalMs } = checked(path);
  const regulator = await dependencies.loadIdentity(flags.keys);
  const files: string[] = [];
  for (const policy of compiled) {
    const signature = await regulator.sign(policySignBytes(policy));
    const file = `${flags.out}-${policy.version}.cbor`;
    await writeNewFile(file, encode(cborSignedPolicy({ policy, signature })));
    files.push(file);
  }
  tell(dependencies, flags.json === true, compiled, files, intervalMs);
}

/** Compiled, and each without a fault of its own; whether it follows what is deployed, the ledger judges. */
function checked(path: string): { readonly compiled: readonly Policy[]; readonly intervalMs: number } {
  const file = readPolicyFile(path);
  const compiled = compilePolicy(file);
  for (const policy of compiled) {
    const fault = policyFault(policy);
    if (fault !== undefined)
      throw new CliError("POLICY_REFUSED", { path, why: `${fault.code} ${fault.detail ?? ""}`.trim() });
  }
  return { compiled, intervalMs: file.intervalSeconds * 1_000 };
}

function tell(
  { terminal }: CliDependencies,
  isJson: boolean,
  compiled: readonly Policy[],
  files: readonly string[],
  intervalMs: number,
): void {
  const bytesOf = (policy: Policy) =>
    encode(cborSignedPolicy({ policy, signature: new Uint8Array(64) })).length;
  const told = compiled.map((policy, index) => ({
    version: policy.version,
    from: policy.from as number,
    to: policy.to as number,
    steps: policy.prices.length,
    bytes: bytesOf(policy),
    file: files[index] ?? null,
  }));
  if (isJson) {
    terminal.out(`${JSON.stringify({ schema: "edso.compiled-policy/1", policies: told })}\n`);
    return;
  }
  const at = (interval: number) =>
    `${new Date(intervalStartMs(intervalIndex(interval), intervalMs)).toISOString().slice(0, 16)}Z`;
  const rows = told.map(({ version, from, to, steps, bytes, file }) => [
    String(version),
    `${from} (${at(from)})`,
    `${to} (${at(to)})`,
    String(steps),
    String(bytes),
    file ?? "",
  ]);
  const columns = ["version", "from interval", "to interval", "steps", "bytes", "file"];
  const lines = textTable(columns, rows, ["right", "left", "left", "right", "right", "left"]);
  const next =
    files.length === 0
      ? "next: `edso policy sign` with the Regulator's keys"
      : "next: `edso admin genesis --policy FILE`, or in a running street `edso admin policy FILE`, by the GridAdmin";
  terminal.out(`${lines.join("\n")}\n${next}\n`);
}

function asking(command: Command, description: string): Command {
  return withPlace(command)
    .description(description)
    .option("--socket <path>", "socket of the agent, without a configuration")
    .option("--json", "print it as JSON");
}

function clientOf(flags: AskFlags, dependencies: CliDependencies) {
  return dependencies.agentClient(flags.socket ?? configOf(flags, dependencies).api.socket);
}
