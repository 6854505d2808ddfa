/** Its second test lets nothing else run, far beyond any limit; it ends at all so that nobody's crash leaves it spinning. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const SPIN_MS = 30_000;

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums("spins", () => {
  const endMs = performance.now() + SPIN_MS;
  while (performance.now() < endMs);
});
sums.run();
