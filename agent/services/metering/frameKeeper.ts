/** Keeps the raw frames of each measured reading, beside the metering: a disk that refuses them costs only them. */
import type { Hash } from "../../core/hash.ts";
import type { BoundaryMeter } from "../../core/metering/delta.ts";
import type { IntervalIndex } from "../../core/units.ts";
import type { FrameStore, KeptFrame } from "../../ports/frameStore.ts";
import type { Logger } from "../../ports/logger.ts";
import type { RawFrame } from "../../ports/meter.ts";
import { ServiceError } from "../base/serviceError.ts";

/** A meter at a boundary, with the frames that its registers came in; none when it failed. */
export type ReadMeter = BoundaryMeter & { readonly raw: readonly RawFrame[] };

/** Takes the samples that a reading was stated from; never fails, and nothing waits for it. */
export type KeepFrames = (
  reading: { readonly framesHash: Hash; readonly interval: IntervalIndex },
  start: readonly ReadMeter[],
  end: readonly ReadMeter[],
) => void;

/** Sets on their way to a disk that hangs; at one an interval, more will not come through either. */
const MAX_WAITING = 4;

/** @param store of the frames @param logger is told once when they are not kept, and once when they are again @returns what keeps them */
export function frameKeeper(store: FrameStore, logger: Logger): KeepFrames {
  let waiting = 0;
  let isFailing = false;
  const noteFailure = (error: unknown) => {
    if (!isFailing) logger.error("frames.not-kept", error);
    isFailing = true;
  };
  const noteSuccess = () => {
    if (isFailing) logger.info("frames.kept-again");
    isFailing = false;
  };
  return (reading, start, end) => {
    if (waiting >= MAX_WAITING) return noteFailure(new ServiceError("FRAMES_WAITING", { waiting }));
    waiting += 1;
    const frames = [...framesAt("start", start), ...framesAt("end", end)];
    store
      .keep({ framesHash: reading.framesHash, interval: reading.interval, frames })
      .then(noteSuccess, noteFailure)
      .finally(() => {
        waiting -= 1;
      });
  };
}

/** In the order in which the hash takes them. */
function framesAt(boundary: KeptFrame["boundary"], sample: readonly ReadMeter[]): readonly KeptFrame[] {
  return sample.flatMap(({ raw }, meter) => raw.map((frame) => ({ ...frame, meter, boundary })));
}
