/**
 * The profile in one file a day, of bounded number and size: the oldest days go for new ones. A line is a point, five
 * fields with spaces between, `-` for unknown. Nothing is held open and nothing synced: a power cut may take the newest
 * lines, and a torn one costs itself.
 */
import { appendFile, mkdir, readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { unixMs } from "../../core/units.ts";
import type { ProfilePoint, ProfileQuery, ProfileStore } from "../../ports/profileStore.ts";
import { ProfileStoreError } from "./profileStoreError.ts";

/** Bounds of {@link profileRing}. */
export type ProfileRingOptions = {
  /** Days that are kept, the newest one included. */
  readonly keepDays: number;
  /** Most room of all days together; a longer single day takes no more. */
  readonly maxMebibytes: number;
};

const BYTES_PER_MIB = 1_048_576;
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const DAY_FILE = /^\d{4,6}-\d{2}-\d{2}\.log$/;
const LINE = /^(\d{1,15}) (\d) (-?\d{1,10}|-) (\d{1,16}|-) (\d{1,16}|-)$/;

/**
 * @param directory of the ring; made with the first points, if the directory it lies in is there
 * @param options bounds
 * @returns the ring; nothing is opened before the first call
 */
export function profileRing(directory: string, options: ProfileRingOptions): ProfileStore {
  const append = async (points: readonly ProfilePoint[]): Promise<void> => {
    await mkdir(directory, { mode: DIRECTORY_MODE }).catch(unless("EEXIST"));
    for (const [name, lines] of byDay(points)) {
      const size = (await stat(join(directory, name)).catch(unless("ENOENT")))?.size ?? 0;
      if (size + lines.length > options.maxMebibytes * BYTES_PER_MIB)
        throw new ProfileStoreError("PROFILE_TOO_LARGE", { directory, maxMebibytes: options.maxMebibytes });
      await appendFile(join(directory, name), lines, { mode: FILE_MODE });
    }
    await forgetOldest(directory, options);
  };
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <Result>(change: () => Promise<Result>): Promise<Result> => {
    const changed = last.then(change);
    last = changed.catch(() => {});
    return changed.catch((cause: unknown) => {
      throw cause instanceof ProfileStoreError
        ? cause
        : new ProfileStoreError("PROFILE_WRITE", { directory }, cause);
    });
  };
  return {
    add: (points) => inTurn(() => append(points)),
    clear: () => inTurn(() => forgetAll(directory)),
    find: async (query) => {
      await last;
      return find(directory, query).catch((cause: unknown) => {
        throw new ProfileStoreError("PROFILE_READ", { directory }, cause);
      });
    },
  };
}

/** One day is in memory at a time. */
async function find(
  directory: string,
  { fromMs, toMs, limit }: ProfileQuery,
): Promise<readonly ProfilePoint[]> {
  const found: ProfilePoint[] = [];
  for (const name of await days(directory)) {
    if (name < dayFile(fromMs) || name > dayFile(toMs)) continue;
    // A day may be forgotten while it is looked for.
    const text = (await readFile(join(directory, name), "utf8").catch(unless("ENOENT"))) ?? "";
    for (const line of text.split("\n")) {
      const point = pointOf(line);
      if (point === null || point.atMs < fromMs || point.atMs >= toMs) continue;
      found.push(point);
      if (found.length >= limit) return found;
    }
  }
  return found;
}

async function forgetOldest(
  directory: string,
  { keepDays, maxMebibytes }: ProfileRingOptions,
): Promise<void> {
  const newestFirst = [...(await days(directory))].reverse();
  let bytes = 0;
  for (const [age, name] of newestFirst.entries()) {
    const path = join(directory, name);
    bytes += (await stat(path)).size;
    if (age >= keepDays || bytes > maxMebibytes * BYTES_PER_MIB) await unlink(path);
  }
}

async function forgetAll(directory: string): Promise<number> {
  let freedBytes = 0;
  for (const name of await days(directory)) {
    const path = join(directory, name);
    const { size } = await stat(path);
    await unlink(path);
    freedBytes += size;
  }
  return freedBytes;
}

/** Oldest first: their names sort as their days do. */
async function days(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory).catch(unless("ENOENT"))) ?? [];
  return names.filter((name) => DAY_FILE.test(name)).sort();
}

function byDay(points: readonly ProfilePoint[]): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const point of points) {
    const name = dayFile(point.atMs);
    lines.set(name, `${lines.get(name) ?? ""}${lineOf(point)}\n`);
  }
  return lines;
}

function dayFile(atMs: number): string {
  return `${new Date(atMs).toISOString().split("T")[0]}.log`;
}

function lineOf({ atMs, meter, activePowerW, importWh, exportWh }: ProfilePoint): string {
  return [atMs, meter, activePowerW ?? "-", importWh ?? "-", exportWh ?? "-"].join(" ");
}

function pointOf(line: string): ProfilePoint | null {
  const [, atMs, meter, power, imported, exported] = LINE.exec(line) ?? [];
  if (atMs === undefined) return null;
  const known = (text: string | undefined) => (text === undefined || text === "-" ? null : Number(text));
  return {
    atMs: unixMs(Number(atMs)),
    meter: Number(meter),
    activePowerW: known(power),
    importWh: known(imported),
    exportWh: known(exported),
  };
}

function unless(expected: string): (error: NodeJS.ErrnoException) => null {
  return (error) => {
    if (error.code === expected) return null;
    throw error;
  };
}
