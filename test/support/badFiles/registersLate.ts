/** Registers a test when the others have already been run. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums.run();
sums("would fail", () => assert.is(1 + 1, 3));
