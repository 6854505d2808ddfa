/** What a command itself finds wrong; failures underneath keep their own codes. */
import { AgentError } from "../core/errors.ts";

/** Codes of {@link CliError}. */
export type CliErrorCode =
  /** An option or argument is not what the command takes. */
  | "CLI_USAGE"
  /** A file that would be overwritten. */
  | "ADMIN_KEYS_OTHER"
  | "TRANSACTION_REFUSED"
  | "CLI_FILE_EXISTS"
  | "CLI_FILE_MISSING"
  | "CLI_FILE_UNREADABLE"
  | "CLI_FILE_UNWRITABLE"
  /** There is no ledger in the data directory. */
  | "LEDGER_ABSENT"
  /** There is no block at the height asked for. */
  | "LEDGER_NO_BLOCK"
  /** No block at hand settled the interval. */
  | "LEDGER_NO_INTERVAL"
  /** A stored block, certificate or state is not what the chain says. */
  | "LEDGER_DAMAGED"
  /** The outbox knows of a block that the ledger has not. */
  | "LEDGER_BEHIND_OUTBOX"
  | "LEDGER_BEGINS_LATER"
  /** No block holds a measured reading of this gateway for the interval asked for. */
  | "LEDGER_NO_READING"
  | "FRAMES_NOT_KEPT"
  /** What is kept is not what was signed. */
  | "FRAMES_DIFFER"
  /** No household of that name or id ever took part. */
  | "MEMBER_UNKNOWN"
  /** A reference that names no line of the ledger. */
  | "LINE_UNKNOWN"
  | "GENESIS_REFUSED"
  | "ENROLMENT_REFUSED"
  /** A policy that the street would not take, or a file that says none. */
  | "POLICY_REFUSED"
  /** Too few sound reports to prove what was decided. */
  | "RECOVERY_TOO_FEW"
  /** A report that is forged, of another epoch or of another chain. */
  | "RECOVERY_REPORT_REFUSED"
  /** A reporter's chain is longer than the blocks at hand. */
  | "RECOVERY_BLOCKS_SHORT"
  | "RECOVERY_BLOCKS_DAMAGED"
  /** The keys are not those of the genesis. */
  | "RECOVERY_NOT_ADMIN"
  | "RECOVERY_REFUSED"
  | "METER_UNREADABLE"
  /** Power and counter agree, and are the opposite of what the meter's role needs. */
  | "METER_REVERSED"
  | "METER_SIGN_CONTRADICTS"
  | "METER_SWAP_REFUSED"
  | "PROFILE_NOT_KEPT";

/** A command that cannot do what it was asked. `fix` in the detail says what to do next. */
export class CliError extends AgentError<CliErrorCode> {}

/** @param why what is wrong with the command line @param fix what to write instead @returns the error to throw */
export function usageError(why: string, fix: string): CliError {
  return new CliError("CLI_USAGE", { why, fix });
}
