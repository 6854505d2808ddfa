/** Tables and sections as Markdown. */

/** A column: what stands above it, and whether it holds numbers. */
export type Column = { readonly head: string; readonly isNumber: boolean };
/** Cells, one for each column. */
export type Row = readonly string[];

/** Stands where there is nothing to say. */
export const NONE = "–";

/** @param head above it @returns a column that is aligned to the left */
export function text(head: string): Column {
  return { head, isNumber: false };
}

/** @param head above it @returns a column that is aligned to the right */
export function number(head: string): Column {
  return { head, isNumber: true };
}

/** @param columns of the table @param rows in order @returns the table */
export function table(columns: readonly Column[], rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ head }) => head)),
    `|${columns.map(({ isNumber }) => (isNumber ? "---:" : "---")).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}

/** @param title of the section @param content below it @returns the section */
export function section(title: string, content: string): string {
  return `## ${title}\n\n${content}`;
}
