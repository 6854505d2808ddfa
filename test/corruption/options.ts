/** What `npm run corrupt` is asked for. */
import { parseArgs } from "node:util";
import { DAMAGES, type Damage, type FileKind, KINDS } from "./damage.ts";

/** Settings of one run. */
export type CorruptOptions = {
  readonly count: number;
  /** Of the first corruption; each has the next. */
  readonly seed: number;
  /** Only this kind of file, only this damage; null for all in turn. */
  readonly kind: FileKind | null;
  readonly damage: Damage | null;
  /** Where results are added up; null for nowhere. */
  readonly file: string | null;
  readonly isReport: boolean;
};

/** How it is called. */
export const USAGE = `npm run corrupt -- --count N --seed S [--kind "${KINDS.join("|")}"] [--damage ${DAMAGES.join("|")}] [--file FILE]
npm run corrupt -- --report [--file FILE]`;

/** The command line cannot be read; the message names what is allowed. */
export class UsageError extends Error {}

const DEFAULT_FILE = ".corruption/cases.jsonl";

/** @param argv the arguments alone @returns the settings @throws UsageError */
export function readCorruptOptions(argv: readonly string[]): CorruptOptions {
  const values = parse(argv);
  return {
    count: whole("count", values.count),
    seed: whole("seed", values.seed),
    kind: one("kind", values.kind, KINDS),
    damage: one("damage", values.damage, DAMAGES),
    file: values.file ?? (values.report === true ? DEFAULT_FILE : null),
    isReport: values.report === true,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        count: { type: "string", default: "100" },
        seed: { type: "string", default: "1" },
        kind: { type: "string" },
        damage: { type: "string" },
        file: { type: "string" },
        report: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} is ${JSON.stringify(text)}: give a whole number`);
}

function one<T extends string>(name: string, text: string | undefined, of: readonly T[]): T | null {
  if (text === undefined) return null;
  const found = of.find((candidate) => candidate === text);
  if (found === undefined) throw new UsageError(`--${name} is none of ${of.join(", ")}`);
  return found;
}
