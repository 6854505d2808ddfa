import { suite } from "uvu";
import * as assert from "uvu/assert";
import { playMixedRounds } from "../../../../support/mixedRounds.ts";

const mixed = suite("COMMITs of mixed rounds");

mixed("are sent for two blocks by a quorum each, every voter being honest", () => {
  const { commits, hashes } = playMixedRounds();
  const [a, b] = hashes;
  assert.equal(commits, [
    [0, "v1", a],
    [1, "v2", b],
    [2, "v3", a],
    [3, "v4", b],
    [4, "v2", a],
    [5, "v1", b],
  ]);
});

mixed("decide nothing", () => {
  assert.equal(playMixedRounds().decided, [null, null]);
});

mixed.run();
