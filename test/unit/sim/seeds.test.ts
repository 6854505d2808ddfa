/** A few seeds of every mode pass and repeat, and a planted bug does not: more than that is `npm run sim`. */
// time limit: 300 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BUGS, catchBug } from "../../sim/bugRunner.ts";
import { runChunk, specOf } from "../../sim/chunk.ts";
import { runSeed } from "../../sim/runSeed.ts";
import { MODES } from "../../sim/scenario.ts";

const seeds = suite("simulated seeds");

const SEEDS = 20;
/** A hundred blocks a seed take too long for many: `suspension.test.ts`. */
const SHORT_MODES = MODES.filter((mode) => mode !== "suspension");

for (const mode of SHORT_MODES) {
  seeds(`of mode ${mode} pass, and their faults were real`, () => {
    const chunk = { mode, from: 0, to: SEEDS - 1, members: 4, byzantine: null };
    const { failures, tallies } = runChunk(chunk);
    assert.equal(failures, []);
    const [tally] = tallies;
    assert.is(tally?.passed, SEEDS);
    assert.ok((tally?.heights ?? 0) >= SEEDS, "heights were committed");
    assert.ok((tally?.settledReadings ?? 0) > SEEDS, "readings were settled");
    assert.ok((tally?.counts.recalls ?? 0) > 0, "some DSO was recalled");
    if (mode === "safety" || mode === "liveness" || mode === "recovery")
      assert.ok((tally?.counts.restarts ?? 0) > 0, "some gateway was restarted");
  });
}

seeds("give the same result again", () => {
  const spec = specOf({ mode: "safety", members: 4, byzantine: 1 }, 7);
  assert.equal(runSeed(spec), runSeed(spec));
});

seeds("differ from each other", () => {
  const [first, second] = [1, 2].map((seed) =>
    runSeed(specOf({ mode: "safety", members: 4, byzantine: 1 }, seed)),
  );
  assert.not.equal(first?.counts, second?.counts);
});

for (const name of [
  "COMMITs added up over mixed rounds",
  "a disk that acknowledges before it wrote",
  "nobody follows f + 1 voters that are further on",
  "a COMMIT of a round that was left does not count",
  "a prepared block is not adopted",
  "a vote after the epoch was given up",
]) {
  seeds(`catch the planted bug "${name}" within 20`, async () => {
    const bug = BUGS.find((one) => one.name === name);
    assert.ok(bug, name);
    assert.ok(await catchBug(bug!, SEEDS), "not caught");
  });
}

seeds.run();
