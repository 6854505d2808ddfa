/** Documents name files that exist: whoever follows a path finds the rule, or its test, where it is said to be. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const ROOT = resolve(import.meta.dirname, "../..");
/** Paths of the repository, and in TESTING.md those below `test/`. */
const OF_REPOSITORY = /^(agent|drivers|test|docs|systemd|deploy|firmware-config)\/[\w./{},-]*$/;
const OF_TESTS = /^(unit|contract|integration|e2e|support|sim|spin|chaos|powercut|vectors)\/[\w./{},-]*$/;
/** Names that stand for any. */
const PLACEHOLDERS = ["docs/adr/NNNN-title.md", "drivers/definitions/makerModel.ts"];
/** Rooms that are reserved, and said to be. */
const RESERVED = [
  "systemd/",
  "deploy/",
  "firmware-config/",
  "agent/web",
  "agent/core/access",
  "agent/adapters/systemd",
  "agent/adapters/mqtt",
  "test/hardware",
];

const docs = suite("docs");

for (const document of documents()) {
  docs(`${document} names files that exist`, () => {
    assert.equal(missing(document, readFileSync(join(ROOT, document), "utf8")), []);
  });
}

docs("a file that does not exist is named", () => {
  const text =
    "`agent/main.ts`, `agent/core/{hash,nothing}.ts`, `unit/docs.test.ts`, `test/unit/nothing.test.ts`";
  assert.equal(missing("TESTING.md", text), ["agent/core/nothing.ts", "test/unit/nothing.test.ts"]);
});

docs.run();

function documents(): readonly string[] {
  return [
    ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
    ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];
}

function missing(document: string, text: string): readonly string[] {
  const named = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path = ""]) => path);
  return named
    .flatMap((path) => {
      if (OF_REPOSITORY.test(path)) return expanded(path);
      return document === "TESTING.md" && OF_TESTS.test(path) ? expanded(`test/${path}`) : [];
    })
    .filter((path) => !existsSync(join(ROOT, path)) && ![...PLACEHOLDERS, ...RESERVED].includes(path));
}

/** `a/{b,c}.ts` are `a/b.ts` and `a/c.ts`. */
function expanded(path: string): readonly string[] {
  const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(path);
  if (braces === null) return [path];
  const [, before = "", inside = "", after = ""] = braces;
  return inside.split(",").flatMap((one) => expanded(`${before}${one}${after}`));
}
