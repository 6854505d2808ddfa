/** A profile in memory, for agents whose points nobody looks for, and for those a test does. */
import { ProfileStoreError } from "../../agent/adapters/blobs/profileStoreError.ts";
import type { ProfilePoint, ProfileStore } from "../../agent/ports/profileStore.ts";

/** The fake: what it keeps and how it fails are a test's. */
export type MemoryProfile = ProfileStore & { readonly points: ProfilePoint[]; isFailing: boolean };

/** @returns an empty store without a bound */
export function memoryProfile(): MemoryProfile {
  const store: MemoryProfile = {
    points: [],
    isFailing: false,
    async add(points) {
      if (store.isFailing) throw new ProfileStoreError("PROFILE_WRITE", { directory: "memory" });
      store.points.push(...points);
    },
    async clear() {
      return store.points.splice(0).length;
    },
    async find({ fromMs, toMs, limit }) {
      return store.points.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).slice(0, limit);
    },
  };
  return store;
}
