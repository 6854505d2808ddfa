/** A run of seeds: what one worker does at a time and one line of a campaign's file holds. */
import { runSeed } from "./runSeed.ts";
import type { Mode, SeedSpec } from "./scenario.ts";
import { type Failure, type Tally, tallyOf } from "./tally.ts";

/** Seeds of one mode, both ends included. */
export type Chunk = {
  readonly mode: Mode;
  readonly from: number;
  readonly to: number;
  /** Null lets each seed have its own number. */
  readonly members: number | null;
  readonly byzantine: number | null;
};

/** What a chunk came to. */
export type ChunkResult = {
  readonly chunk: Chunk;
  readonly tallies: readonly Tally[];
  readonly failures: readonly Failure[];
  readonly tookMs: number;
};

/** Sizes of streets, the small ones more often: they are cheap, and most rules break there first. */
const SIZES = [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 7, 7, 10] as const;
/** A liar needs at least four, or there is nobody to tolerate it; of three no two that are left can prove a recovery, and only of five or more one can be suspended. */
const SMALLEST: Partial<Record<Mode, number>> = { liar: 4, recovery: 4, suspension: 5 };

/** @param chunk of seeds @param seed of it @returns what the seed runs */
export function specOf({ mode, members, byzantine }: Omit<Chunk, "from" | "to">, seed: number): SeedSpec {
  const drawn = SIZES[(seed * 7 + Math.floor(seed / SIZES.length)) % SIZES.length]!;
  const own = Math.max(drawn, SMALLEST[mode] ?? 1);
  return { mode, seed, members: members ?? own, byzantine };
}

/** @param chunk to run @returns what it came to */
export function runChunk(chunk: Chunk): ChunkResult {
  const startMs = performance.now();
  const results = Array.from({ length: chunk.to - chunk.from + 1 }, (_, index) =>
    runSeed(specOf(chunk, chunk.from + index)),
  );
  const failures = results
    .filter(({ faults }) => faults.length > 0)
    .map(({ spec: { mode, seed, members, byzantine }, faults }) => ({
      mode,
      seed,
      members,
      byzantine,
      faults,
    }));
  return { chunk, tallies: tallyOf(results), failures, tookMs: performance.now() - startMs };
}
