/** The house keeps its rules: ARCHITECTURE.md, "Who may import whom". */
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatViolation, violations } from "./support/importRules.ts";
import { readRepository } from "./support/readRepository.ts";

const files = readRepository(fileURLToPath(new URL("..", import.meta.url)));

const architecture = suite("architecture");

architecture("the walk sees the product", () => {
  for (const path of ["agent/core/errors.ts", "drivers/definition.ts", "test/architecture.test.ts"])
    assert.ok(files.get(path), path);
  assert.ok(files.has("package.json"));
});

architecture("nothing breaks a rule", () => {
  assert.equal(violations(files).map(formatViolation), []);
});
architecture.run();
