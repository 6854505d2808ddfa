/**
 * The raw frames that signed readings were decoded from: kept for a while, for people who want to see what a reading
 * rests on. Nothing is settled by them, so nothing waits for them.
 */
import type { Hash } from "../core/hash.ts";
import type { IntervalIndex } from "../core/units.ts";
import type { RawFrame } from "./meter.ts";

/** One request and its answer, and what they were read for. */
export type KeptFrame = RawFrame & {
  /** Place of the meter in its member's enrolment. */
  readonly meter: number;
  /** Which end of the interval it was read for. */
  readonly boundary: "start" | "end";
};

/** Everything one measured reading was decoded from. */
export type FrameSet = {
  /** As the signed reading has it; it covers the answers in this order, not the requests. */
  readonly framesHash: Hash;
  readonly interval: IntervalIndex;
  readonly frames: readonly KeptFrame[];
};

/** A bounded store that forgets its oldest frames for new ones. */
export interface FrameStore {
  /**
   * Not synced: a power cut may take the newest. Of two sets under one hash the newer is found.
   *
   * @param set of one reading; instants are kept in whole ms
   * @throws FrameStoreError `FRAMES_WRITE`, `FRAMES_TOO_LARGE`
   */
  keep(set: FrameSet): Promise<void>;
  /** @param framesHash of a reading @returns its frames, null when they are not kept any more @throws FrameStoreError `FRAMES_READ` */
  find(framesHash: Hash): Promise<FrameSet | null>;
}
