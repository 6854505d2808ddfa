/** Frames in memory, for agents whose frames nobody looks for, and for those a test does. */
import { FrameStoreError } from "../../agent/adapters/blobs/frameStoreError.ts";
import type { FrameSet, FrameStore } from "../../agent/ports/frameStore.ts";

/** The fake: what it keeps and how it fails are a test's. */
export type MemoryFrames = FrameStore & {
  /** Oldest first. */
  readonly sets: FrameSet[];
  isFailing: boolean;
};

/** @param maxSets most that are kept @returns an empty store */
export function memoryFrames(maxSets = 4_096): MemoryFrames {
  const sets: FrameSet[] = [];
  const store: MemoryFrames = {
    sets,
    isFailing: false,
    async keep(set) {
      if (store.isFailing) throw new FrameStoreError("FRAMES_WRITE", { directory: "memory" });
      if (set.frames.length > 256)
        throw new FrameStoreError("FRAMES_TOO_LARGE", { frames: set.frames.length });
      sets.push(structuredClone(set));
      if (sets.length > maxSets) sets.shift();
    },
    async find(framesHash) {
      return sets.findLast((set) => set.framesHash === framesHash) ?? null;
    },
  };
  return store;
}
