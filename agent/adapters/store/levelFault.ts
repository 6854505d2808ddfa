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

/** @param cause of a failed operation @returns LevelDB's code for it */
export function levelCode(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

/** @param cause of a failed operation @returns true when the disk or the system refused, so that nothing is known of the data */
export function isRefusal(cause: unknown): boolean {
  return levelCode(cause) === "LEVEL_IO_ERROR" && cause instanceof Error && REFUSALS.test(cause.message);
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
