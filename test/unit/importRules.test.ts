/** Every rule of the house, broken on purpose: in memory each alone, then all at once on disk under the real runner. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findCycles } from "../support/findCycles.ts";
import { formatViolation, violations } from "../support/importRules.ts";
import { RULES } from "../support/importTable.ts";
import { PLANTS, type Plant } from "../support/plantedViolations.ts";
import { readImports } from "../support/readImports.ts";

const REPO = fileURLToPath(new URL("../..", import.meta.url));

const planted = suite("import rules: planted");

for (const plant of PLANTS) {
  planted(`${plant.rules.join(" and ")}: ${plant.path}`, () => {
    const found = violations(new Map(Object.entries({ [plant.path]: plant.source, ...plant.also })));
    const rules = [...new Set(found.map(({ rule }) => rule))];
    // A plant beside lone files of core is in no room either; that is not its point.
    const seen = plant.rules.includes("unknown-room")
      ? rules
      : rules.filter((rule) => rule !== "unknown-room");
    assert.equal(seen.sort(), [...plant.rules].sort(), found.map(formatViolation).join("\n"));
    assert.ok(found.some(({ file }) => file === plant.path));
  });
}

planted("every rule has a plant", () => {
  const covered = new Set<string>(PLANTS.flatMap(({ rules }) => rules));
  assert.equal(
    RULES.filter((rule) => !covered.has(rule)),
    [],
  );
});

planted("no two plants share a file", () => {
  const paths = PLANTS.map(({ path }) => path);
  assert.is(new Set(paths).size, paths.length);
});
planted.run();

const ALLOWED: readonly (readonly [string, string])[] = [
  ["agent/main.ts", 'import "./compat.ts";\nimport "../drivers/meter.ts";\nimport "./adapters/store/x.ts";'],
  ["agent/core/codec.ts", 'import * as dagCbor from "@ipld/dag-cbor";\nimport "./verdict.ts";'],
  ["agent/core/membership/address.ts", 'import { bech32m } from "@scure/base";'],
  ["agent/core/wire.ts", 'import "./consensus/message.ts";\nimport "./ledger/block.ts";'],
  [
    "agent/core/ledger/blocks/block.ts",
    'import "../../consensus/certificate.ts";\nimport "../../market/settle.ts";',
  ],
  ["agent/core/market/settle.ts", "export const least = Math.min(1, 2); // not Math.random or Date"],
  [
    "agent/core/metering/words.ts",
    `export const text = \`Date \${1} process\`;\nexport const a = { process: 1 };`,
  ],
  ["agent/core/metering/member.ts", "export const of = (x: { Date: 1 }) => x.Date;\n/* Date.now() */"],
  ["agent/ports/meter.ts", 'import type { Wh } from "../core/units.ts";\nexport type Sample = { wh: Wh };'],
  ["agent/ports/brand.ts", "declare const brand: unique symbol;\nexport type A = { readonly [brand]: 1 };"],
  [
    "agent/services/exchange/inbox.ts",
    'import "../../ports/clock.ts";\nimport { wh } from "../../core/units.ts";',
  ],
  ["agent/adapters/store/x.ts", 'import { Level } from "level";\nimport "node:fs";\nimport "./keySpace.ts";'],
  ["agent/adapters/transport/x.ts", 'import { createLibp2p } from "libp2p";\nimport "@libp2p/tcp";'],
  ["agent/config/load.ts", 'import "yaml";\nimport "zod";\nimport "node:fs";\nimport "node:path";'],
  ["agent/cli/client.ts", 'import "node:http";\nimport type { StatusView } from "../ports/agentView.ts";'],
  ["drivers/modbus/bus.ts", 'import "serialport";\nimport type { Meter } from "../../agent/ports/meter.ts";'],
  ["drivers/definitions/sdm120.ts", 'import "../definition.ts";\nimport "../quantity.ts";'],
  ["drivers/simulator/line.ts", 'import { spawn } from "@lydell/node-pty";\nimport "../decode.ts";'],
  ["drivers/decode.ts", 'import "../agent/core/errors.ts";\nimport "../agent/core/units.ts";'],
  ["test/unit/x.test.ts", 'import "../../agent/adapters/store/x.ts";\nimport "level";\nDate.now();'],
  ["agent/cli/long.ts", `${"\n".repeat(299)}export {};\n`],
  [".ci/run", ""],
  ["docs/adr/0001-libp2p.md", ""],
];

