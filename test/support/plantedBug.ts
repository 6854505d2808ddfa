/**
 * Runs a test module against a core with one rule broken: the source is patched while it is bundled, so that
 * the product has no switch for it. A patch whose text is not found fails.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { withTemporaryDirectory } from "./temporaryDirectory.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** One change of one file of the product. */
export type Patch = {
  /** From the root of the repository. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly from: string;
  readonly to: string;
};

/**
 * @param module of the tests, from the root of the repository
 * @param patches to apply
 * @param use what to do with the module's exports
 * @param plugins of the bundler beside
 * @returns its result
 */
export async function withPlantedBug<Exports, T>(
  module: string,
  patches: readonly Patch[],
  use: (exports: Exports) => T,
  plugins: readonly Plugin[] = [],
): Promise<T> {
  return withTemporaryDirectory(async (directory) => {
    const outfile = join(directory, "planted.mjs");
    await bundleModule(module, outfile, [patching(patches), ...plugins]);
    return use((await import(pathToFileURL(outfile).href)) as Exports);
  });
}

/** @param module from the root of the repository @param outfile to write, an ES module @param plugins of the bundler */
export async function bundleModule(
  module: string,
  outfile: string,
  plugins: readonly Plugin[],
): Promise<void> {
  await build({
    entryPoints: [join(ROOT, module)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
    plugins: [...plugins],
  });
}

function patching(patches: readonly Patch[]): Plugin {
  return {
    name: "planted-bug",
    setup(bundler) {
      for (const file of new Set(patches.map((patch) => patch.file))) {
        const filter = new RegExp(`${file.replaceAll(/[.\\/]/g, (mark) => `\\${mark}`)}$`);
        bundler.onLoad({ filter }, async ({ path }) => {
          let contents = await readFile(path, "utf8");
          for (const patch of patches) if (patch.file === file) contents = patched(contents, patch);
          return { contents, loader: "ts" };
        });
      }
    },
  };
}

function patched(source: string, { file, from, to }: Patch): string {
  if (source.split(from).length !== 2) throw new RangeError(`${file}: not once: ${from}`);
  return source.replace(from, () => to);
}
