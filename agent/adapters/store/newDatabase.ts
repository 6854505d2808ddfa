/**
 * An empty database that survives a power cut. LevelDB makes one without syncing its table of contents, so that a cut
 * in the seconds of the very first start leaves a directory that never opens again; here it gets its name only when
 * every byte of it is durable.
 *
 * @source LevelDB 1.20, db/db_impl.cc, DBImpl::NewDB: the descriptor is closed without Sync
 */
import { open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/**
 * @param directory of the database; exists
 * @param create makes an empty database in the directory that it is given, and closes it
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
