/** The genesis a configuration names. */
import { type LedgerContext, ledgerContext } from "../core/ledger/context.ts";
import { MAX_GENESIS_BYTES, readGenesis } from "../core/membership/genesis.ts";
import type { Verify } from "../core/signature.ts";
import { CliError } from "./cliError.ts";
import { readInputFile } from "./inputFile.ts";

/**
 * @param path of `genesis.cbor`
 * @param verify judges its signatures
 * @returns the facts that every rule of the ledger needs
 * @throws CliError `GENESIS_REFUSED`, `CLI_FILE_MISSING`, `CLI_FILE_UNREADABLE`
 */
export async function readGenesisFile(path: string, verify: Verify): Promise<LedgerContext> {
  const genesis = readGenesis(await readInputFile(path, MAX_GENESIS_BYTES), verify);
  if (genesis.kind === "accept") return ledgerContext(genesis.value, verify);
  throw new CliError("GENESIS_REFUSED", {
    path,
    why: `${path}: ${genesis.code} ${genesis.detail ?? ""}`.trim(),
  });
}
