import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kwhText } from "../../case-study/amountText.ts";
import { caseStudy } from "../../case-study/caseStudy.ts";
import { DEFAULT_HOURS, DEFAULT_SEED } from "../../case-study/options.ts";

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

page("says of t = 9 what the chain says", () => {
  const { need, generated, consumed } = caseStudy(DEFAULT_SEED, DEFAULT_HOURS).hours[8]!.deps.dep2;
  const sentence =
    `At t = 9 DEP 2 would need ${kwhText(need)} kWh and generates ${kwhText(generated)}; ` +
    `the order of t = 7 lets it draw nothing, so ${kwhText(need - consumed)} kWh stay unserved.`;
  assert.ok(PAGE.includes(sentence), sentence);
});

page("is found wanting when a file or a test has another name", () => {
  const elsewhere = `[a](x.ts) and [b.test.ts](../test/architecture.test.ts) "is renamed"`;
  assert.equal(missing(elsewhere), ["x.ts", "../test/architecture.test.ts: is renamed"]);
});
page.run();
