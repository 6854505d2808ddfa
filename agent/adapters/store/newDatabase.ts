/**
 * An empty database that survives a power cut. LevelDB makes one without syncing its table of contents, so that a cut
 * in the seconds of the very first start leaves a directory that never opens again; here it gets its name only when
 * every byte of it is durable.
 *
 * @source LevelDB 1.20, db/db_impl.cc, DBImpl::NewDB: the descriptor is closed without Sync
 */
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Level } from "level";
import { openFault } from "./levelFault.ts";

const DIRECTORY_MODE = 0o700;

/**
 * @param directory of the ledger; exists, and gets an empty database when it is empty
 * @throws StoreError as opening one
 */
export async function makeDatabase(directory: string): Promise<void> {
  try {
    await ensureDatabase(directory, async (unnamed) => {
      const database = new Level(unnamed);
      await database.open();
      await database.close();
    });
  } catch (error) {
    throw openFault(directory, error);
  }
}

/**
 * @param directory of the database; exists
 * @param create makes an empty database in the empty directory that it is given, and closes it
 * @throws what `create` or the file system throws; `directory` is as it was then
 */
export async function ensureDatabase(
  directory: string,
  create: (directory: string) => Promise<void>,
): Promise<void> {
  if ((await readdir(directory)).length > 0) return;
  const unnamed = `${resolve(directory)}.new`;
  // What a cut left of an earlier attempt was never used.
  await rm(unnamed, { recursive: true, force: true });
  await mkdir(unnamed, { mode: DIRECTORY_MODE });
  await create(unnamed);
  for (const name of await readdir(unnamed)) await sync(join(unnamed, name));
  await sync(unnamed);
  await rename(unnamed, directory);
  await sync(dirname(unnamed));
}

async function sync(path: string): Promise<void> {
  const file = await open(path, "r");
  await file.sync().finally(() => file.close());
}
