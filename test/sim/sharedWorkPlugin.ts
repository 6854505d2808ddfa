/** While the simulator is bundled, files of `shared/` stand in for files of the core of the same path. */
import { existsSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const CORE = fileURLToPath(new URL("../../agent/core", import.meta.url));
const SHARED = fileURLToPath(new URL("shared", import.meta.url));

/** Files of `shared/` that stand in for nothing in the core. */
const HELPERS: readonly string[] = ["sharedWork.ts", "sha256.ts"];

/**
 * @returns the plugin; a file of `shared/` itself gets the original
 * @throws Error for a file of `shared/` that stands in for nothing: whatever it shares would silently be done anew
 */
export function sharedWorkPlugin(): Plugin {
  const idle = standsInForNothing();
  if (idle.length > 0) throw new Error(`no file of the core has the path of ${idle.join(", ")}`);
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

function standsInForNothing(): readonly string[] {
  return readdirSync(SHARED, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !HELPERS.includes(path) && !existsSync(join(CORE, path)),
  );
}