const allowed = suite("import rules: allowed");
for (const [path, source] of ALLOWED) {
  allowed(path, () => assert.equal(violations(new Map([[path, source]])).map(formatViolation), []));
}
allowed.run();

const onDisk = suite("import rules: on disk");

onDisk("npm test fails and names every planted file with its rules", () => {
  const root = copyRepository();
  try {
    for (const plant of PLANTS) plantOnDisk(root, plant);
    const run = spawnSync(process.execPath, ["--import", "tsx", "test/run.ts", "architecture"], {
      cwd: root,
      encoding: "utf8",
    });
    assert.is(run.status, 1, run.stdout + run.stderr);
    assert.is(run.stdout.trimEnd().split("\n").at(-1), "1 passed, 1 failed");
    for (const { rules, path } of PLANTS)
      for (const rule of rules) assert.ok(isNamed(run.stdout, rule, path), `${rule}: ${path}\n${run.stdout}`);
  } finally {
    rmSync(root, { recursive: true });
  }
});
onDisk.run();

const reading = suite("import rules: reading");

reading("every form of import is seen, with its line and whether it is type-only", () => {
  const source = [
    'import a, { b } from "a";',
    'import type { C } from "c";',
    'import { type D } from "d";',
    'import "e";',
    'export * from "f";',
    'export type { G } from "g";',
    'const h = await import("h");',
    'import i = require("i");',
    `const j = await import(\`j\${h}\`);`,
    'export const k = "l"; // import "m"',
    "const text = `import 'n'`;",
    "object.import('o');",
    'import type p from "p";',
    'import { q }\n  from "q"',
    'export { r } from "r" with { type: "json" };',
  ].join("\n");
  const seen = readImports(source).map(({ specifier, isTypeOnly, line }) => [specifier, isTypeOnly, line]);
  assert.equal(seen, [
    ["a", false, 1],
    ["c", true, 2],
    ["d", false, 3],
    ["e", false, 4],
    ["f", false, 5],
    ["g", true, 6],
    ["h", false, 7],
    ["i", false, 8],
    [null, false, 9],
    ["p", true, 13],
    ["q", false, 14],
    ["r", false, 16],
  ]);
});

reading("a circle is found once, a shared target is none", () => {
  const circle = [
    ["a", "b"],
    ["b", "c"],
    ["c", "a"],
  ] as const;
  assert.equal(findCycles(circle), [["a", "b", "c", "a"]]);
  assert.equal(
    findCycles([
      ["a", "b"],
      ["a", "c"],
      ["b", "d"],
      ["c", "d"],
    ]),
    [],
  );
});
reading.run();

function copyRepository(): string {
  const root = mkdtempSync(join(tmpdir(), "edso-planted-"));
  for (const part of ["agent", "drivers", "package.json", "tsconfig.json", ".gitignore"])
    cpSync(join(REPO, part), join(root, part), { recursive: true });
  for (const part of ["support", "run.ts", "architecture.test.ts"])
    cpSync(join(REPO, "test", part), join(root, "test", part), { recursive: true });
  symlinkSync(join(REPO, "node_modules"), join(root, "node_modules"));
  return root;
}

function plantOnDisk(root: string, { path, source, also }: Plant): void {
  for (const [file, text] of Object.entries({ [path]: source, ...also })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/** uvu prints spaces of a difference as `·`. */
function isNamed(output: string, rule: string, path: string): boolean {
  return output
    .replaceAll("·", " ")
    .split("\n")
    .some((line) => line.includes(`"${rule}: ${path}`));
}
