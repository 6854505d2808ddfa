/** `.skip` hides a failing test. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums.skip("would fail", () => assert.is(1 + 1, 3));
sums.run();
