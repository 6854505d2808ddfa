/**
 * Notices a ledger that ends the process: LevelDB has assertions, and a page of zeros in a table meets one, at every
 * start anew. A mark beside the directory counts the processes that ended while they had it open and had not yet
 * shown that it can be read and written. Only those since the machine started count: a power cut is no fault of the
 * ledger, and a street whose power flickers must not set all its ledgers aside.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { QUARANTINE_FIX, StoreError } from "./storeError.ts";

/** @source Linux, Documentation/admin-guide/sysctl/kernel.rst, "random": drawn at each start of the machine */
const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";
/** Processes in a row that ended with the database open before it is called damaged: a kill or two is no proof. */
const MOST_ENDED = 3;

/**
 * Marks that a ledger is about to be opened.
 *
 * @param directory of the ledger
 * @throws StoreError `STORE_DAMAGED` when it has ended one process after another, `STORE_WRITE`
 */
export async function refuseFatal(directory: string): Promise<void> {
  let ended: number;
  try {
    ended = await markOpening(directory, await bootIdOfMachine());
    if (ended >= MOST_ENDED) await clearOpening(directory);
  } catch (cause) {
    const fix = "check that the user of edso may write there";
    throw new StoreError("STORE_WRITE", { directory, fix }, cause);
  }
  if (ended < MOST_ENDED) return;
  const reason = `${ended} processes ended while they had it open`;
  throw new StoreError("STORE_DAMAGED", { directory, reason, fix: QUARANTINE_FIX });
}

/**
 * @param directory of the ledger, about to be opened
 * @param bootId of the machine
 * @returns how many processes ended with it open since the machine started, and none came further; the mark now counts
 *   this one too
 * @throws what the file system throws
 */
export async function markOpening(directory: string, bootId: string): Promise<number> {
  const [markedBoot, count] = (await readFile(markOf(directory), "utf8").catch(() => "")).split(" ");
  const ended = markedBoot === bootId && /^\d{1,6}$/.test(count ?? "") ? Number(count) : 0;
  // Not synced: the mark has to outlive a process, not the power.
  await writeFile(markOf(directory), `${bootId} ${ended + 1}`);
  return ended;
}

/** @param directory of a ledger that is closed, set aside, or has shown that it works */
export async function clearOpening(directory: string): Promise<void> {
  await rm(markOf(directory), { force: true });
}

/** What differs from one start of the machine to the next; always the same where the machine does not say. */
async function bootIdOfMachine(): Promise<string> {
  return (await readFile(BOOT_ID_FILE, "utf8").catch(() => "unknown")).trim();
}

function markOf(directory: string): string {
  return `${directory}.opening`;
}
