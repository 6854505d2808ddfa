/** The directory of the ledger: made so that it survives a power cut, and refused when its table of contents is gone. */
import { mkdir, open, readdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { QUARANTINE_FIX, StoreError } from "./storeError.ts";

const DIRECTORY_MODE = 0o700;

/**
 * LevelDB would start an empty ledger beside data files whose table of contents is gone.
 *
 * @param directory of the ledger; made when absent
 * @throws StoreError `STORE_DAMAGED`, `STORE_WRITE`
 */
export async function prepareDirectory(directory: string): Promise<void> {
  let names: readonly string[];
  try {
    await makeDirectory(resolve(directory));
    names = await readdir(directory);
  } catch (cause) {
    const fix = "check that the user of edso may write there";
    throw new StoreError("STORE_WRITE", { directory, fix }, cause);
  }
  const hasData = names.some((name) => /^(\d+\.(log|ldb|sst)|MANIFEST-\d+)$/.test(name));
  if (hasData && !names.includes("CURRENT"))
    throw new StoreError("STORE_DAMAGED", { directory, reason: "CURRENT is missing", fix: QUARANTINE_FIX });
}

/** @param path of a directory whose entries would survive a power cut when this returns */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  await directory.sync().finally(() => directory.close());
}

/** Makes a directory whose name survives a power cut. */
async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
  if (firstCreated === undefined) return;
  for (let at = path; ; at = dirname(at)) {
    await syncDirectory(dirname(at));
    if (at === firstCreated) return;
  }
}
