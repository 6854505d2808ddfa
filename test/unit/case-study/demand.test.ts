import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DEPS, demandOf, GOLDEN, type HourDemand, RANGE_KW } from "../../case-study/demand.ts";

const SEEDS = Array.from({ length: 50 }, (_, index) => `${index}`);
const HOURS = Array.from({ length: 24 }, (_, index) => index + 1);

const demand = suite("draws of the case study");

const surplusOf = (hour: HourDemand): number =>
  DEPS.reduce((total, dep) => total + hour[dep].generationKwh - hour[dep].needKwh, 0);

demand("are the same for the same seed and others for another", () => {
  assert.equal(demandOf("1", 3), demandOf("1", 3));
  assert.not.equal(demandOf("1", 3), demandOf("2", 3));
});

demand("lie in the paper's range and reach both ends of it", () => {
  const drawn = SEEDS.flatMap((seed) =>
    HOURS.filter((t) => t !== GOLDEN.at).flatMap((t) => Object.values(demandOf(seed, t))),
  ).flatMap(({ generationKwh, needKwh }) => [generationKwh, needKwh]);
  assert.is(Math.min(...drawn), RANGE_KW.min);
  assert.is(Math.max(...drawn), RANGE_KW.max);
});

demand(
  "hold the golden case in every seed: 20 generated, 60 needed, nobody else has excess or deficit",
  () => {
    for (const seed of SEEDS) {
      const { dep1, dep2, dep3 } = demandOf(seed, 7);
      assert.equal(dep2, { generationKwh: 20, needKwh: 60 });
      assert.is(dep1.generationKwh, dep1.needKwh);
      assert.is(dep3.generationKwh, dep3.needKwh);
    }
  },
);

demand("leave enough energy in the hours whose orders would bind the golden hour, and only there", () => {
  for (const seed of SEEDS) for (const t of [1, 3, 5]) assert.ok(surplusOf(demandOf(seed, t)) >= 0);
  for (const t of [2, 4, 6, 9]) assert.ok(SEEDS.some((seed) => surplusOf(demandOf(seed, t)) < 0));
});

demand.run();
