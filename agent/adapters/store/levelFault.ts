/** What LevelDB's failures mean: the disk refuses, or what is stored is not what was written. */
import { QUARANTINE_FIX, StoreError } from "./storeError.ts";

/**
 * Words of the operating system for a disk or a process that cannot go on, as LevelDB hands them out. Any other I/O
 * error – a file of its own that is gone, or too short to be read – is damage.
 *
 * @source strerror(3)
 */
const REFUSALS =
  /Input\/output error|Permission denied|Operation not permitted|No space left|Read-only file system|Disk quota exceeded|Too many open files|Cannot allocate memory|Interrupted system call/;

/** LevelDB's code for an operation after the close. */
const CLOSED = "LEVEL_DATABASE_NOT_OPEN";

/** @param directory of the ledger @param what was read @param cause why not @returns what to tell; null when it is damage */
export function readFault(directory: string, what: string, cause: unknown): StoreError | null {
  if (levelCode(cause) === CLOSED) return new StoreError("STORE_CLOSED", { directory });
  return isRefusal(cause) ? new StoreError("STORE_READ", { directory, what }, cause) : null;
}

/** @param directory of the ledger @param cause of a batch that failed @returns what to tell */
export function writeFault(directory: string, cause: unknown): StoreError {
  if (levelCode(cause) === CLOSED) return new StoreError("STORE_CLOSED", { directory });
  const fix = "check free space and the health of the disk; the agent goes on by itself then";
  return new StoreError("STORE_WRITE", { directory, fix }, cause);
}

/** @param directory of the ledger @param error of the opening @returns what to tell */
export function openFault(directory: string, error: unknown): StoreError {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = levelCode(cause);
  if (code === "LEVEL_LOCKED") {
    const fix = "another process holds it, probably the running agent: ask that one, or stop it first";
    return new StoreError("STORE_LOCKED", { directory, fix }, cause);
  }
  const isDamage = code === "LEVEL_CORRUPTION" || code === "LEVEL_INVALID_ARGUMENT";
  if (isDamage || (code === "LEVEL_IO_ERROR" && !isRefusal(cause)))
    return new StoreError(
      "STORE_DAMAGED",
      { directory, reason: "does not open", fix: QUARANTINE_FIX },
      cause,
    );
  const fix = "check permissions, free space and the health of the disk";
  return new StoreError("STORE_READ", { directory, fix }, cause ?? error);
}

/** @param cause of a failed operation @returns LevelDB's code for it */
function levelCode(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

/** @param cause of a failed operation @returns true when the disk or the system refused, so that nothing is known of the data */
function isRefusal(cause: unknown): boolean {
  return levelCode(cause) === "LEVEL_IO_ERROR" && cause instanceof Error && REFUSALS.test(cause.message);
}
