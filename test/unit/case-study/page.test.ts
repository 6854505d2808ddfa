import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const DOCS = fileURLToPath(new URL("../../../docs", import.meta.url));
const PAGE = readFileSync(join(DOCS, "case-study.md"), "utf8");

/** @returns what a page cites and the repository does not have: files, and tests by their names */
function missing(page: string): readonly string[] {
  const files = [...page.matchAll(/\]\(((?!https?:|#)[^)#]+)/g)].map(([, path]) => path!);
  const tests = [...page.matchAll(/\]\(([^)]+\.test\.ts)\) "([^"]+)"/g)];
  return [
    ...files.filter((path) => !existsSync(join(DOCS, path))),
    ...tests.flatMap(([, path, name]) => (hasTest(path!, name!) ? [] : [`${path}: ${name}`])),
  ];
}

function hasTest(path: string, name: string): boolean {
  const file = join(DOCS, path);
  return existsSync(file) && readFileSync(file, "utf8").includes(`"${name}"`);
}

const page = suite("docs/case-study.md");

page("cites files that are there and tests that have these names", () => {
  assert.equal(missing(PAGE), []);
});

page("names a test in every row of its rulings", () => {
  const [, rulings] = PAGE.split("## Paper and product");
  const rows = rulings!.split("\n").filter((line) => /^\| (?!The paper|---)/.test(line));
  assert.ok(rows.length >= 20);
  for (const row of rows) assert.match(row, /\.ts\) \| \[\w+(\.\w+)*\.test\.ts\]\([^)]+\) "[^"]+" \|$/);
});

page("shows every figure there is", () => {
  const figures = readdirSync(join(DOCS, "case-study")).filter((name) => name.endsWith(".svg"));
  for (const name of figures) assert.ok(PAGE.includes(`](case-study/${name})`), name);
});

page("is found wanting when a file or a test has another name", () => {
  const elsewhere = `[a](x.ts) and [b.test.ts](../test/architecture.test.ts) "is renamed"`;
  assert.equal(missing(elsewhere), ["x.ts", "../test/architecture.test.ts: is renamed"]);
});
page.run();
