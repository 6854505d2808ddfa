/** What can happen to one file of a data directory, drawn from a seed. */
import { copyFile, open, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Kinds of file, and which files are of a kind. */
export const FILE_KINDS = {
  "LevelDB log": /^ledger\/\d+\.log$/,
  "LevelDB table": /^ledger\/\d+\.(ldb|sst)$/,
  "LevelDB MANIFEST": /^ledger\/MANIFEST-\d+$/,
  "LevelDB CURRENT": /^ledger\/CURRENT$/,
  "vote journal": /^votes\.journal$/,
  "outbox journal": /^outbox\.journal$/,
  "transaction journal": /^transactions\.journal$/,
  keys: /^keys\/.*\.key$/,
  genesis: /^genesis\.cbor$/,
  configuration: /^edso\.yaml$/,
} as const satisfies Readonly<Record<string, RegExp>>;
/** Name of a kind. */
export type FileKind = keyof typeof FILE_KINDS;
/** Every kind. */
export const KINDS = Object.keys(FILE_KINDS) as readonly FileKind[];

/** What is done to a file; `swap` exchanges its content with that of another file. */
export const DAMAGES = ["bit", "page", "truncation", "deletion", "swap"] as const;
/** Name of one. */
export type Damage = (typeof DAMAGES)[number];

/** What was done. */
export type Done = {
  readonly kind: FileKind;
  readonly damage: Damage;
  readonly file: string;
  /** Where, or with which file. */
  readonly where: string;
  /** Whether a byte of any file differs now. */
  readonly hasChanged: boolean;
};

const PAGE_BYTES = 4_096;
const DIRECTORIES = ["", "keys", "ledger"] as const;

/**
 * @param directory of a gateway that does not run
 * @param kind of file
 * @param damage to do
 * @param draw random numbers from 0 to below 1
 * @returns what was done; null when there is no such file
 */
export async function damageFile(
  directory: string,
  kind: FileKind,
  damage: Damage,
  draw: () => number,
): Promise<Done | null> {
  const files = await filesOf(directory);
  const file = pick(
    files.filter((name) => FILE_KINDS[kind].test(name)),
    draw,
  );
  if (file === undefined) return null;
  const other =
    pick(
      files.filter((name) => name !== file),
      draw,
    ) ?? file;
  const path = join(directory, file);
  const before = await readFile(path);
  const where = await change(path, before, damage, draw, join(directory, other));
  const after = damage === "deletion" ? null : await readFile(path);
  const hasChanged = after === null || !before.equals(after);
  return { kind, damage, file, where: damage === "swap" ? other : where, hasChanged };
}

async function change(
  path: string,
  before: Buffer,
  damage: Damage,
  draw: () => number,
  other: string,
): Promise<string> {
  switch (damage) {
    case "bit": {
      const at = positionIn(before, draw);
      const bit = Math.floor(draw() * 8);
      await writeAt(path, at, Buffer.of((before[at] ?? 0) ^ (1 << bit)));
      return `byte ${at}, bit ${bit}`;
    }
    case "page": {
      const at = Math.floor(positionIn(before, draw) / PAGE_BYTES) * PAGE_BYTES;
      await writeAt(path, at, Buffer.alloc(Math.min(PAGE_BYTES, before.length - at)));
      return `from byte ${at}`;
    }
    case "truncation": {
      const length = Math.min(positionIn(before, draw), Math.max(0, before.length - 1));
      await truncate(path, length);
      return `to ${length} of ${before.length} bytes`;
    }
    case "deletion":
      await rm(path);
      return "";
    case "swap": {
      await rename(path, `${path}.swap`);
      await copyFile(other, path);
      await writeFile(other, before, { mode: (await stat(`${path}.swap`)).mode });
      await rm(`${path}.swap`);
      return "";
    }
    default:
      return damage satisfies never;
  }
}

/** Journals are mostly zeros behind their end: half of the places are drawn where something is written. */
function positionIn(bytes: Buffer, draw: () => number): number {
  let end = bytes.length;
  if (draw() < 0.75) while (end > 1 && bytes[end - 1] === 0) end -= 1;
  return Math.floor(draw() * Math.max(1, end));
}

async function writeAt(path: string, at: number, bytes: Buffer): Promise<void> {
  const file = await open(path, "r+");
  await file.write(bytes, 0, bytes.length, at).finally(() => file.close());
}

/** Files that mean something: not LevelDB's lock and its log for people. */
async function filesOf(directory: string): Promise<readonly string[]> {
  const names = await Promise.all(
    DIRECTORIES.map(async (sub) =>
      (await readdir(join(directory, sub))).map((name) => (sub === "" ? name : `${sub}/${name}`)),
    ),
  );
  return names
    .flat()
    .filter((name) => KINDS.some((kind) => FILE_KINDS[kind].test(name)))
    .sort();
}

function pick<T>(from: readonly T[], draw: () => number): T | undefined {
  return from[Math.floor(draw() * from.length)];
}
