/** Columns of text, as wide as what stands in them. */

/** How a column is aligned. */
export type Alignment = "left" | "right";

/**
 * @param headings of the columns
 * @param rows one text per column
 * @param alignments of the columns; left where none is given
 * @returns lines, the headings first, without trailing spaces
 */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): readonly string[] {
  const widths = headings.map((heading, column) =>
    rows.reduce((widest, row) => Math.max(widest, (row[column] ?? "").length), heading.length),
  );
  return [headings, ...rows].map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return alignments[column] === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
