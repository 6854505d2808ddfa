/** `edso admin policy|issue|regulator-key`: the GridAdmin's half of policies, and coins. */

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { toHex } from "../core/bytes.ts";
import { encode } from "../core/codec.ts";
import { MAX_TRANSACTION_BYTES, type TransactionContent } from "../core/ledger/state/transaction.ts";
import { judgePolicyForm } from "../core/membership/judgePolicy.ts";
import { cborSignedPolicy } from "../core/membership/policy.ts";
import { microCoins } from "../core/units.ts";
import { type AdminFlags, adminOf, memberOf, withSigning } from "./adminSigning.ts";
import { CliError, usageError } from "./cliError.ts";
import { microCoinsOf } from "./compilePolicy.ts";
import type { CliDependencies } from "./dependencies.ts";
import { readGenesisFile } from "./genesisFile.ts";
import { readSignedPolicy } from "./signedPolicyFile.ts";
import { writeTransaction } from "./transactionFile.ts";

const COINS = /^\d{1,12}(\.\d{1,6})?$/;

/** @param admin command group @param dependencies of the composition root */
export function addMoneyCommands(admin: Command, dependencies: CliDependencies): void {
  withSigning(admin.command("policy"))
    .description("deploy a policy that the Regulator signed")
    .argument("<file>", "as `edso policy sign` wrote it")
    .action((path: string, flags: AdminFlags) => deploy(path, flags, dependencies));
  withSigning(admin.command("issue"))
    .description("issue coins to a member's account")
    .requiredOption("--to <member>", "name or address")
    .requiredOption("--coins <n>", "coins, with at most six digits behind the point")
    .action((flags: AdminFlags & { readonly to: string; readonly coins: string }) =>
      issue(flags, dependencies),
    );
  admin
    .command("regulator-key")
    .description("print the Regulator's public key for `edso admin genesis --regulator`")
    .requiredOption("--keys <dir>", "the Regulator's keys; made when absent")
    .option("--json", "print the result as JSON")
    .action((flags: { readonly keys: string; readonly json?: boolean }) => tellKey(flags, dependencies));
}

async function deploy(path: string, flags: AdminFlags, dependencies: CliDependencies): Promise<void> {
  const context = await readGenesisFile(flags.genesis, dependencies.verify);
  const signed = await readSignedPolicy(path);
  const judged = judgePolicyForm(signed, context.genesis, dependencies.verify);
  const bytes = encode(cborSignedPolicy(signed)).length;
  const why =
    judged.kind === "accept"
      ? bytes < MAX_TRANSACTION_BYTES
        ? null
        : `${bytes} bytes do not fit a transaction`
      : `${judged.code} ${judged.detail ?? ""}`.trim();
  if (why !== null) throw new CliError("POLICY_REFUSED", { path, why: `${path}: ${why}` });
  const { version, from, to } = signed.policy;
  await signContent({ kind: "policy", signed }, `policy ${version}, ${from} to ${to}`, flags, dependencies);
}

async function issue(
  flags: AdminFlags & { readonly to: string; readonly coins: string },
  dependencies: CliDependencies,
): Promise<void> {
  if (!COINS.test(flags.coins) || microCoinsOf(flags.coins) === 0n)
    throw usageError(`--coins is ${JSON.stringify(flags.coins)}`, "give coins above 0, such as 25 or 0.5");
  const context = await readGenesisFile(flags.genesis, dependencies.verify);
  const to = memberOf(context, flags.to);
  const amount = microCoins(microCoinsOf(flags.coins));
  await signContent(
    { kind: "issue", to, amount },
    `issue ${flags.coins} coins to ${flags.to}`,
    flags,
    dependencies,
  );
}

async function signContent(
  content: TransactionContent,
  what: string,
  flags: AdminFlags,
  dependencies: CliDependencies,
): Promise<void> {
  const { terminal } = dependencies;
  const { context, admin, sequence } = await adminOf(flags, dependencies);
  await writeTransaction(flags.out, admin, context.roster, sequence, content);
  const told = { schema: "edso.admin-transaction/1", kind: content.kind, sequence, file: flags.out };
  if (flags.json === true) return terminal.out(`${JSON.stringify(told)}\n`);
  terminal.out(`wrote ${flags.out}: ${what}, transaction ${sequence} of the GridAdmin\n`);
  terminal.out(
    "next: `edso submit FILE` on any gateway; `edso policy show` and `edso accounts` tell what came of it\n",
  );
}

async function tellKey(
  { keys, json }: { readonly keys: string; readonly json?: boolean },
  dependencies: CliDependencies,
): Promise<void> {
  const { terminal } = dependencies;
  if (!existsSync(keys)) {
    await dependencies.createKeys(keys);
    terminal.error(
      `edso: made the Regulator's keys in ${keys}; keep them off every gateway, and a copy of them\n`,
    );
  }
  const { publicKey } = await dependencies.loadIdentity(keys);
  const told = { schema: "edso.regulator-key/1", publicKey: toHex(publicKey) };
  terminal.out(json === true ? `${JSON.stringify(told)}\n` : `${told.publicKey}\n`);
}
