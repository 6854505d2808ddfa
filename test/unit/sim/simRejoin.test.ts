// time limit: 300 s
/** Gateways that lost their votes come back in simulated streets, and vote again only above the block that says so. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { specOf } from "../../sim/chunk.ts";
import { playSeed } from "../../sim/runSeed.ts";
import { scenarioOf } from "../../sim/scenario.ts";

const test = suite("simulated return");

const SEEDS = 60;
const specs = Array.from({ length: SEEDS }, (_, seed) =>
  specOf({ mode: "liveness", members: 4, byzantine: null }, seed),
);

test("is asked for on about half of the seeds", () => {
  const count = specs.filter((spec) => scenarioOf(spec).hasReturns).length;
  assert.ok(count > SEEDS / 4 && count < (3 * SEEDS) / 4, String(count));
});

test("happens, and whoever has returned votes above the block that gave its vote back", () => {
  const isLost = (spec: (typeof specs)[number]) => {
    const { hasReturns, crashes } = scenarioOf(spec);
    return hasReturns && crashes.some(({ disk }) => disk !== "cache-only");
  };
  let returned = 0;
  for (const spec of specs.filter(isLost)) {
    const { world, result } = playSeed(spec);
    assert.equal(result.faults, []);
    for (const { disk, isUp, isObserver } of world.gateways) {
      const resumed = disk.standing.acknowledged().find(({ kind }) => kind === "resume");
      if (resumed?.kind !== "resume") continue;
      const { height } = resumed;
      returned += 1;
      assert.ok(!isUp || !isObserver);
      assert.ok(disk.votes.acknowledged().every(({ message }) => message.height > height));
    }
  }
  assert.ok(returned > 0, String(returned));
});

test.run();
