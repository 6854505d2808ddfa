/** Declares more time than a file may take. */
// time limit: 601 s
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums.run();
