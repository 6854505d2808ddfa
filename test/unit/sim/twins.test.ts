/** Two rounds of Twins: exhaustive three rounds are `npm run sim -- --twins`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allScenarios, drawnScenarios, playTwins, TwinsGround } from "../../sim/twins.ts";

const twins = suite("Twins");

const ROUNDS = 1;

twins("n = 4 + 1 ends in one block, and every equivocation leaves evidence with every sound voter", () => {
  const ground = new TwinsGround();
  const results = [...allScenarios(ROUNDS)].map((scenario) => ({ scenario, ...playTwins(ground, scenario) }));
  assert.equal(
    results.filter(({ faults }) => faults.length > 0),
    [],
  );
  assert.is(results.length, 4 * 16);
  assert.ok(results.some(({ hasEquivocated }) => hasEquivocated));
});

twins("n = 7 + 2, drawn, end the same", () => {
  const ground = new TwinsGround(7);
  const results = [...drawnScenarios(ROUNDS + 1, 20)].map((scenario) => ({
    scenario,
    ...playTwins(ground, scenario),
  }));
  assert.equal(
    results.filter(({ faults }) => faults.length > 0),
    [],
  );
  assert.ok(results.some(({ hasEquivocated }) => hasEquivocated));
});

twins.run();
