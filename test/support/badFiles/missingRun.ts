/** The second suite is never run. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums.run();

const forgotten = suite("forgotten");
forgotten("would fail", () => assert.is(1 + 1, 3));
