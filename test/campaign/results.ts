/** The file of results: one line a chunk, added as it ends, so that a run that is broken off goes on where it was. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Chunk, type ChunkResult, seedOf } from "./chunk.ts";

/** Cases of one chunk: a minute's work on a slow machine. */
export const CHUNK_CASES = 10_000;

/** @param file of results @returns what was run before; a torn last line is passed over */
export function readResults(file: string): readonly ChunkResult[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ChunkResult);
}

/** @param file of results @param result to add */
export function addResult(file: string, result: ChunkResult): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

/**
 * @param wanted properties, seed and cases of each
 * @param done before
 * @returns the chunks that are left, the properties in turns
 */
export function chunksLeft(
  {
    properties,
    seed,
    cases,
  }: { readonly properties: readonly string[]; readonly seed: number; readonly cases: number },
  done: readonly ChunkResult[],
): readonly Chunk[] {
  const known = new Set(done.map(keyOf));
  const places = Math.ceil(cases / CHUNK_CASES);
  const chunks = Array.from({ length: places }, (_, place) =>
    properties.map((property): Chunk => {
      const size = Math.min(CHUNK_CASES, cases - place * CHUNK_CASES);
      return { property, seed, place, cases: size };
    }),
  );
  return chunks.flat().filter((chunk) => !known.has(keyOf(chunk)));
}

/** @param results of any runs @returns cases by property, then each fault with what repeats it, then the closing line */
export function reportText(results: readonly ChunkResult[]): string {
  const names = [...new Set(results.map(({ property }) => property))];
  const faults = results.filter(({ fault }) => fault !== null);
  const lines = names.map((name) => {
    const own = results.filter(({ property }) => property === name);
    const cases = own.reduce((sum, { cases: size }) => sum + size, 0);
    const seeds = [...new Set(own.map(({ seed }) => seed))].join(", ");
    return `${name.padEnd(12)}${String(cases).padStart(9)} cases, seed ${seeds}`;
  });
  return [
    ...lines,
    ...faults.map(
      (chunk) =>
        `FAULT ${chunk.property}: ${chunk.fault?.what} (--seed ${chunk.seed}, chunk ${chunk.place}, fast-check seed ${seedOf(chunk)})\n${chunk.fault?.counterexample}`,
    ),
    `${results.length - faults.length} passed, ${faults.length} failed`,
  ].join("\n");
}

function keyOf({ property, seed, place, cases }: Chunk): string {
  return `${property} ${seed} ${place} ${cases}`;
}
