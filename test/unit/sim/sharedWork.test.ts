/** Sharing work between gateways changes what a seed costs, never what comes of it. */
// time limit: 300 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hashOf } from "../../../agent/core/hash.ts";
import { specOf } from "../../sim/chunk.ts";
import { runSeed, type SeedResult } from "../../sim/runSeed.ts";
import { MODES, type SeedSpec } from "../../sim/scenario.ts";
import { hashOf as hashOfSimulator } from "../../sim/shared/hash.ts";
import { sha256 } from "../../sim/shared/sha256.ts";
import { forgetSharedWork, shared } from "../../sim/shared/sharedWork.ts";
import { sharedWorkPlugin } from "../../sim/sharedWorkPlugin.ts";
import { withPlantedBug } from "../../support/plantedBug.ts";

const work = suite("shared work");

const SEEDS = [0, 1, 2, 3, 4];
/** A seed of mode "suspension" takes as long as all others together. */
const SHORT_MODES = MODES.filter((mode) => mode !== "suspension");

work("is done once for the same objects and for bytes of the same content", () => {
  let times = 0;
  const count = shared((_state: object, _bytes: Uint8Array | null, _round: number | null) => {
    times += 1;
    return times;
  });
  const state = {};
  assert.is(count(state, Uint8Array.of(1, 2), 0), 1);
  assert.is(count(state, Uint8Array.of(1, 2), 0), 1);
  assert.is(count(state, Uint8Array.of(1, 3), 0), 2);
  assert.is(count({}, Uint8Array.of(1, 2), 0), 3);
  assert.is(count(state, Uint8Array.of(1, 2), null), 4);
  assert.is(count(state, null, null), 5);
  forgetSharedWork();
  assert.is(count(state, Uint8Array.of(1, 2), 0), 6);
});

work("is done by everybody while nothing is shared", () => {
  let times = 0;
  const count = shared((_state: object) => {
    times += 1;
    return times;
  });
  const state = {};
  forgetSharedWork(false);
  assert.equal([count(state), count(state)], [1, 2]);
  forgetSharedWork(true);
  assert.equal([count(state), count(state)], [3, 3]);
});

work("takes a function's parameters alone: what a list's map adds changes nothing", () => {
  const double = shared((value: number) => 2 * value);
  assert.equal([1, 2, 1].map(double), [2, 4, 2]);
});

work("hashes as the core does", () => {
  for (const length of [0, 1, 55, 56, 64, 1_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index % 251);
    assert.is(hashOfSimulator(bytes), hashOf(bytes));
    assert.is(Buffer.from(sha256(bytes)).toString("hex"), hashOf(bytes));
  }
});

for (const mode of SHORT_MODES)
  work(`gives the results of seeds of mode ${mode} that share nothing`, async () => {
    const specs = SEEDS.map((seed) => specOf({ mode, members: null, byzantine: null }, seed));
    const apart = specs.map(runSeed);
    const together = await withPlantedBug(
      "test/sim/runSeed.ts",
      [],
      (module: { readonly runSeed: (spec: SeedSpec) => SeedResult }) => specs.map(module.runSeed),
      [sharedWorkPlugin()],
    );
    assert.equal(together, apart);
  });

work.run();
