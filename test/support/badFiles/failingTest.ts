/** One of two tests fails. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("is right", () => assert.is(1 + 1, 2));
sums("is wrong", () => assert.is(1 + 1, 3));
sums.run();
