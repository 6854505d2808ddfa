/** Its second test never ends and lets nothing else run. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums("spins", () => {
  for (;;);
});
sums.run();
