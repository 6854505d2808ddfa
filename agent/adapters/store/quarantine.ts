/**
 * Damaged ledgers, set aside under a name with the time: never repaired, never opened again, there for whoever wants to
 * know what the disk did. A few are kept. Their names also witness that this gateway had a ledger before.
 */
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncDirectory } from "./storeDirectory.ts";

/** Ledgers that are kept: enough to see whether the damage repeats itself. */
const KEPT = 3;
/** Renamings in one second that find a name of their own. */
const MAX_SAME_SECOND = 100;

/**
 * Renames the directory of a ledger aside, durably; the oldest that were set aside before are removed.
 *
 * @param directory of the ledger, closed
 * @param nowMs time for its name
 * @returns its new path; null when there was no directory
 * @throws Error of the operating system
 */
export async function setAside(directory: string, nowMs: number): Promise<string | null> {
  const parent = dirname(directory);
  const taken = new Set(await readdir(parent));
  const wanted = `${prefixOf(directory)}${timeName(nowMs)}`;
  const name = freeName(wanted, taken);
  const path = join(parent, name);
  try {
    await rename(directory, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  await syncDirectory(parent);
  for (const old of (await ledgersSetAside(directory)).slice(0, -KEPT))
    await rm(join(parent, old), { recursive: true, force: true });
  return path;
}

/** @param directory of the ledger @returns names of those set aside beside it, oldest first */
export async function ledgersSetAside(directory: string): Promise<readonly string[]> {
  const names = await readdir(dirname(directory)).catch(() => []);
  return names.filter((name) => name.startsWith(prefixOf(directory))).sort();
}

/**
 * Empties what was set aside; the names stay as witnesses.
 *
 * @param directory of the ledger
 * @returns bytes that this freed
 */
export async function emptySetAside(directory: string): Promise<number> {
  let freedBytes = 0;
  for (const name of await ledgersSetAside(directory)) {
    const path = join(dirname(directory), name);
    for (const file of await readdir(path)) {
      const at = join(path, file);
      freedBytes += (await stat(at)).size;
      await rm(at, { recursive: true });
    }
  }
  return freedBytes;
}

function prefixOf(directory: string): string {
  return `${basename(directory)}.damaged-`;
}

/** 20261126T104820Z: sorts by time, and needs no quoting in a shell. */
function timeName(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let count = 1; count < MAX_SAME_SECOND; count += 1) {
    const name = count === 1 ? wanted : `${wanted}-${String(count).padStart(2, "0")}`;
    if (!taken.has(name)) return name;
  }
  throw new RangeError(`${MAX_SAME_SECOND} ledgers were set aside in one second`);
}
