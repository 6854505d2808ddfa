/** The command line of the simulator. */
import { parseArgs } from "node:util";
import type { Chunk } from "./chunk.ts";
import { MODES, type Mode } from "./scenario.ts";

/** What is asked for. */
export type SimCommand =
  | { readonly kind: "seeds"; readonly chunk: Chunk; readonly lines: number; readonly workers: number }
  | { readonly kind: "campaign"; readonly chunk: Chunk; readonly file: string; readonly workers: number }
  | { readonly kind: "report"; readonly file: string }
  | { readonly kind: "record"; readonly file: string }
  | { readonly kind: "ci"; readonly workers: number }
  | { readonly kind: "twins"; readonly rounds: number; readonly sampled: number }
  | { readonly kind: "scale"; readonly members: number; readonly heights: number }
  | { readonly kind: "bugs"; readonly pattern: string; readonly seeds: number };

export const USAGE = `npm run sim -- --seed N [--mode safety|liveness|liar|straggler|censor|recovery|suspension] [--n 4] [--byzantine 1] [--lines 60]
npm run sim -- --seeds A..B [--mode …] [--n …] [--byzantine …] [--workers 2]
npm run sim -- --campaign safety --seeds A..B [--n …] [--workers 2] [--file .sim/campaign.jsonl]
npm run sim -- --report [--file …]
npm run sim -- --record [--file …]
npm run sim -- --twins [--rounds 3] [--sampled COUNT]
npm run sim -- --scale 200 [--heights 200]
npm run sim -- --bugs [PATTERN] [--most 400]`;

const DEFAULT_FILE = ".sim/campaign.jsonl";

/** @param args after the script's name @returns the command @throws RangeError with what is wrong */
export function parseCommand(args: readonly string[]): SimCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      mode: { type: "string", default: "safety" },
      n: { type: "string" },
      byzantine: { type: "string" },
      lines: { type: "string", default: "60" },
      workers: { type: "string", default: "2" },
      campaign: { type: "string" },
      file: { type: "string", default: DEFAULT_FILE },
      record: { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      ci: { type: "boolean", default: false },
      twins: { type: "boolean", default: false },
      sampled: { type: "string", default: "0" },
      rounds: { type: "string", default: "3" },
      bugs: { type: "boolean", default: false },
      scale: { type: "string" },
      heights: { type: "string", default: "200" },
      most: { type: "string", default: "400" },
    },
  });
  const { file } = values;
  const workers = whole(values.workers, "--workers");
  if (values.report) return { kind: "report", file };
  if (values.record) return { kind: "record", file };
  if (values.ci) return { kind: "ci", workers };
  if (values.twins)
    return {
      kind: "twins",
      rounds: whole(values.rounds, "--rounds"),
      sampled: whole(values.sampled, "--sampled"),
    };
  if (values.scale !== undefined)
    return {
      kind: "scale",
      members: whole(values.scale, "--scale"),
      heights: whole(values.heights, "--heights"),
    };
  if (values.bugs)
    return { kind: "bugs", pattern: positionals[0] ?? "", seeds: whole(values.most, "--most") };
  const [from, to] = seedRange(values.seed, values.seeds);
  const members = values.n === undefined ? null : whole(values.n, "--n");
  const byzantine = values.byzantine === undefined ? null : whole(values.byzantine, "--byzantine");
  const chunk = { mode: modeNamed(values.campaign ?? values.mode), from, to, members, byzantine };
  if (values.campaign !== undefined) return { kind: "campaign", chunk, file, workers };
  return { kind: "seeds", chunk, lines: whole(values.lines, "--lines"), workers };
}

function seedRange(seed: string | undefined, seeds: string | undefined): readonly [number, number] {
  if (seed !== undefined) return [whole(seed, "--seed"), whole(seed, "--seed")];
  const [from, to] = (seeds ?? "").split("..");
  if (from === undefined || to === undefined) throw new RangeError("say --seed N or --seeds A..B");
  return [whole(from, "--seeds"), whole(to, "--seeds")];
}

function modeNamed(text: string): Mode {
  const mode = MODES.find((one) => one === text);
  if (mode === undefined) throw new RangeError(`no mode ${text}: ${MODES.join(", ")}`);
  return mode;
}

function whole(text: string, name: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`${name} takes a whole number, not ${text}`);
  return Number(text);
}
