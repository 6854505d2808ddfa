/** A bug to plant, and where to look for it. */
import type { Patch } from "../support/plantedBug.ts";
import type { Mode } from "./scenario.ts";

/** Seeds of one mode and one number of members. */
export type Hunt = { readonly mode: Mode; readonly members: number };

/** One rule broken in a copy of the sources, or in the simulator's disk; never in the product. */
export type PlantedBug = {
  readonly name: string;
  /** Empty for a fault of the simulated disk. */
  readonly patches: readonly Patch[];
  /** False plants a disk without fsync. */
  readonly hasFsync?: boolean;
  /** Taken in turns, seed by seed. */
  readonly hunts: readonly Hunt[];
};
