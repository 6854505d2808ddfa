/** Keeps the beginning and the end of a long output, so that a test that floods its output floods nothing else. */

/** Collects text up to a bound. */
export type BoundedText = {
  readonly append: (text: string) => void;
  /** @returns what was kept, with a line that counts what was left out */
  readonly read: () => string;
};

/** @param maxCharacters kept of the beginning, and as many of the end @returns an empty text */
export function boundedText(maxCharacters: number): BoundedText {
  let head = "";
  let tail = "";
  let leftOut = 0;
  return {
    append: (text) => {
      const toHead = text.slice(0, maxCharacters - head.length);
      head += toHead;
      tail += text.slice(toHead.length);
      leftOut += Math.max(0, tail.length - maxCharacters);
      tail = tail.slice(-maxCharacters);
    },
    read: () => (leftOut === 0 ? head + tail : `${head}\n… ${leftOut} characters left out …\n${tail}`),
  };
}
