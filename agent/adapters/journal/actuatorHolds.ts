/**
 * What actuators hold, in one small file: a gateway that was cut off in the middle of a limit puts back what was there.
 * The file is replaced as a whole, durably, before a limit is written.
 */
import { open, readFile, stat } from "node:fs/promises";
import { unixMs } from "../../core/units.ts";
import type { ActuatorHold, HoldKeeper } from "../../ports/actuator.ts";
import { renameDurably } from "./durableName.ts";
import { JournalError } from "./journalError.ts";

/** The holds of one gateway. */
export type ActuatorHolds = {
  /** @param name of an actuator, the same in every life @returns what keeps its hold */
  readonly of: (name: string) => HoldKeeper;
  /** True when the file was there and could not be understood: whatever it held is not known any more. */
  readonly isDamaged: boolean;
};

/** Far above what 8 lines with 4 actuators each can take. */
const MAX_BYTES = 65_536;
const MAX_WORDS = 16;
const MAX_WORD = 65_535;

/** @param path of the file; it need not exist @returns the holds @throws JournalError `JOURNAL_READ` */
export async function openActuatorHolds(path: string): Promise<ActuatorHolds> {
  const text = await readText(path);
  const read = text === null ? new Map<string, ActuatorHold>() : readHolds(text);
  const holds = read ?? new Map<string, ActuatorHold>();
  let writing: Promise<unknown> = Promise.resolve();
  const keep = (name: string, hold: ActuatorHold | null): Promise<void> => {
    if (hold === null) holds.delete(name);
    else holds.set(name, hold);
    const write = () => replace(path, JSON.stringify([...holds]));
    const written = writing.then(write, write);
    writing = written.catch(() => {});
    return written;
  };
  return {
    of: (name) => ({ held: () => holds.get(name) ?? null, keep: (hold) => keep(name, hold) }),
    isDamaged: read === null,
  };
}

async function readText(path: string): Promise<string | null> {
  try {
    // A size gone wrong must not exhaust the memory; no text is damage, too.
    const { size } = await stat(path);
    return size > MAX_BYTES ? "" : await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new JournalError("JOURNAL_READ", { path }, cause);
  }
}

async function replace(path: string, text: string): Promise<void> {
  try {
    const file = await open(`${path}.new`, "w", 0o600);
    await file
      .writeFile(text)
      .then(() => file.sync())
      .finally(() => file.close());
    await renameDurably(`${path}.new`, path);
  } catch (cause) {
    throw new JournalError("JOURNAL_WRITE", { path }, cause);
  }
}

/** Null when the text holds no holds. */
function readHolds(text: string): Map<string, ActuatorHold> | null {
  try {
    const entries: unknown = JSON.parse(text);
    return Array.isArray(entries) && entries.every(isEntry)
      ? new Map(entries.map(([name, hold]) => [name, { ...hold, endsAtMs: unixMs(hold.endsAtMs) }]))
      : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is readonly [string, ActuatorHold] {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== "string") return false;
  const hold: unknown = value[1];
  if (typeof hold !== "object" || hold === null) return false;
  const { before, endsAtMs, liftsItself } = hold as Record<string, unknown>;
  const isWord = (word: unknown) => Number.isInteger(word) && Number(word) >= 0 && Number(word) <= MAX_WORD;
  return (
    Array.isArray(before) &&
    before.length <= MAX_WORDS &&
    before.every(isWord) &&
    Number.isSafeInteger(endsAtMs) &&
    Number(endsAtMs) >= 0 &&
    typeof liftsItself === "boolean"
  );
}
