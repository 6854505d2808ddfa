/** What `npm run powercut` is asked for. */
import { parseArgs } from "node:util";
import { PLANTS, PRODUCT } from "./program.ts";

/** Settings of one run. */
export type PowercutOptions = {
  /** Cuts wanted in all; what the file has of these sources counts. */
  readonly cuts: number;
  /** Of the first street; each street has the next. */
  readonly seed: number;
  /** `product`, or a promise to break. */
  readonly plant: string;
  /** Where results are added up; null for nowhere. */
  readonly file: string | null;
  readonly isReport: boolean;
  /** A machine that cannot run it is told and not counted, instead of a failure. */
  readonly isCi: boolean;
  readonly isQuiet: boolean;
};

/** How it is called. */
export const USAGE = `npm run powercut -- --cuts N --seed S [--file .powercut/cuts.jsonl] [--quiet]
npm run powercut -- --plant ${Object.keys(PLANTS).join("|")} [--cuts N]
npm run powercut -- --report [--file …]`;

/** The command line cannot be read; the message names what is allowed. */
export class UsageError extends Error {}

const DEFAULT_FILE = ".powercut/cuts.jsonl";
/** A minute's worth. */
const CI_CUTS = "24";

/** @param argv the arguments alone @returns the settings @throws UsageError */
export function readPowercutOptions(argv: readonly string[]): PowercutOptions {
  const values = parse(argv);
  const isCi = values.ci === true;
  const plant = values.plant ?? PRODUCT;
  if (plant !== PRODUCT && PLANTS[plant] === undefined)
    throw new UsageError(`--plant is none of ${Object.keys(PLANTS).join(", ")}`);
  return {
    cuts: whole("cuts", values.cuts ?? (isCi ? CI_CUTS : "100")),
    seed: whole("seed", values.seed ?? "1"),
    plant,
    file: isCi || plant !== PRODUCT ? (values.file ?? null) : (values.file ?? DEFAULT_FILE),
    isReport: values.report === true,
    isCi,
    isQuiet: values.quiet === true || isCi,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        cuts: { type: "string" },
        seed: { type: "string" },
        plant: { type: "string" },
        file: { type: "string" },
        report: { type: "boolean" },
        ci: { type: "boolean" },
        quiet: { type: "boolean" },
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
