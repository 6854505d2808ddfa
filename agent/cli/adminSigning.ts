/** What every transaction of the GridAdmin is signed with: its keys, the chain, and the number that is due. */
import type { Command } from "commander";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import { isMemberId, type MemberId } from "../core/membership/address.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies, Identity } from "./dependencies.ts";
import { readGenesisFile } from "./genesisFile.ts";
import { wholeNumber } from "./wholeNumber.ts";

/** Options of every command that signs as the GridAdmin. */
export type AdminFlags = {
  readonly genesis: string;
  readonly adminKeys: string;
  readonly sequence: string;
  readonly out: string;
  readonly json?: boolean;
};

/** @param command any @returns it with the options of {@link AdminFlags} */
export function withSigning(command: Command): Command {
  return command
    .requiredOption("--genesis <file>", "genesis of the street")
    .requiredOption("--admin-keys <dir>", "the GridAdmin's keys")
    .requiredOption("--sequence <n>", "number of this transaction: `edso dso` on any gateway tells the next")
    .requiredOption("--out <file>", "transaction to write, for `edso submit` on any gateway")
    .option("--json", "print the result as JSON");
}

/**
 * @param flags of the command
 * @param dependencies of the composition root
 * @returns the chain, the GridAdmin's keys and the sequence of its transaction
 * @throws CliError `ADMIN_KEYS_OTHER`, `CLI_USAGE`; whatever reading genesis and keys throws
 */
export async function adminOf(
  flags: AdminFlags,
  dependencies: CliDependencies,
): Promise<{ readonly context: LedgerContext; readonly admin: Identity; readonly sequence: number }> {
  const sequence = wholeNumber("--sequence", flags.sequence, 1, Number.MAX_SAFE_INTEGER);
  const context = await readGenesisFile(flags.genesis, dependencies.verify);
  const admin = await dependencies.loadIdentity(flags.adminKeys);
  if (!isKeyOf(context, admin.publicKey)) {
    throw new CliError("ADMIN_KEYS_OTHER", {
      why: `the keys in ${flags.adminKeys} are not those that signed ${flags.genesis}`,
    });
  }
  return { context, admin, sequence };
}

/**
 * A member that was admitted after the genesis has no name in it: then its address is asked for.
 *
 * @param context of the genesis
 * @param text name or address
 * @returns the member
 * @throws CliError `CLI_USAGE`
 */
export function memberOf({ roster }: LedgerContext, text: string): MemberId {
  if (isMemberId(text)) return text;
  const found = roster.members.find(({ name }) => name === text);
  if (found !== undefined) return found.id;
  throw usageError(
    `no member of the genesis is called ${text}`,
    "who was admitted later is named by its address: `edso status` on its gateway shows it",
  );
}

function isKeyOf({ genesis }: LedgerContext, publicKey: Uint8Array): boolean {
  return Buffer.from(genesis.gridAdminKey).equals(publicKey);
}
