/** Bundles agent/main.ts into dist/edso.js, which runs on Node 20 with production node_modules beside it. */
import { chmodSync, existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const [entry = "agent/main.ts", outfile = "dist/edso.js"] = process.argv.slice(2);
/** Exit code of a missing input. @source sysexits.h, EX_NOINPUT */
const EXIT_NO_INPUT = 66;

/** Native modules, which look for their binaries beside themselves, and the packages that load them. */
const external = ["serialport", "@serialport/*", "classic-level", "@lydell/node-pty"];

/** Bundled CommonJS packages call `require`, which an ES module does not have. */
const banner = [
  "#!/usr/bin/env node",
  'import { createRequire as createBundleRequire } from "node:module";',
  "const require = createBundleRequire(import.meta.url);",
].join("\n");

if (!existsSync(resolve(root, entry))) {
  console.error(`build: there is no ${entry} to bundle`);
  process.exit(EXIT_NO_INPUT);
}

await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  mainFields: ["module", "main"],
  external,
  banner: { js: banner },
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "warning",
});
chmodSync(resolve(root, outfile), 0o755);
