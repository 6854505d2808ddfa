/** In a simulated street a voter that is away for a hundred blocks loses its vote, comes back, and has it again. */
// time limit: 300 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { playSeed } from "../../sim/runSeed.ts";

const test = suite("simulated suspension");

test("takes the vote of one of five, refuses what is asked too early, and gives the vote back", () => {
  const { result, world } = playSeed({ mode: "suspension", seed: 2, members: 5, byzantine: null });
  assert.equal(result.faults, []);
  const { counts, newest } = world.onlookers.roster;
  assert.equal([counts.suspensions, counts.changes], [1, 2]);
  assert.ok(counts.withoutEffect > 0, "somebody asked in vain");
  assert.is(newest.voters.length, 5);
});

test.run();
