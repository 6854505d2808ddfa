/** The agreement under random schedules. Every schedule is its seed; a failing one prints all that repeats it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { maxFaulty } from "../../../../../agent/core/consensus/quorum.ts";
import { simulate } from "../../../../support/consensusSim.ts";
import type { SimOptions, SimResult } from "../../../../support/simOptions.ts";

const schedules = suite("random schedules");

const SEEDS = 30;

/** Everything a seed varies; faults stay within f. */
function optionsOf(seed: number, voterCount: number): SimOptions {
  const faulty = maxFaulty(voterCount);
  const hasTwin = faulty > 0 && seed % 2 === 0;
  return {
    seed,
    voterCount,
    heights: 3,
    crashes: seed % 3 === 0 ? faulty - (hasTwin ? 1 : 0) : 0,
    hasTwin,
    dropShare: [0, 0.1, 0.3, 0.5][seed % 4] ?? 0,
    isCut: voterCount > 1 && seed % 5 === 0,
    termMax: seed % 4 === 0 ? 2 : 100,
  };
}

function run(voterCount: number): readonly SimResult[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const options = optionsOf(seed, voterCount);
    const result = simulate(options);
    assert.equal(result.faults, [], JSON.stringify(options));
    assert.is(result.decidedHeights, options.heights, JSON.stringify(options));
    return result;
  });
}

const total = (results: readonly SimResult[], of: (result: SimResult) => number): number =>
  results.reduce((sum, result) => sum + of(result), 0);

for (const voterCount of [1, 2, 3]) {
  schedules(`of ${voterCount} honest voters end in one chain, reached by all`, () => {
    const results = run(voterCount);
    assert.ok(results.some((result) => result.terms > 1));
    if (voterCount > 1) assert.ok(total(results, (result) => result.recalls) > 0);
  });
}

for (const voterCount of [4, 5, 6, 7]) {
  schedules(
    `of ${voterCount} voters, f of them crashed or running twice, end in one chain, reached by all`,
    () => {
      const results = run(voterCount);
      assert.ok(total(results, (result) => result.recalls) > 0, "someone was recalled");
      assert.ok(total(results, (result) => result.equivocations) > 0, "someone was caught");
      assert.ok(total(results, (result) => result.proposedAgain) > 0, "some block was proposed again");
      assert.ok(Math.max(...results.map((result) => result.highestRound)) > 2, "some height took rounds");
    },
  );
}

for (const voterCount of [1, 2, 3, 4, 5, 6, 7]) {
  schedules(`S1, S2: of ${voterCount} voters that lose their power again and again end in one chain`, () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const options = { ...optionsOf(seed, voterCount), restarts: 1 + (seed % 5) };
      const result = simulate(options);
      assert.equal(result.faults, [], JSON.stringify(options));
      assert.is(result.decidedHeights, options.heights, JSON.stringify(options));
    }
  });
}

schedules("S1: find the second vote of a gateway that restarts without its journal", () => {
  const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
  const faults = seeds.flatMap(
    (seed) => simulate({ ...optionsOf(seed, 4), restarts: 3, forgetsVotes: true }).faults,
  );
  assert.ok(
    faults.some((fault) => fault.startsWith("S1: ")),
    faults.join("; "),
  );
});

schedules("are the same for the same seed", () => {
  assert.equal(simulate(optionsOf(5, 4)), simulate(optionsOf(5, 4)));
});

schedules.run();
