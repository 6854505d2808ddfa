/** Comma-separated values. No cell of ours begins a formula: names are DNS labels, and a minus is the sign of a figure. */

/** @param rows of cells, the header first @returns the text, each line ended @source RFC 4180 */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map((cell) => quoted(String(cell))).join(",")}\r\n`).join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
