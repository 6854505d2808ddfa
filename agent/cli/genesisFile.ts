/** The genesis a configuration names. */
import { chainContext, type LedgerContext } from "../core/ledger/state/context.ts";
import { MAX_GENESIS_FILE_BYTES, openGenesisFile } from "../core/membership/genesisFile.ts";
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
  const genesis = openGenesisFile(await readInputFile(path, MAX_GENESIS_FILE_BYTES), verify);
  if (genesis.kind === "accept") return chainContext(genesis.value, verify);
  throw new CliError("GENESIS_REFUSED", {
    path,
    why: `${path}: ${genesis.code} ${genesis.detail ?? ""}`.trim(),
  });
}
