/** Transactions that the GridAdmin signs away from every gateway, and that any gateway then hands to the street. */
import { decode } from "../core/codec.ts";
import {
  encodeTransaction,
  GRID_ADMIN,
  MAX_TRANSACTION_BYTES,
  type SignedTransaction,
  signedTransaction,
  type Transaction,
  type TransactionContent,
  transactionSignBytes,
} from "../core/ledger/state/transaction.ts";
import type { Roster } from "../core/membership/roster.ts";
import { CliError } from "./cliError.ts";
import type { Identity } from "./dependencies.ts";
import { readInputFile } from "./inputFile.ts";
import { writeNewFile } from "./newFile.ts";

/**
 * @param path to write; nothing is overwritten
 * @param admin the GridAdmin's keys
 * @param roster chain and epoch that the signature is bound to
 * @param sequence of the GridAdmin's transaction, as `edso dso` tells it
 * @param content what is asked for
 * @returns the transaction as written
 * @throws CliError `CLI_FILE_EXISTS`, `CLI_FILE_UNWRITABLE`
 */
export async function writeTransaction(
  path: string,
  admin: Identity,
  roster: Roster,
  sequence: number,
  content: TransactionContent,
): Promise<SignedTransaction> {
  const transaction: Transaction = { signer: GRID_ADMIN, sequence, content };
  const { chainId, epoch } = roster;
  const signature = await admin.sign(transactionSignBytes(transaction, chainId, epoch));
  const signed = { transaction, signature };
  await writeNewFile(path, encodeTransaction(signed));
  return signed;
}

/** @param path of a transaction @returns its bytes, well-formed @throws CliError `TRANSACTION_REFUSED`, `CLI_FILE_MISSING`, `CLI_FILE_UNREADABLE` */
export async function readTransactionFile(path: string): Promise<Uint8Array> {
  const bytes = await readInputFile(path, MAX_TRANSACTION_BYTES);
  const read = decode(bytes, signedTransaction, MAX_TRANSACTION_BYTES);
  if (read.kind === "accept") return bytes;
  throw new CliError("TRANSACTION_REFUSED", { path, why: `${path}: ${read.code}` });
}
