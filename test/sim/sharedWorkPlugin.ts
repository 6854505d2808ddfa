/** While the simulator is bundled, files of `shared/` stand in for files of the core of the same path. */
import { existsSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const CORE = fileURLToPath(new URL("../../agent/core", import.meta.url));
const SHARED = fileURLToPath(new URL("shared", import.meta.url));

/** @returns the plugin; a file of `shared/` itself gets the original */
export function sharedWorkPlugin(): Plugin {
  return {
    name: "shared-work",
    setup(bundler) {
      bundler.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const file = join(resolveDir, path);
        if (!file.startsWith(CORE + sep) || resolveDir.startsWith(SHARED)) return null;
        const standIn = join(SHARED, file.slice(CORE.length));
        return existsSync(standIn) ? { path: standIn } : null;
      });
      bundler.onResolve({ filter: /^@noble\/hashes\/sha2\.js$/ }, ({ importer }) =>
        importer.startsWith(CORE + sep) ? { path: join(SHARED, "sha256.ts") } : null,
      );
    },
  };
}
