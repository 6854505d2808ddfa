/** What `npm run case-study` is asked for. */
import { parseArgs } from "node:util";
import { GOLDEN } from "./demand.ts";
import { NAMES } from "./street.ts";

/** Settings of one run. */
export type CaseStudyOptions = {
  /** Keys, draws and genesis follow from it. */
  readonly seed: string;
  /** How many intervals of one hour are settled. */
  readonly hours: number;
  /** A gateway's label by its name, where it shall not be its own address. */
  readonly labels: ReadonlyMap<string, string>;
  /** Where the files are written; null for docs/case-study. */
  readonly outDir: string | null;
  /** Nothing is written: what is there is compared. */
  readonly isCheck: boolean;
};

/** How it is called. */
export const USAGE =
  "npm run case-study -- [--seed TEXT] [--hours N] [--label NAME=TEXT]… [--out DIR] [--check]";

/** The command line cannot be read; the message names what is allowed. */
export class UsageError extends Error {}

/** The seed of the files in docs/case-study. */
export const DEFAULT_SEED = "42";
/** One day. */
export const DEFAULT_HOURS = 24;
/** The order of the golden case must have bound something; a figure has room for four days. */
export const HOURS = { min: GOLDEN.at + 2, max: 96 } as const;
/** What a table and a figure can hold as it is: no space, and nothing that is Markdown. */
const LABEL = /^[A-Za-z0-9.:_-]{1,64}$/;

/** @param argv the arguments alone @returns the settings @throws UsageError */
export function readCaseStudyOptions(argv: readonly string[]): CaseStudyOptions {
  const { seed, hours, label, out, check } = parse(argv);
  if (seed === "") throw new UsageError("--seed is empty: give any text");
  return {
    seed,
    hours: hoursOf(hours),
    labels: new Map(label.map(labelOf)),
    outDir: out ?? null,
    isCheck: check,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        seed: { type: "string", default: DEFAULT_SEED },
        hours: { type: "string", default: String(DEFAULT_HOURS) },
        label: { type: "string", multiple: true, default: [] },
        out: { type: "string" },
        check: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function hoursOf(text: string): number {
  const hours = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (hours >= HOURS.min && hours <= HOURS.max) return hours;
  throw new UsageError(
    `--hours is ${JSON.stringify(text)}: give a whole number from ${HOURS.min} to ${HOURS.max}`,
  );
}

function labelOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  const [name, label] = [text.slice(0, at), text.slice(at + 1)];
  if (NAMES.some((known) => known === name) && LABEL.test(label)) return [name, label];
  throw new UsageError(
    `--label is ${JSON.stringify(text)}: give NAME=TEXT with up to 64 letters, digits and .:_-, NAME one of ${NAMES.join(", ")}`,
  );
}
