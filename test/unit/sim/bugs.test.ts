/** Every planted bug still fits the sources: its text stands there exactly once. Whether it is caught is `npm run sim -- --bugs`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BUGS } from "../../sim/bugRunner.ts";

const bugs = suite("planted bugs");

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

bugs("fit the sources", () => {
  const unfit = BUGS.flatMap(({ name, patches }) =>
    patches
      .filter(({ file, from }) => readFileSync(join(ROOT, file), "utf8").split(from).length !== 2)
      .map(({ file }) => `${name}: ${file}`),
  );
  assert.equal(unfit, []);
});

bugs("are forty or more, each under a name of its own and within the product", () => {
  assert.ok(BUGS.length >= 40, String(BUGS.length));
  assert.is(new Set(BUGS.map(({ name }) => name)).size, BUGS.length);
  assert.ok(BUGS.every(({ patches }) => patches.every(({ file }) => file.startsWith("agent/"))));
});

bugs.run();
