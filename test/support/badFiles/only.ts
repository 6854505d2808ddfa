/** `.only` hides a failing test. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums.only("adds", () => assert.is(1 + 1, 2));
sums("would fail", () => assert.is(1 + 1, 3));
sums.run();
