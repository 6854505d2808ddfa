/** Asserts, but registers nothing. */
import * as assert from "uvu/assert";

assert.is(1 + 1, 2);
