/** Walks the repository's files, as a clean clone would have them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The only files whose text the rules read. */
const READ = /\.ts$/;

/**
 * @param root path of the repository
 * @returns path with `/`, relative to the root → text, empty for what is no TypeScript; without .git and what .gitignore names
 */
export function readRepository(root: string): ReadonlyMap<string, string> {
  const isIgnored = ignoring(root);
  const files = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (isIgnored(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else files.set(path, READ.test(path) ? readFileSync(join(root, path), "utf8") : "");
    }
  };
  walk("");
  return files;
}

/** Understands the two forms our .gitignore uses: `name/` and `*.ending`. */
function ignoring(root: string): (name: string) => boolean {
  const patterns = readFileSync(join(root, ".gitignore"), "utf8")
    .split("\n")
    .map((line) => line.trim().replace(/\/$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
  const names = new Set([".git", ...patterns]);
  const endings = patterns.filter((pattern) => pattern.startsWith("*")).map((pattern) => pattern.slice(1));
  return (name) => names.has(name) || endings.some((ending) => name.endsWith(ending));
}
