/** At which heights the state is kept, and for how long; the same on every gateway, so that several can give it. */
import type { Height } from "../../units.ts";

/**
 * Blocks from one snapshot to the next. Fewer would cost more disk than they save time: what lies between two is
 * recomputed in seconds.
 */
export const SNAPSHOT_EVERY = 256;
/**
 * Snapshots that are kept beside the one the chain begins with: the newest 1,024 blocks always begin at one of five,
 * and the sixth lets who is fetching the fifth finish.
 */
export const SNAPSHOTS_KEPT = 6;

/** @param height of a block @returns true when the state after it is kept */
export function isSnapshotHeight(height: Height): boolean {
  return height > 0 && height % SNAPSHOT_EVERY === 0;
}

/** @param heights of the snapshots, newest first @param base that the chain begins with @returns those that go */
export function snapshotsToDrop(heights: readonly Height[], base: Height): readonly Height[] {
  return heights.slice(SNAPSHOTS_KEPT).filter((at) => at !== base);
}
