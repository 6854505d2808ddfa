/** A promise that nobody awaits fails after its test has passed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("passes too early", () => {
  void Promise.resolve().then(() => assert.is(1 + 1, 3));
});
sums.run();
