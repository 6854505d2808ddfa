/** The word somebody meant: smallest edit distance, if it is small enough to be a slip, else a part of it. */

/** Fewest characters that stand for a longer word. */
const MIN_PART = 4;
/** Characters beyond which nobody meant a word. */
const MAX_WORD = 64;
/** Edits beyond which a word is another word: a third of it, at least one. */
const maxEdits = (word: string) => Math.max(1, Math.floor(word.length / 3));

/** @param word as written @param candidates what there is @returns the nearest of them, or undefined */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_WORD) return undefined;
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= maxEdits(word))
    .sort((left, right) => left.edits - right.edits);
  return ranked[0]?.candidate ?? candidates.find((candidate) => isPartOf(word, candidate));
}

/** Somebody who writes a good part of a word means that word. */
function isPartOf(word: string, candidate: string): boolean {
  return word.length >= MIN_PART && candidate.toLowerCase().includes(word.toLowerCase());
}

/** Insertions, deletions, substitutions and swaps of neighbours. @source Damerau 1964, optimal string alignment */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  const edits = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          edits(row - 1, column) + 1,
          edits(row, column - 1) + 1,
          edits(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwap ? edits(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return edits(from.length, to.length);
}
