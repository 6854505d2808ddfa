/** What a seed decides: faults of every kind are drawn, the rare ones by streams of their own. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { USUAL_MANNERS } from "../../sim/household.ts";
import { type Scenario, scenarioOf } from "../../sim/scenario.ts";

const scenarios = suite("scenarios");

const SEEDS = 200;
const plans: readonly Scenario[] = Array.from({ length: SEEDS }, (_, seed) =>
  scenarioOf({ mode: "safety", seed, members: 4, byzantine: null }),
);

/** A clock that is ahead by whole intervals, right again, and then a power cut of the same gateway. */
function hasFastClock({ clockSteps, crashes, intervalMs }: Scenario): boolean {
  return clockSteps.some(
    ({ member, offsetMs }) =>
      offsetMs >= 2 * intervalMs &&
      offsetMs % intervalMs === 0 &&
      clockSteps.some(
        (back) =>
          back.member === member &&
          back.offsetMs === 0 &&
          crashes.some(({ atMs, members }) => atMs > back.atMs && members.includes(member)),
      ),
  );
}

const RARE: Readonly<Record<string, (plan: Scenario) => boolean>> = {
  "a clock that was ahead before a power cut": hasFastClock,
  "idle households": ({ skewShare }) => skewShare !== USUAL_MANNERS.skewShare,
  "a street without network": ({ cuts, members }) =>
    cuts.some(({ from, to }) => from.size === members && to.size === members),
  "forged readings": ({ liars }) => liars.some(({ lies }) => lies.includes("forged-reading")),
  "overlapping spans": ({ liars }) => liars.some(({ lies }) => lies.includes("overlapping-span")),
};

for (const [name, isSo] of Object.entries(RARE))
  scenarios(`have ${name} now and then, and mostly not`, () => {
    const count = plans.filter(isSo).length;
    assert.ok(count > 0 && count < SEEDS / 4, `${count} of ${SEEDS}`);
  });

scenarios("of modes with a sound network have none of the rare faults but lies", () => {
  for (const mode of ["liar", "straggler", "censor"] as const)
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const { clockSteps, crashes, skewShare } = scenarioOf({ mode, seed, members: 4, byzantine: null });
      assert.equal([clockSteps, crashes, skewShare], [[], [], USUAL_MANNERS.skewShare]);
    }
});

scenarios.run();
