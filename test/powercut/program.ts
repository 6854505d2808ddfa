/** The bundled product as the gateways run it, or the same with a promise to the disk broken in the bundle. */
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");

/** One change of the bundle; its text must occur. A bundler renames variables, so some are patterns. */
export type Replacement = readonly [from: string | RegExp, to: string];

const JOURNAL_SYNCS: readonly Replacement[] = [
  ["await this.#file.datasync();", ""],
  ["await file.datasync();", ""],
  ["await file.sync();", ""],
];
const STORE_SYNC: readonly Replacement[] = [["{ sync: true }", "{ sync: false }"]];

/** Promises that can be broken; the product has no switch for any of them. */
export const PLANTS: Readonly<Record<string, readonly Replacement[]>> = {
  "no-fsync": [...JOURNAL_SYNCS, ...STORE_SYNC],
  "no-fsync-journals": JOURNAL_SYNCS,
  "no-fsync-ledger": STORE_SYNC,
  "vote-before-durable": [[/await (journal\.append\(.*\);)/g, "void $1"]],
};

/** Name of the product as it is. */
export const PRODUCT = "product";

/** A bundle of a run's own. */
export type Program = { readonly path: string; readonly remove: () => Promise<void> };

/**
 * @param plant one of {@link PLANTS}, or {@link PRODUCT}
 * @param more changes that break nothing
 * @returns the bundle, beside the product's, so that native modules are found
 * @throws Error when the text of a plant does not occur
 */
export async function buildProgram(plant: string, more: readonly Replacement[] = []): Promise<Program> {
  const path = resolve(ROOT, `dist/powercut-${process.pid}.js`);
  await promisify(execFile)(process.execPath, ["build.js", "agent/main.ts", path], { cwd: ROOT });
  const replacements = [...(PLANTS[plant] ?? []), ...more];
  if (replacements.length > 0) {
    const bundle = await readFile(path, "utf8");
    await writeFile(path, replacements.reduce(replaced, bundle));
  }
  const remove = async () => {
    await rm(path, { force: true });
    await rm(`${path}.map`, { force: true });
  };
  return { path, remove };
}

function replaced(bundle: string, [from, to]: Replacement): string {
  const changed = bundle.replaceAll(from, to);
  if (changed === bundle) throw new Error(`the bundle does not contain ${from}`);
  return changed;
}
