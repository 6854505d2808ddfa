/** Its `after.each` hook throws. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums.after.each(() => {
  throw new Error("hook broke");
});
sums("adds", () => assert.is(1 + 1, 2));
sums("adds again", () => assert.is(1 + 1, 2));
sums.run();
