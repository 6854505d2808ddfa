/** What can go wrong with the ring of raw frames. None of it touches a reading. */
import { AgentError } from "../../core/errors.ts";

/** Codes of {@link FrameStoreError}. */
export type FrameStoreErrorCode =
  /** The disk refused; the frames of one reading are lost, later ones may be kept. */
  | "FRAMES_WRITE"
  | "FRAMES_READ"
  /** More or longer frames than a reading can rest on; nothing was written. */
  | "FRAMES_TOO_LARGE";

/** Frames that are not kept or not found. */
export class FrameStoreError extends AgentError<FrameStoreErrorCode> {}
