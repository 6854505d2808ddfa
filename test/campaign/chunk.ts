/** A piece of a campaign, as it goes to a worker and comes back. */
import type { CampaignFault } from "./campaignProperty.ts";
import { PROPERTIES } from "./properties.ts";

/** So many cases of one property, from a seed that follows from the campaign's and its place. */
export type Chunk = {
  readonly property: string;
  /** Of the campaign. */
  readonly seed: number;
  readonly place: number;
  readonly cases: number;
};

/** A chunk that was run. */
export type ChunkResult = Chunk & { readonly fault: CampaignFault | null };

/** Seeds of neighbouring places are far apart: fast-check's first cases of neighbouring seeds are alike. @source Knuth, TAOCP 2, 3.3.4 */
const STRIDE = 2_654_435_761;

/** @param chunk to run @returns it, with the first fault */
export function runChunk(chunk: Chunk): ChunkResult {
  const run = PROPERTIES[chunk.property];
  if (run === undefined) throw new RangeError(`no property ${chunk.property}`);
  return { ...chunk, fault: run(seedOf(chunk), chunk.cases) };
}

/** @param chunk any @returns the seed that fast-check is given */
export function seedOf({ seed, place }: Chunk): number {
  return Math.imul(seed + place, STRIDE) | 0;
}
