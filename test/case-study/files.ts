/** The files of the case study: made, written, or compared with what is there. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseStudy } from "./caseStudy.ts";
import { figureFiles } from "./figures.ts";
import { labelsOf } from "./labels.ts";
import { tablesPage } from "./tables.ts";

/** A file that is not what the command would write. */
export type Difference = { readonly name: string; readonly kind: "missing" | "other" | "stray" };

/** @param study a finished run @param given labels by gateway name @returns every file by its name */
export function caseStudyFiles(
  study: CaseStudy,
  given: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const labels = labelsOf(study, given);
  return new Map([["tables.md", tablesPage(study, labels)], ...figureFiles(study, labels)]);
}

/** @param directory made when there is none @param files by name */
export function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(directory, name), content);
}

/** @param directory where they should be @param files by name @returns what differs, by name */
export function differences(directory: string, files: ReadonlyMap<string, string>): readonly Difference[] {
  const present = new Set(readdirSync(directory));
  const wanted = [...files].flatMap(([name, content]): readonly Difference[] => {
    if (!present.has(name)) return [{ name, kind: "missing" }];
    return readFileSync(join(directory, name)).equals(Buffer.from(content)) ? [] : [{ name, kind: "other" }];
  });
  const stray = [...present]
    .filter((name) => !files.has(name))
    .map((name): Difference => ({ name, kind: "stray" }));
  return [...wanted, ...stray].sort((one, other) => (one.name < other.name ? -1 : 1));
}
