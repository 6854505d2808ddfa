/**
 * The fine-grained profile of a household: what its meters showed between the boundaries. It stays on the gateway; the
 * ledger never gets it, and nothing is settled by it.
 */
import type { UnixMs } from "../core/units.ts";

/** One look at one meter. */
export type ProfilePoint = {
  readonly atMs: UnixMs;
  /** Place of the meter in its member's enrolment. */
  readonly meter: number;
  /** Whole watts, + is import; null when the meter does not say. */
  readonly activePowerW: number | null;
  /** Cumulative, in whole Wh; null when the meter has no such register. */
  readonly importWh: number | null;
  readonly exportWh: number | null;
};

/** Which points are wanted. */
export type ProfileQuery = {
  readonly fromMs: UnixMs;
  /** Exclusive. */
  readonly toMs: UnixMs;
  /** Most points. */
  readonly limit: number;
};

/** A bounded store that forgets its oldest points for new ones. */
export interface ProfileStore {
  /**
   * Not synced: a power cut may take what was added last.
   *
   * @param points in the order of their instants
   * @throws ProfileStoreError `PROFILE_WRITE`, `PROFILE_TOO_LARGE`; the points are not kept then
   */
  add(points: readonly ProfilePoint[]): Promise<void>;
  /** Forgets every point. @returns how many bytes that freed @throws ProfileStoreError `PROFILE_WRITE` */
  clear(): Promise<number>;
  /** @returns the oldest points that are wanted, in the order in which they were added @throws ProfileStoreError `PROFILE_READ` */
  find(query: ProfileQuery): Promise<readonly ProfilePoint[]>;
}
