/** Damage is done to the file and in the way that was asked for, the same for the same seed. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../drivers/simulator/seededRandom.ts";
import { DAMAGES, damageFile } from "../../corruption/damage.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const damaged = suite("damage");

const FILES = {
  "votes.journal": Buffer.concat([Buffer.alloc(9_000, 1), Buffer.alloc(20_000)]),
  "edso.yaml": Buffer.from("name: dep1\n"),
  "ledger/000003.log": Buffer.alloc(5_000, 3),
  "keys/ledger.key": Buffer.from("ab".repeat(32)),
};

const withDirectory = (use: (directory: string) => Promise<void>) => () =>
  withTemporaryDirectory(async (directory) => {
    for (const sub of ["ledger", "keys"]) await mkdir(join(directory, sub));
    for (const [name, content] of Object.entries(FILES)) await writeFile(join(directory, name), content);
    await use(directory);
  });

for (const damage of DAMAGES) {
  damaged(
    `${damage} changes the vote journal${damage === "swap" ? " and one other file" : " and nothing else"}`,
    withDirectory(async (directory) => {
      const done = await damageFile(directory, "vote journal", damage, seededRandom(1));
      assert.equal([done?.file, done?.damage, done?.hasChanged], ["votes.journal", damage, true]);
      const changed: string[] = [];
      for (const [name, content] of Object.entries(FILES)) {
        const found = await readFile(join(directory, name)).catch(() => null);
        if (found === null || !found.equals(content)) changed.push(name);
      }
      assert.is(changed.length, damage === "swap" ? 2 : 1);
      assert.ok(changed.includes("votes.journal"));
    }),
  );
}

damaged(
  "one bit is one bit, and the same seed finds the same one",
  withDirectory(async (directory) => {
    const path = join(directory, "ledger/000003.log");
    const content = FILES["ledger/000003.log"];
    const done = await damageFile(directory, "LevelDB log", "bit", seededRandom(5));
    const after = await readFile(path);
    const differing = [...after.keys()].filter((at) => after[at] !== content[at]);
    assert.is(differing.length, 1);
    const bits = (after[differing[0] ?? 0] ?? 0) ^ 3;
    assert.is(bits & (bits - 1), 0);
    await writeFile(path, content);
    assert.equal(await damageFile(directory, "LevelDB log", "bit", seededRandom(5)), done);
    assert.ok((await readFile(path)).equals(after));
  }),
);

damaged(
  "a swap leaves no file behind but the two",
  withDirectory(async (directory) => {
    await damageFile(directory, "configuration", "swap", seededRandom(2));
    assert.equal((await readdir(directory)).sort(), ["edso.yaml", "keys", "ledger", "votes.journal"]);
  }),
);

damaged(
  "a kind that is not there is not damaged",
  withDirectory(async (directory) => {
    assert.is(await damageFile(directory, "LevelDB table", "bit", seededRandom(1)), null);
  }),
);
damaged.run();
