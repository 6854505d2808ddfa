/** Finds the test files that `npm test` runs. */
import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Rooms of test/ with scripts of their own, or with no tests. */
const OTHER_ROOMS: ReadonlySet<string> = new Set([
  "sim",
  "spin",
  "chaos",
  "bench",
  "hardware",
  "support",
  "vectors",
]);

/** @param testDir path of test/ @returns its `*.test.ts` files, sorted; paths begin with `testDir` */
export function findTestFiles(testDir: string): readonly string[] {
  return readdirSync(testDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !OTHER_ROOMS.has(room(testDir, file)))
    .sort();
}

/** @param testDir path of test/ @param file below it @returns the folder of test/ it is in, "" for none */
export function room(testDir: string, file: string): string {
  const parts = relative(testDir, file).split(sep);
  return parts.length > 1 ? (parts[0] ?? "") : "";
}
