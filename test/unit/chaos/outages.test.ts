import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Outage, planOutages } from "../../chaos/outages.ts";

const PLAN = { gateways: 7, durationMs: 600_000, seed: "1", downMost: 2, allAtOnce: 3 } as const;
const SEEDS = Array.from({ length: 50 }, (_, index) => String(index));

const outages = suite("planned outages");

outages("are the same for the same seed and others for another", () => {
  assert.equal(planOutages(PLAN), planOutages(PLAN));
  assert.not.equal(planOutages(PLAN), planOutages({ ...PLAN, seed: "2" }));
});

outages("leave no more down than allowed, and kill nobody who is down", () => {
  for (const seed of SEEDS) {
    const planned = planOutages({ ...PLAN, seed });
    for (const [index, outage] of planned.entries()) {
      const down = planned.slice(0, index).filter(({ upAtMs }) => upAtMs > outage.atMs);
      if (outage.gateway === null) continue;
      assert.ok(down.length < PLAN.downMost, `seed ${seed}: ${down.length} down at ${outage.atMs} ms`);
      assert.not(down.some(({ gateway }) => gateway === outage.gateway || gateway === null));
    }
  }
});

outages("start whoever is down when all are killed together with all", () => {
  for (const seed of SEEDS) {
    const planned = planOutages({ ...PLAN, seed });
    for (const all of planned.filter(isOfAll)) {
      const down = planned.filter((outage) => outage.atMs < all.atMs && outage.upAtMs > all.atMs);
      assert.ok(down.every(({ upAtMs }) => upAtMs === all.upAtMs));
    }
  }
});

outages("take all as often as asked for, also in a run of a minute", () => {
  for (const durationMs of [60_000, 600_000]) {
    for (const seed of SEEDS) assert.is(planOutages({ ...PLAN, seed, durationMs }).filter(isOfAll).length, 3);
  }
});

outages("come every 5 to 10 s, but where two are down or all are", () => {
  const planned = planOutages({ ...PLAN, downMost: 6, allAtOnce: 0 });
  for (const [index, { atMs, upAtMs }] of planned.entries()) {
    const pauseMs = atMs - (planned[index - 1]?.atMs ?? 0);
    assert.ok(pauseMs >= 5_000 && pauseMs <= 10_000, `${pauseMs} ms`);
    assert.ok(upAtMs - atMs >= 0 && upAtMs - atMs <= 8_000);
    assert.ok(atMs < PLAN.durationMs);
  }
  assert.ok(planned.length >= 60);
});

outages("are none when nobody may be down", () => {
  assert.equal(planOutages({ ...PLAN, downMost: 0, allAtOnce: 0 }), []);
});

outages.run();

function isOfAll({ gateway }: Outage): boolean {
  return gateway === null;
}
