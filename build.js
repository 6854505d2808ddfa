/** Bundles agent/main.ts into dist/edso.js, which runs on Node 20 with production node_modules beside it. */
import { chmodSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const entry = process.argv[2] ?? "agent/main.ts";
const outfile = process.argv[3] ?? "dist/edso.js";

/** Native modules, which find their binaries beside themselves, and what loads them. */
const external = ["serialport", "@serialport/*", "classic-level", "@lydell/node-pty"];

/** What CommonJS packages expect inside an ES module. */
const commonJs = [
  'import { createRequire as edsoCreateRequire } from "node:module";',
  "const require = edsoCreateRequire(import.meta.url);",
];

if (!existsSync(new URL(entry, `file://${root}`))) {
  console.error(`build: no ${entry} to bundle`);
  process.exit(66);
}

await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external,
  banner: { js: ["#!/usr/bin/env node", ...commonJs].join("\n") },
  mainFields: ["module", "main"],
  sourcemap: "linked",
  sourcesContent: false,
  keepNames: true,
  logLevel: "info",
});
chmodSync(new URL(outfile, `file://${root}`), 0o755);
