/** What `npm run campaign:market` is asked for. */
import { parseArgs } from "node:util";
import { PROPERTIES } from "./properties.ts";

/** Settings of one run. */
export type CampaignOptions = {
  /** Cases of each property, those of earlier runs of the same seed included. */
  readonly cases: number;
  /** Null for that of the file, or a drawn one where there is none. */
  readonly seed: number | null;
  readonly properties: readonly string[];
  readonly workers: number;
  /** Ends a run with what is done by then. */
  readonly minutes: number | null;
  readonly file: string;
  readonly isReport: boolean;
};

/** How it is called. */
export const USAGE = `npm run campaign:market -- [--cases 1000000] [--seed N] [--property ${Object.keys(PROPERTIES).join("|")}] [--workers 2] [--minutes M] [--file .campaign/market.jsonl]
npm run campaign:market -- --report [--file …]`;

/** @param args after the script's name @returns the settings @throws RangeError with what is wrong */
export function readOptions(args: readonly string[]): CampaignOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: "string", default: "1000000" },
      seed: { type: "string" },
      property: { type: "string" },
      workers: { type: "string", default: "2" },
      minutes: { type: "string" },
      file: { type: "string", default: ".campaign/market.jsonl" },
      report: { type: "boolean", default: false },
    },
  });
  const { property } = values;
  if (property !== undefined && PROPERTIES[property] === undefined)
    throw new RangeError(`there is no property ${property}`);
  return {
    cases: whole("cases", values.cases, 1),
    seed: values.seed === undefined ? null : whole("seed", values.seed, 0),
    properties: property === undefined ? Object.keys(PROPERTIES) : [property],
    workers: whole("workers", values.workers, 1),
    minutes: values.minutes === undefined ? null : whole("minutes", values.minutes, 1),
    file: values.file,
    isReport: values.report,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  throw new RangeError(`--${name} is ${JSON.stringify(text)}: give a whole number from ${least}`);
}
