/**
 * Room for the answers of a gateway, altogether: for those that are being made, and for those that wait until whoever
 * asked has taken them. Without it, slow readers of a large street fill the memory.
 */

/** Counts bytes. */
export type AnswerRoom = {
  /** @param bytes the longest that the answer may become @returns its place; null when there is no room for it */
  readonly take: (bytes: number) => AnswerPlace | null;
};

/** The place of one answer. */
export type AnswerPlace = {
  /** @param bytes that the answer has, 0 once it is taken or given up; never more than before */
  readonly shrinkTo: (bytes: number) => void;
};

/** @param maxBytes of all answers @returns a room in which nothing is */
export function answerRoom(maxBytes: number): AnswerRoom {
  let takenBytes = 0;
  return {
    take: (bytes) => {
      if (takenBytes + bytes > maxBytes) return null;
      takenBytes += bytes;
      let ownBytes = bytes;
      return {
        shrinkTo: (left) => {
          takenBytes -= ownBytes - left;
          ownBytes = left;
        },
      };
    },
  };
}
