/** Each planted bug breaks one rule of the core; the schedules must show the harm, or they prove nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MixedRounds } from "../../../../support/mixedRounds.ts";
import { type Patch, withPlantedBug } from "../../../../support/plantedBug.ts";
import type { SimOptions, SimResult } from "../../../../support/simOptions.ts";

const planted = suite("planted bugs");

const CORE = "agent/core/consensus";
const SCHEDULES = "test/support/consensusSim.ts";
const MOST_SEEDS = 100;

const BY_HALVES: Omit<SimOptions, "seed"> = {
  voterCount: 6,
  heights: 2,
  crashes: 0,
  hasTwin: true,
  dropShare: 0.1,
  isCut: true,
  termMax: 100,
};
const LOSSY: Omit<SimOptions, "seed"> = { ...BY_HALVES, voterCount: 4, dropShare: 0.5, isCut: false };

/** What is broken, how, and under which schedules it shows as a fork. */
const FORKING: readonly (readonly [string, Omit<SimOptions, "seed">, readonly Patch[]])[] = [
  [
    "a quorum of 2f + 1 with 6 voters",
    BY_HALVES,
    [
      {
        file: `${CORE}/quorum.ts`,
        from: "Math.ceil((voterCount + maxFaulty(voterCount) + 1) / 2)",
        to: "2 * maxFaulty(voterCount) + 1",
      },
    ],
  ],
  [
    "a prepared block that is not claimed in ROUND_CHANGEs",
    LOSSY,
    [{ file: `${CORE}/decision.ts`, from: "  update(step, { prepared });\n", to: "" }],
  ],
  [
    "S3 without the highest prepared block, in core and mandate",
    LOSSY,
    [
      {
        file: `${CORE}/justification.ts`,
        from: "    if (signer.preparedRound === null) continue;",
        to: "    continue;",
      },
      {
        file: `${CORE}/mandate.ts`,
        from: "certificate.signers.some((signer) => signer.preparedHash !== null)",
        to: "certificate.signers.length === 0",
      },
    ],
  ],
];

for (const [what, options, patches] of FORKING) {
  planted(`${what} forks within ${MOST_SEEDS} seeds, which the sound core passes`, async () => {
    const seedsTo = (simulate: (options: SimOptions) => SimResult, last: number): number | undefined => {
      for (let seed = 0; seed <= last; seed++)
        if (simulate({ ...options, seed }).faults.some((fault) => fault.startsWith("fork"))) return seed;
      return undefined;
    };
    type Module = { readonly simulate: (options: SimOptions) => SimResult };
    const seed = await withPlantedBug(SCHEDULES, patches, (broken: Module) =>
      seedsTo(broken.simulate, MOST_SEEDS),
    );
    assert.type(seed, "number", "no seed shows it");
    await withPlantedBug(SCHEDULES, [], (sound: Module) => {
      assert.equal(sound.simulate({ ...options, seed: seed ?? 0 }).faults, []);
    });
  });
}

planted("COMMITs added up over mixed rounds decide two blocks in the schedule made by hand", async () => {
  const patch = {
    file: `${CORE}/decision.ts`,
    from: "const commits = commitsFor(keeper, round, blockHash);",
    to: "const commits = [0, 1, 2, 3, 4, 5].flatMap((at) => commitsFor(keeper, at, blockHash)).map((c) => ({ ...c, round }));",
  };
  await withPlantedBug(
    "test/support/mixedRounds.ts",
    [patch],
    (broken: { playMixedRounds: () => MixedRounds }) => {
      const { decided, hashes } = broken.playMixedRounds();
      assert.equal(decided, hashes);
    },
  );
});

planted("a patch that does not fit the source fails", async () => {
  const patch = { file: `${CORE}/quorum.ts`, from: "no such text", to: "" };
  try {
    await withPlantedBug(SCHEDULES, [patch], () => undefined);
  } catch (error) {
    assert.match(String(error), "not once");
    return;
  }
  assert.unreachable("the patch was applied");
});

planted.run();
