/** What `npm run chaos` is asked for. */
import { parseArgs } from "node:util";
import { allowedIntervalSeconds } from "../../agent/cli/demoStreet.ts";

/** Settings of one run. */
export type ChaosOptions = {
  readonly gateways: number;
  readonly minutes: number;
  readonly seed: string;
  readonly intervalSeconds: number;
  /** Most gateways that are killed and not yet started again. */
  readonly downMost: number;
  /** How often all are killed at once and started again at the same instant. */
  readonly allAtOnce: number;
  /** Instead of ten minutes of kills: all started together, and one that was away. */
  readonly isRestartTogether: boolean;
  /** Blocks that the others build while one is away. */
  readonly blocksAway: number;
  /** Instead of both: blocks that the street has when it first starts, and one gateway has not; 0 for none. */
  readonly blocksPrepared: number;
  /** That gateway is started when the others are running, not with them. */
  readonly isAwayAlone: boolean;
  readonly isJson: boolean;
  /** Null for a temporary directory, which is removed when every check passed. */
  readonly dataDir: string | null;
};

/** The command line cannot be read; the message names what is allowed. */
export class UsageError extends Error {}

/** 31 days of quarters of an hour. */
const BLOCKS_OF_A_MONTH = 2_976;
/** Fewest and most blocks that are prepared: a gateway that was away has the first three. */
const PREPARED = { min: 10, max: 20_000 } as const;

/** Intervals of the second scenario are short, so that many blocks need little time. */
const DEFAULT_INTERVAL_SECONDS = { kills: "5", together: "2" } as const;

/** @param argv the arguments alone @returns the settings @throws UsageError */
export function readChaosOptions(argv: readonly string[]): ChaosOptions {
  const values = parse(argv);
  const isRestartTogether = values["restart-together"] === true;
  const usual = isRestartTogether ? DEFAULT_INTERVAL_SECONDS.together : DEFAULT_INTERVAL_SECONDS.kills;
  const gateways = whole("gateways", values.gateways, 2, 40);
  const intervalSeconds = whole("interval-seconds", values["interval-seconds"] ?? usual, 1, 900);
  const allowed = allowedIntervalSeconds();
  if (!allowed.includes(intervalSeconds)) {
    throw new UsageError(`--interval-seconds is ${intervalSeconds}: give one of ${allowed.join(", ")}`);
  }
  return {
    gateways,
    minutes: positive("minutes", values.minutes),
    seed: values.seed ?? String(Math.floor(Math.random() * 1_000_000)),
    intervalSeconds,
    downMost: whole("down-most", values["down-most"], 0, gateways - 1),
    allAtOnce: whole("all-at-once", values["all-at-once"], 0, 100),
    isRestartTogether,
    blocksAway: whole("blocks-away", values["blocks-away"], 1, 100_000),
    ...preparedOf(values, isRestartTogether),
    isJson: values.json === true,
    dataDir: values.data ?? null,
  };
}

function preparedOf(values: ReturnType<typeof parse>, isRestartTogether: boolean) {
  const { month, "blocks-prepared": given } = values;
  const wanted = given ?? (month === true ? String(BLOCKS_OF_A_MONTH) : undefined);
  const isAwayAlone = values["away-alone"] === true;
  if (wanted === undefined) {
    if (isAwayAlone) throw new UsageError("--away-alone is for --month or --blocks-prepared");
    return { blocksPrepared: 0, isAwayAlone };
  }
  if (!isRestartTogether) throw new UsageError("prepared blocks are for --restart-together");
  return { blocksPrepared: whole("blocks-prepared", wanted, PREPARED.min, PREPARED.max), isAwayAlone };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        gateways: { type: "string", default: "7" },
        minutes: { type: "string", default: "10" },
        seed: { type: "string" },
        "interval-seconds": { type: "string" },
        "down-most": { type: "string", default: "2" },
        "all-at-once": { type: "string", default: "3" },
        "restart-together": { type: "boolean" },
        "blocks-away": { type: "string", default: "60" },
        month: { type: "boolean" },
        "blocks-prepared": { type: "string" },
        "away-alone": { type: "boolean" },
        json: { type: "boolean" },
        data: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}: give a whole number from ${min} to ${max}`);
}

function positive(name: string, text: string): number {
  const value = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}: give a number above 0`);
}
